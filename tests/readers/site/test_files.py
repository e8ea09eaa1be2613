"""Pictures and files: those of public articles, byte for byte as they were signed off, and no others."""

import datetime as dt
import io
import logging

import pytest
import time_machine
from django.core.files.images import ImageFile
from PIL import Image, ImageCms
from wagtail.images import get_image_model

from cms import releases
from cms.articles import Story
from cms.document.build import build
from cms.document.model import Focus
from cms.media import blobs
from cms.media.addresses import cover_path
from readers.models import ReadingAsset
from tests.factories import make_document, make_image, make_story, picture_bytes
from tests.factories_release import make_release

SIZE = (900, 600)


def article_with(cast, *body, **fields):
    story = make_story(cast.section, cast.editor, body=list(body), **fields)
    return make_release(story), story


def image_block(image):
    return ("image", {"image": image, "alt": "书架", "credit": "李梅摄", "caption": ""})


@pytest.fixture
def picture(cast) -> str:
    """The SHA-256 of a public picture, 900 pixels wide."""
    release, _story = article_with(cast, image_block(make_image(size=SIZE)))
    [sha256] = releases.document(release).named_assets()
    return sha256


def body(response) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def opened(response) -> Image.Image:
    return Image.open(io.BytesIO(body(response)))


def test_a_public_picture_is_served_as_it_was_signed_off(picture, reader):
    response = reader.get(f"/b/{picture}")
    assert body(response) == blobs.read_blob(picture) == picture_bytes(SIZE)
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in response["Cache-Control"] and "max-age=31536000" in response["Cache-Control"]
    assert "sandbox" in response["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("accept", "kind"), [("image/avif,image/webp,*/*", "WEBP"), ("*/*", "JPEG"), ("", "JPEG")]
)
def test_a_picture_comes_in_the_width_and_form_that_the_browser_takes(picture, reader, accept, kind):
    response = reader.get(f"/b/{picture}/360", headers={"accept": accept})
    assert response["Vary"] == "Accept"
    small = opened(response)
    assert (small.format, small.size) == (kind, (360, 240))


@pytest.mark.parametrize("address", ["whole", "in a width", "cover"])
def test_whatever_is_served_of_a_file_is_kept_for_a_year_and_runs_nothing(picture, reader, address):
    response = reader.get(ADDRESSES[address](picture))
    assert "immutable" in response["Cache-Control"] and "max-age=31536000" in response["Cache-Control"]
    assert "default-src 'none'; sandbox" in response["Content-Security-Policy"]


def test_a_picture_is_never_enlarged(picture, reader):
    assert opened(reader.get(f"/b/{picture}/1440")).size == SIZE


@pytest.mark.parametrize("width", [0, 1, 361, 100000, 10**30])
def test_only_the_fixed_widths_are_made(picture, reader, width, media):
    assert reader.get(f"/b/{picture}/{width}").status_code == 404
    assert not (media / "renditions").exists()


def test_a_cover_has_an_address_for_each_shape_that_only_the_hub_can_make(picture, reader):
    address = cover_path(picture, Focus(x=1000, y=500), (400, 400))
    response = reader.get(address)
    assert (opened(response).format, opened(reader.get(address)).size) == ("JPEG", (400, 400))
    assert "immutable" in response["Cache-Control"]
    assert reader.get(address.replace("400x400", "401x401")).status_code == 404
    assert reader.get(address.replace("-500/", "-501/")).status_code == 404
    assert reader.get(address[:-1] + ("0" if address[-1] != "0" else "1")).status_code == 404


@pytest.mark.parametrize(("axis", "size", "half"), [("x", SIZE, (450, 0)), ("y", SIZE[::-1], (0, 450))])
def test_each_focal_point_has_a_cut_of_its_own(cast, reader, axis, size, half):
    halves = Image.new("RGB", size, "#000000")
    halves.paste("#ffffff", (*half, *size))
    out = io.BytesIO()
    halves.save(out, "JPEG")
    file = ImageFile(io.BytesIO(out.getvalue()), name="halves.jpg")
    image = get_image_model().objects.create(title="两半", file=file)
    release, _story = article_with(cast, image_block(image))
    [sha256] = releases.document(release).named_assets()
    addresses = [cover_path(sha256, Focus(**{axis: at}), (200, 200)) for at in (0, 1000, 0)]
    shown = [opened(reader.get(address)).convert("L").getpixel((100, 100)) for address in addresses]
    assert [level > 127 for level in shown] == [False, True, False]


