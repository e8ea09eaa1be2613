"""A backup never lies in what it holds, nor where the hub serves files or keeps its keys."""

import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cms import signing

pytestmark = pytest.mark.django_db(transaction=True)
OWN = ("MEDIA_ROOT", "STATIC_ROOT", "KEY_DIR")


@pytest.fixture(autouse=True)
def own(settings, tmp_path):
    """Give the hub folders of its own, one of them behind a link, with a file and a key in them."""
    for name in OWN:
        (tmp_path / name).mkdir()
        setattr(settings, name, str(tmp_path / name))
    (tmp_path / "elsewhere").symlink_to(tmp_path / "MEDIA_ROOT")
    (tmp_path / "MEDIA_ROOT" / "images").mkdir()
    (tmp_path / "MEDIA_ROOT" / "images" / "a.png").write_bytes(b"picture")
    signing.ensure_key()


def everything(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


@pytest.mark.parametrize(
    "place", [*OWN, "MEDIA_ROOT/inside", "KEY_DIR/a/b", "STATIC_ROOT/c", "elsewhere/inside"]
)
@pytest.mark.parametrize("with_keys", [False, True], ids=["alone", "with keys"])
def test_no_backup_is_made_in_the_hubs_own_folders(place, with_keys, tmp_path):
    before = everything(tmp_path)
    with pytest.raises(CommandError, match="请改用其外的文件夹"):
        call_command("backup", str(tmp_path / place), keys=tmp_path / "kept" if with_keys else None)
    assert everything(tmp_path) == before


@pytest.mark.parametrize("place", ["MEDIA_ROOT/kept", "KEY_DIR", "elsewhere/kept"])
def test_no_copy_of_the_keys_is_put_where_it_is_served_or_where_they_lie(place, tmp_path):
    before = everything(tmp_path)
    with pytest.raises(CommandError, match="请改用其外的文件夹"):
        call_command("backup", str(tmp_path / "backup"), keys=tmp_path / place)
    assert everything(tmp_path) == before


def test_a_backup_that_lies_in_the_media_folder_is_moved_before_it_is_restored(tmp_path):
    call_command("backup", str(tmp_path / "backup"))
    inside = shutil.move(tmp_path / "backup", tmp_path / "MEDIA_ROOT" / "inside")
    with pytest.raises(CommandError, match="请改用其外的文件夹"):
        call_command("restore", str(inside), replace=True)
    call_command("restore", str(shutil.move(inside, tmp_path / "backup")), replace=True)
