import stat

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from cms import signing


@pytest.fixture(autouse=True)
def key_dir(settings, tmp_path):
    settings.KEY_DIR = tmp_path / "keys"
    return settings.KEY_DIR


def test_a_signature_verifies_and_one_changed_byte_does_not():
    signing.ensure_key()
    key_id, signature = signing.sign(b"as approved")
    assert signing.verify(key_id, b"as approved", signature)
    assert not signing.verify(key_id, b"as approveD", signature)
    assert not signing.verify(key_id, b"as approved", bytes(64))


def test_the_key_is_made_once_and_only_its_owner_can_read_it():
    made = signing.ensure_key()
    assert signing.ensure_key() == made
    assert stat.S_IMODE(signing.key_file().stat().st_mode) == 0o600
    assert [key["key_id"] for key in signing.public_keys()] == [made]


def test_old_signatures_verify_after_the_key_was_changed(key_dir):
    signing.ensure_key()
    old, signature = signing.sign(b"old")
    signing.key_file().rename(key_dir / "moved away")
    signing._private_key.cache_clear()  # another process would not know the old key
    new = signing.ensure_key()
    assert new != old
    assert signing.verify(old, b"old", signature)
    assert not signing.verify(new, b"old", signature)
    assert {key["key_id"] for key in signing.public_keys()} == {old, new}


@pytest.mark.parametrize("key_id", ["", "../../etc/passwd", "0" * 16, "0" * 15 + "\n"])
def test_an_unknown_key_verifies_nothing(key_id):
    signing.ensure_key()
    assert not signing.verify(key_id, b"", bytes(64))


def test_a_public_key_under_another_name_is_not_trusted(key_dir):
    key_id = signing.ensure_key()
    _, signature = signing.sign(b"text")
    (key_dir / f"{key_id}.pub").rename(key_dir / f"{'a' * 16}.pub")
    with pytest.raises(ImproperlyConfigured):
        signing.verify("a" * 16, b"text", signature)


def test_without_a_key_nothing_is_signed():
    with pytest.raises(ImproperlyConfigured, match="bootstrap"):
        signing.sign(b"text")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["signing.pem", "0123456789abcdef.pub"])
def test_a_file_that_holds_no_key_is_named(name, key_dir):
    key_dir.mkdir()
    (key_dir / name).write_text("cut short")
    with pytest.raises(ImproperlyConfigured, match=name):
        signing.public_keys()
        signing.ensure_key()


@pytest.mark.django_db
@pytest.mark.parametrize("mode", [0o640, 0o604], ids=oct)
def test_the_checks_name_a_missing_key_and_one_that_others_can_read(mode):
    with pytest.raises(SystemCheckError, match=r"cms\.E003"):
        call_command("check", "--deploy")
    signing.ensure_key()
    signing.key_file().chmod(mode)
    with pytest.raises(SystemCheckError, match=r"cms\.E002"):
        call_command("check")