def test_the_cover_of_an_article_that_is_not_public_has_no_address(cast, reader):
    sha256 = (
        build(make_story(cast.section, cast.editor, body=[image_block(make_image())]))
        .document.named_assets()
        .pop()
    )
    assert reader.get(cover_path(sha256, Focus(), (400, 400))).status_code == 404


def test_a_smaller_picture_says_nothing_of_where_it_was_taken(cast, reader):
    turned = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # on its side
    exif[0x8825] = {1: "N", 2: (23.0, 7.0, 0.0)}
    Image.new("RGB", (400, 200), "#b3261e").save(turned, "JPEG", exif=exif)
    file = ImageFile(io.BytesIO(turned.getvalue()), name="phone.jpg")
    image = get_image_model().objects.create(title="手机照片", file=file)
    release, _story = article_with(cast, image_block(image))
    [sha256] = releases.document(release).named_assets()
    shown = opened(reader.get(f"/b/{sha256}/360"))
    assert shown.size == (200, 400), "upright"
    assert not shown.getexif()


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_smaller_picture_has_the_colours_that_the_files_own_profile_means(cast, reader, kind):
    """The PNG can be seen through, and stays so where the reader's browser takes WebP."""
    # A profile whose "green" is what a screen calls red tells at once whether it was read.
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = swapped.replace(b"rXYZ", b"tmp!").replace(b"gXYZ", b"rXYZ").replace(b"tmp!", b"gXYZ")
    out = io.BytesIO()
    picture = Image.new("RGBA", SIZE, (0, 255, 0, 200)) if kind == "PNG" else Image.new("RGB", SIZE, "lime")
    picture.save(out, kind, icc_profile=swapped)
    image = get_image_model().objects.create(title="窗", file=ImageFile(out, name=f"window.{kind.lower()}"))
    release, _story = article_with(cast, image_block(image))
    [sha256] = releases.document(release).named_assets()
    for address in (f"/b/{sha256}/360", cover_path(sha256, Focus(), (200, 200))):
        shown = opened(reader.get(address, headers={"accept": "image/webp"}))
        red, green, _blue = shown.convert("RGB").getpixel((100, 100))
        assert red > 200 > 100 > green and "icc_profile" not in shown.info, address
    if kind == "PNG":
        shown = opened(reader.get(f"/b/{sha256}/360", headers={"accept": "image/webp"}))
        assert shown.getchannel("A").getpixel((100, 100)) == 200


def test_an_attachment_is_downloaded_under_its_name_and_never_opened_as_a_page(cast, reader):
    document = make_document(content=b"<script>alert(1)</script>", filename="申请表.pdf")
    release, story = article_with(cast, ("attachment", {"document": document, "title": "申请表"}))
    [sha256] = releases.document(release).named_assets()
    assert f'href="/b/{sha256}"' in reader.get(f"/a/{story.pk}/").content.decode()
    response = reader.get(f"/b/{sha256}")
    assert body(response) == b"<script>alert(1)</script>"
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith(
        "attachment; filename*=utf-8''%E7%94%B3%E8%AF%B7%E8%A1%A8"
    )
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    for name in ("in a width", "cover"):
        assert reader.get(ADDRESSES[name](sha256)).status_code == 404, "an attachment is no picture"


@pytest.mark.parametrize("name", ["a.svg", "a.html", "a.xhtml", "a.xml", "a.js", "a.pdf"])
def test_what_could_run_in_a_browser_is_downloaded_whatever_it_is_called(cast, reader, name):
    document = make_document(content=b"<svg><script>alert(1)</script></svg>", filename=name)
    release, _story = article_with(cast, ("attachment", {"document": document, "title": "图"}))
    [sha256] = releases.document(release).named_assets()
    response = reader.get(f"/b/{sha256}")
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    assert reader.get(f"/b/{sha256}/360").status_code == 404


