"""Pictures in a file: what is taken, as what it is stored, and what it tells no longer."""

import contextlib
import hashlib
from io import BytesIO

import PIL.Image
import PIL.ImageCms
import pillow_heif
import pytest
from django.utils import translation

from cms.ingest.pictures import Pictures, Unsupported
from cms.refusals import Refused
from tests.factories import picture_bytes


@pytest.mark.parametrize(
    ("kind", "stored"), [("BMP", "PNG"), ("TIFF", "PNG"), ("GIF", "GIF"), ("WEBP", "WEBP")]
)
def test_pictures_of_office_programs_are_stored_as_the_desk_takes_them(kind, stored):
    with Pictures() as pictures:
        pictures.take(BytesIO(picture_bytes((40, 30), kind=kind)))
        [picture] = pictures
        with PIL.Image.open(picture.path) as opened:
            assert (opened.format, opened.size) == (stored, (40, 30))


def test_a_photo_with_others_behind_it_is_stored_as_the_first_with_its_orientation():
    out, exif = BytesIO(), PIL.Image.Exif()
    exif[0x0112] = 6
    photo = PIL.Image.new("RGB", (40, 30), "#b3261e")
    photo.save(out, "MPO", save_all=True, append_images=[PIL.Image.new("RGB", (40, 30))], exif=exif)
    with Pictures() as pictures:
        pictures.take(BytesIO(out.getvalue()))
        [picture] = pictures
        with PIL.Image.open(picture.path) as opened:
            assert (opened.format, opened.getexif()[0x0112]) == ("JPEG", 6)
            assert opened.convert("RGB").getpixel((20, 15))[0] > 150


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "MPO"])
def test_a_photo_in_a_file_tells_nothing_of_where_it_was_taken(kind):
    out, exif = BytesIO(), PIL.Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x8825] = 6, "Camera", {1: "N", 2: (23.0, 7.0, 0.0)}
    PIL.Image.effect_noise((60, 40), 50).convert("RGB").save(out, kind, exif=exif)
    with Pictures() as pictures:
        named = {pictures.take(BytesIO(out.getvalue())) for _ in range(2)}
        [picture] = pictures
        content = picture.path.read_bytes()
        assert named == {picture.sha256} == {hashlib.sha256(content).hexdigest()}
        assert b"Camera" not in content
        with PIL.Image.open(picture.path) as opened:
            assert not opened.getexif().get_ifd(0x8825)


def test_a_phones_own_kind_in_a_file_is_stored_as_a_jpeg():
    out = BytesIO()
    pillow_heif.from_pillow(PIL.Image.new("RGB", (64, 48), "#b3261e")).save(out, quality=90)
    with Pictures() as pictures:
        pictures.take(BytesIO(out.getvalue()))
        [picture] = pictures
        with PIL.Image.open(picture.path) as opened:
            assert (picture.suffix, opened.format, opened.size) == ("jpg", "JPEG", (64, 48))
            assert opened.convert("RGB").getpixel((20, 15))[0] > 150


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"8BPS" + bytes(600), "is PSD, which is not taken here"),
        (picture_bytes((40, 30), kind="PNG")[:60], "damaged"),
        (b"no picture at all" * 9, "damaged"),
    ],
)
def test_a_picture_of_a_kind_that_is_not_taken_is_not_called_damaged(content, said):
    with translation.override("en"), Pictures() as pictures, pytest.raises(Refused, match=said):
        pictures.take(BytesIO(content))


@pytest.mark.parametrize(
    "start",
    [
        bytes(40) + b" EMF",
        b"\xd7\xcd\xc6\x9a",
        b"\x01\x00\x09\x00",
        b"\x02\x00\x09\x00",
        b"\x1f\x8b",
        b'<?xml version="1.0"?><svg>',
        b"<SVG>",
    ],
)
def test_a_drawing_is_told_from_a_damaged_picture(start):
    with Pictures() as pictures, pytest.raises(Unsupported):
        pictures.take(BytesIO(start + bytes(600)))


def test_a_picture_that_is_stored_anew_keeps_what_is_transparent_and_what_its_colours_mean():
    profile = PIL.ImageCms.ImageCmsProfile(PIL.ImageCms.createProfile("sRGB")).tobytes()
    out = BytesIO()
    PIL.Image.new("RGBA", (40, 30), (179, 38, 30, 0)).save(out, "TIFF", icc_profile=profile)
    with Pictures() as pictures:
        pictures.take(BytesIO(out.getvalue()))
        [picture] = pictures
        with PIL.Image.open(picture.path) as opened:
            assert (opened.format, opened.mode, opened.getpixel((0, 0))[3]) == ("PNG", "RGBA", 0)
            assert opened.info["icc_profile"] == profile


def test_a_file_holds_no_more_pictures_and_none_larger_than_are_taken(monkeypatch, settings):
    monkeypatch.setattr("cms.ingest.pictures.MAX_PICTURES", 2)
    content = [picture_bytes((40, 30), colour) for colour in ("#b3261e", "#2f6b4f", "#1f5f8b")]
    settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE = max(map(len, content))
    with Pictures() as pictures, translation.override("en"):
        for place in (0, 1, 0, 1):
            pictures.take(BytesIO(content[place]))
        with pytest.raises(Refused, match="more than 2 pictures"):
            pictures.take(BytesIO(content[2]))
    settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE = len(content[0]) - 1
    with Pictures() as pictures, translation.override("en"), pytest.raises(Refused, match="larger than"):
        pictures.take(BytesIO(content[0]))


def test_a_moving_picture_counts_every_one_of_its_pictures(settings):
    out, frames = BytesIO(), [PIL.Image.new("RGB", (40, 30), colour) for colour in ("#b3261e", "#2f6b4f")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    for limit, is_taken in ((2 * 40 * 30, True), (2 * 40 * 30 - 1, False)):
        settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS = limit
        with Pictures() as pictures, contextlib.suppress(Refused):
            pictures.take(BytesIO(out.getvalue()))
        assert bool(len(pictures)) is is_taken


def test_a_converted_picture_that_comes_twice_is_stored_once():
    with Pictures() as pictures:
        first, second = (pictures.take(BytesIO(picture_bytes((40, 30), kind="BMP"))) for _ in range(2))
        assert first == second and len(pictures) == 1
