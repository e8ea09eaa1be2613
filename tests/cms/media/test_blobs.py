import hashlib
import io

import PIL.Image
import pytest
from django.core.files.base import ContentFile

from cms.media import blobs

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def picture() -> ContentFile:
    written = io.BytesIO()
    PIL.Image.new("RGB", (30, 20), "#b3261e").save(written, "PNG")
    return ContentFile(written.getvalue(), name="kapok.png")


def test_a_stored_picture_comes_back_byte_for_byte_with_its_facts():
    file = picture()
    blob = blobs.store(file)
    stored = blobs.read_blob(blob.sha256)
    assert hashlib.sha256(stored).hexdigest() == blob.sha256
    assert (blob.mime, blob.size, blob.width, blob.height) == ("image/png", len(stored), 30, 20)
    with blobs.open(blob.sha256) as opened:
        assert opened.read() == stored


def test_the_same_bytes_are_stored_once():
    assert blobs.store(picture()) == blobs.store(picture())
    assert len([file for file in blobs._root().rglob("*") if file.is_file()]) == 1


@pytest.mark.parametrize("take", [blobs.read_blob, blobs.open])
def test_replaced_bytes_are_never_handed_out_and_storing_again_mends_them(take):
    blob = blobs.store(picture())
    take(blob.sha256)
    file = blobs.path(blob.sha256)
    good = file.read_bytes()
    file.chmod(0o600)
    file.write_bytes(good[:-1] + b"x")
    with pytest.raises(blobs.Damaged):
        take(blob.sha256)
    blobs.store(picture())
    take(blob.sha256)
    file.unlink()
    with pytest.raises(blobs.Damaged):
        take(blob.sha256)
    blobs.store(picture())
    take(blob.sha256)


def test_an_attachment_has_the_type_of_its_name():
    blob = blobs.store(ContentFile(b"%PDF-1.7", name="form.pdf"))
    assert (blob.mime, blob.width) == ("application/pdf", None)


@pytest.mark.parametrize("name", ["../../settings", "A" * 64, "a" * 63 + "/", ""])
def test_only_a_hash_names_a_blob(name):
    with pytest.raises(ValueError, match="no SHA-256"):
        blobs.path(name)