def test_nothing_but_public_files_is_served(cast, reader, in_an_hour, media):
    upload = make_image(title="没有用上的")
    unused = blobs.store(upload.file).sha256
    assert reader.get(f"/b/{unused}").status_code == 404
    assert reader.get(f"/b/{unused}/360").status_code == 404
    later = make_story(cast.section, cast.editor, body=[image_block(make_image(colour="#1f5f8b"))])
    [soon] = releases.document(make_release(later, public_from=in_an_hour)).named_assets()
    assert reader.get(f"/b/{soon}").status_code == 404
    with time_machine.travel(in_an_hour + dt.timedelta(seconds=1), tick=False):
        assert reader.get(f"/b/{soon}").status_code == 200
    for address in (
        f"/media/{upload.file.name}",
        f"/admin/media/{upload.file.name}",
        f"/media/blobs/{unused[:2]}/{unused}",
        "/b/..%2f..%2fmanage.py",
        f"/b/{unused.upper()}",
    ):
        assert reader.get(address).status_code in (302, 404), address


def test_a_picture_that_a_correction_took_out_is_not_served_any_more(cast, reader, picture):
    story = Story.objects.get().get_latest_revision_as_object()
    story.body = [("paragraph", "<p>照片应本人要求撤下。</p>")]
    story.save_revision(user=cast.editor)
    make_release(story)
    assert reader.get(f"/b/{picture}").status_code == 404
    assert reader.get(f"/b/{picture}/360").status_code == 404


ADDRESSES = {
    "whole": lambda sha256: f"/b/{sha256}",
    "in a width": lambda sha256: f"/b/{sha256}/720",
    "cover": lambda sha256: cover_path(sha256, Focus(), (400, 400)),
}


def replace(sha256: str, with_bytes: bytes | None) -> None:
    file = blobs.path(sha256)
    file.chmod(0o600)
    if with_bytes is None:
        file.unlink()
    else:
        file.write_bytes(with_bytes)


@pytest.mark.parametrize("forged", [picture_bytes(SIZE, "#000000"), b"", None])
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_picture_that_was_replaced_on_the_disk_is_refused_and_noted(
    picture, reader, caplog, forged, address
):
    replace(picture, forged)
    with caplog.at_level(logging.ERROR):
        assert reader.get(ADDRESSES[address](picture)).status_code == 404
    assert picture in caplog.text


@pytest.mark.parametrize(
    "tamper", [lambda kept: picture_bytes((360, 240), "#000000"), lambda kept: kept[:64] + b"x"]
)
def test_a_smaller_picture_that_was_replaced_is_made_again(picture, reader, media, tamper):
    good = body(reader.get(f"/b/{picture}/360"))
    [kept] = [file for file in (media / "renditions").rglob("*") if file.is_file()]
    kept.write_bytes(tamper(kept.read_bytes()))
    assert body(reader.get(f"/b/{picture}/360")) == good


def test_one_pictures_smaller_form_does_not_pass_for_anothers(cast, reader, media):
    release, _ = article_with(
        cast, *(image_block(make_image(colour=c, size=SIZE)) for c in ("#111111", "#eeeeee"))
    )
    one, two = releases.document(release).named_assets()
    good = body(reader.get(f"/b/{one}/360"))
    other = body(reader.get(f"/b/{two}/360"))
    [first], [second] = (list((media / "renditions").rglob(f"{sha256}-*")) for sha256 in (one, two))
    first.write_bytes(second.read_bytes())
    assert body(reader.get(f"/b/{one}/360")) == good != other


def test_the_index_of_files_opens_nothing_by_itself(cast, reader, picture):
    secret = blobs.store(make_image(colour="#123456").file).sha256
    ReadingAsset.objects.create(reading=ReadingAsset.objects.get().reading, sha256=secret)
    assert reader.get(f"/b/{secret}").status_code == 404
