"""What is kept of a picture that somebody uploads."""

import os
import random
import shutil
import struct
import subprocess
import sys
import zlib
from io import BytesIO

import pillow_heif
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image
from wagtail.images import get_image_model

from tests.factories import picture_bytes

pytestmark = pytest.mark.django_db
GPS, MAKE, ORIENTATION = 0x8825, 0x010F, 0x0112
PROFILE = b"what the colours mean"


def photo(kind="JPEG", **options) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKE], exif[GPS] = 6, "Camera", {1: "N", 2: (23.0, 7.0, 0.0)}
    out = BytesIO()
    grain = random.Random(24)  # the same grain each time: how far a colour may move depends on it
    grey = Image.frombytes("L", (60, 40), bytes(grain.randrange(78, 178) for _ in range(60 * 40)))
    grey.convert("RGB").save(out, kind, exif=exif, **options)
    return out.getvalue()


def heic() -> bytes:
    out = BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (64, 64), "teal")).save(out, quality=90)
    return out.getvalue()


@pytest.fixture
def upload(cast, client):
    client.force_login(cast.editor)

    def send(name: str, content: bytes):
        said = {
            "title": "夜校的窗",
            "file": SimpleUploadedFile(name, content),
            "collection": cast.office.collection.pk,
        }
        response = client.post(reverse("wagtailimages:add"), said)
        assert response.status_code == 302, response.context["form"].errors
        return get_image_model().objects.get()

    return send


@pytest.mark.parametrize(("name", "kind"), [("a.jpg", "JPEG"), ("a.png", "PNG"), ("a.webp", "WEBP")])
def test_a_photo_keeps_which_way_is_up_and_nothing_of_where_it_was_taken(upload, name, kind):
    content = photo(kind)
    stored = upload(name, content).file.read()
    assert b"Camera" in content and b"Camera" not in stored
    with Image.open(BytesIO(stored)) as picture:
        exif = picture.getexif()
        assert (picture.format, dict(exif)) == (kind, {ORIENTATION: 6})
        assert not exif.get_ifd(GPS)


@pytest.mark.parametrize(
    ("kind", "told"), [("JPEG", "xmp"), ("WEBP", "xmp"), ("JPEG", "comment")], ids=lambda value: value
)
def test_what_other_programs_noted_in_a_picture_goes_as_well(upload, kind, told):
    out = BytesIO()
    Image.new("RGB", (60, 40), "teal").save(out, kind, **{told: b"<x>23.1291 N, 113.2644 E</x>"})
    assert b"113.2644" in out.getvalue()
    assert b"113.2644" not in upload(f"a.{kind.lower()}", out.getvalue()).file.read()


def test_what_an_agency_wrote_in_a_photo_goes_as_well(upload):
    words = b"\x1c\x02\x5a" + struct.pack(">H", 8) + b"113.2644"  # IPTC: the city
    block = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + struct.pack(">I", len(words)) + words
    told = b"\xff\xed" + struct.pack(">H", len(block) + 3) + block + b"\0"
    plain = picture_bytes((60, 40))
    assert b"113.2644" not in upload("a.jpg", plain[:2] + told + plain[2:]).file.read()


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


@pytest.mark.parametrize("at", [33, -12], ids=["before the pixels", "after them"])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        (b"tEXt", b"Author\0Li 113.2644"),
        (b"zTXt", b"Comment\0\0" + zlib.compress(b"113.2644")),
        (b"iTXt", b"Comment\0\0\0zh\0\0" + b"113.2644"),
        (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x>113.2644</x>"),
        (b"eXIf", b"MM\0*\0\0\0\x08\0\x01\x01\x0f\0\x02\0\0\0\x04Cam\0\0\0\0\0"),
    ],
    ids=["tEXt", "zTXt", "iTXt", "XMP", "EXIF"],
)
def test_what_a_png_says_in_words_goes_as_well(upload, name, content, at):
    plain = picture_bytes((60, 40), kind="PNG")
    told = chunk(name, content)
    stored = upload("a.png", plain[:at] + told + plain[at:]).file.read()
    assert told not in stored and name not in stored
    with Image.open(BytesIO(stored)) as picture, Image.open(BytesIO(plain)) as before:
        assert picture.tobytes() == before.tobytes() and not picture.text


@pytest.mark.parametrize(
    "told", [b"!\xfe\x08113.2644\0", b"!\xff\x0bXMP DataXMP\x08113.2644\0"], ids=["comment", "XMP"]
)
def test_what_a_gif_says_beside_its_picture_goes_as_well(upload, told):
    plain = picture_bytes((60, 40), kind="GIF")
    at = 13 + 3 * 2 ** ((plain[10] & 7) + 1)  # after the header and its palette
    assert b"113.2644" not in upload("a.gif", plain[:at] + told + plain[at:]).file.read()


def test_a_photos_colours_and_pixels_stay(upload):
    content = photo(icc_profile=PROFILE, quality=90)
    stored = upload("a.jpg", content).file.read()
    with Image.open(BytesIO(content)) as before, Image.open(BytesIO(stored)) as after:
        assert after.info["icc_profile"] == PROFILE
        differ = max(abs(a - b) for a, b in zip(before.tobytes(), after.tobytes(), strict=True))
        assert before.quantization == after.quantization and differ < 8


def test_a_picture_that_tells_nothing_is_kept_to_the_byte(upload):
    out = BytesIO()
    Image.new("RGB", (60, 40), "teal").save(out, "JPEG")
    assert upload("a.jpg", out.getvalue()).file.read() == out.getvalue()


# Another process of a hub, in which nobody has installed what reads HEIC.
WITHOUT_HEIC = """
import sys
sys.modules["pillow_heif"] = None
import django
django.setup()
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.utils import setup_test_environment
setup_test_environment()
client = Client()
client.force_login(get_user_model().objects.create_superuser("chief"))
content = sys.stdin.buffer.read()
for name in ("a.heic", "a.jpg"):
    file = SimpleUploadedFile(name, content)
    page = client.post("/admin/images/add/", {"title": "窗", "file": file, "collection": 1})
    print(*page.context["form"].errors["file"])
from io import BytesIO
from cms.ingest.pictures import Pictures
from cms.refusals import Refused
with Pictures() as pictures:
    try:
        pictures.take(BytesIO(content))
    except Refused as refused:
        print(refused)
"""


def test_without_what_reads_it_a_phones_own_kind_is_refused_with_what_to_do(migrated_file, tmp_path):
    shutil.copy(migrated_file, tmp_path / "hub.sqlite3")
    env = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    env |= {"HUB_DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}
    ran = subprocess.run([sys.executable, "-c", WITHOUT_HEIC], input=heic(), env=env, capture_output=True)
    said = ran.stdout.decode().splitlines()
    assert len(said) == 3, ran.stderr.decode()
    assert all("JPEG" in sentence and "HEIC" in sentence and "管理员" in sentence for sentence in said)


def test_a_phones_own_kind_becomes_a_jpeg(upload):
    image = upload("a.heic", heic())
    assert image.file.name.endswith(".jpg")
    with Image.open(BytesIO(image.file.read())) as picture:
        assert (picture.format, picture.size) == ("JPEG", (64, 64))
