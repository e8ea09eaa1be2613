"""Pictures as platforms take them: small enough, upright, without metadata."""

import io

import PIL.Image
import pytest
from django.core.files.base import ContentFile

from cms import blobs
from cms.document.model import Asset
from publishers.engine.pictures import EnginePicture
from publishers.interface import Rejected
from tests.factories import picture_bytes

pytestmark = pytest.mark.django_db
MEGABYTE = 1_000_000


def picture(content: bytes, name="a.jpg") -> EnginePicture:
    blob = blobs.store(ContentFile(content, name=name))
    asset = Asset(mime=blob.mime, size=blob.size, width=blob.width, height=blob.height)
    return EnginePicture(blob.sha256, asset)


def saved(image: PIL.Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(content: bytes) -> PIL.Image.Image:
    return PIL.Image.open(io.BytesIO(content))


def noise(size) -> PIL.Image.Image:
    return PIL.Image.effect_noise(size, 120).convert("RGB")


def test_a_large_photo_is_made_narrow_and_small():
    made = picture(saved(noise((2400, 1600)), "JPEG", quality=95)).jpeg(max_bytes=300_000, max_width=1080)
    assert len(made) <= 300_000 and opened(made).format == "JPEG" and opened(made).width <= 1080


def test_a_photo_turned_by_its_camera_is_turned_upright_and_says_nothing_of_the_camera():
    exif = PIL.Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x8825] = 6, "Camera", {1: "N"}
    made = opened(picture(saved(noise((600, 400)), "JPEG", exif=exif)).jpeg(max_bytes=MEGABYTE))
    assert made.size == (400, 600)
    assert not made.getexif() and "exif" not in made.info and "comment" not in made.info


def test_a_drawing_stays_sharp_as_png():
    drawing = PIL.Image.new("RGB", (900, 600), "white")
    drawing.paste("black", (100, 100, 101, 500))
    made = opened(picture(saved(drawing, "PNG"), "a.png").jpeg(max_bytes=MEGABYTE))
    assert made.format == "PNG" and made.size == (900, 600)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "JPEG"])
def test_every_kind_becomes_jpeg_or_png(kind):
    made = picture(picture_bytes(kind=kind), f"a.{kind.lower()}").jpeg(max_bytes=MEGABYTE)
    assert opened(made).format in {"JPEG", "PNG"}


def test_what_shines_through_becomes_white():
    clear = PIL.Image.new("RGBA", (50, 50), (200, 0, 0, 0))
    made = opened(picture(saved(clear, "PNG"), "a.png").jpeg(max_bytes=MEGABYTE))
    assert made.convert("RGB").getpixel((25, 25)) == (255, 255, 255)


def test_a_picture_that_cannot_be_made_small_enough_is_the_editors():
    with pytest.raises(Rejected) as refusal:
        picture(saved(noise((800, 800)), "JPEG")).jpeg(max_bytes=500)
    assert refusal.value.reason


def test_the_public_address_is_absolute_and_the_hash(settings):
    settings.PUBLIC_URL = "https://hub.example.cn"
    made = picture(picture_bytes())
    assert made.public_url == f"https://hub.example.cn/b/{made.sha256}"
