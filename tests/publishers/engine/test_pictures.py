"""Pictures as platforms take them: small enough, upright, without metadata."""

import io
import os
import struct
from concurrent.futures import ThreadPoolExecutor

import PIL.ExifTags
import PIL.Image
import pytest
import requests
from django.core.files.base import ContentFile
from PIL import ImageCms

from cms import releases, signing
from cms.document.model import Asset
from cms.media import blobs
from publishers.engine.outcomes import Forged
from publishers.engine.pictures import EnginePicture
from publishers.interface import Rejected
from tests.factories import TEXT, make_image, make_story, picture_bytes
from tests.factories_release import make_release

pytestmark = pytest.mark.django_db
MEGABYTE = 1_000_000
WANTED = {"max_bytes": MEGABYTE, "max_width": 300}


@pytest.fixture(autouse=True)
def key(settings, tmp_path):
    settings.KEY_DIR = tmp_path / "keys"
    signing.ensure_key()


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


def halves(left, right, size=(400, 200)) -> PIL.Image.Image:
    drawn = PIL.Image.new("RGB", size, left)
    drawn.paste(right, (size[0] // 2, 0, *size))
    return drawn


@pytest.mark.parametrize(
    ("focus", "colour"), [((0, 500), (255, 0, 0)), ((1000, 500), (0, 0, 255))], ids=["left", "right"]
)
def test_a_cover_is_cut_around_its_focal_point(focus, colour):
    photo = picture(saved(halves("red", "blue", (2000, 1000)), "PNG"), "a.png")
    made = opened(photo.cropped(focus, (500, 500), max_bytes=MEGABYTE)).convert("RGB")
    assert made.size == (500, 500)
    assert [made.getpixel(at) for at in ((5, 5), (494, 494))] == [colour, colour]


def test_a_photo_on_its_side_is_turned_before_it_is_cut():
    exif = PIL.Image.Exif()
    exif[0x0112] = 6  # a quarter turn to the right: what is left in the file is on top
    photo = picture(saved(halves("red", "blue"), "JPEG", exif=exif, quality=95))
    made = opened(photo.cropped((500, 0), (100, 100), max_bytes=MEGABYTE)).convert("RGB")
    assert made.size == (100, 100) and made.getpixel((50, 50))[0] > 200 > 50 > made.getpixel((50, 50))[2]


def test_a_small_cover_is_not_enlarged():
    assert (
        opened(
            picture(picture_bytes(size=(300, 300))).cropped((500, 500), (900, 383), max_bytes=MEGABYTE)
        ).width
        == 300
    )


def test_a_printers_picture_gets_the_colours_of_a_screen():
    made = opened(
        picture(saved(PIL.Image.new("CMYK", (60, 60), (255, 0, 255, 0)), "JPEG")).jpeg(max_bytes=MEGABYTE)
    )
    red, green, blue = made.convert("RGB").getpixel((30, 30))
    assert green > red and green > blue


def test_colours_are_those_that_the_files_own_profile_means():
    # A profile whose "green" is what a screen calls red tells at once whether it was read.
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = swapped.replace(b"rXYZ", b"tmp!").replace(b"gXYZ", b"rXYZ").replace(b"tmp!", b"gXYZ")
    photo = picture(saved(PIL.Image.new("RGB", (60, 60), "lime"), "PNG", icc_profile=swapped), "a.png")
    made = opened(photo.jpeg(max_bytes=MEGABYTE))
    red, green, _blue = made.convert("RGB").getpixel((30, 30))
    assert red > 200 > 100 > green and "icc_profile" not in made.info


def printers_profile() -> bytes:
    """Return a profile of four inks by which every mixture of them is one red."""
    curve, matrix = bytes(range(256)), struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    red = bytes([138, 209, 198])  # as L*a*b*
    table = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + matrix + curve * 4 + red * 2**4 + curve * 3
    kind = struct.pack(">4sI4s4s4s", b"test", 0x02400000, b"prtr", b"CMYK", b"Lab ") + bytes(12) + b"acsp"
    white = struct.pack(">3i", 0xF6D6, 0x10000, 0xD32D)
    head = (kind + bytes(28) + white).ljust(124, b"\0")
    where = struct.pack(">I4sII", 1, b"A2B0", 128 + 16, len(table))
    return struct.pack(">I", 128 + 16 + len(table)) + head + where + table


def test_a_printers_inks_are_those_that_its_profile_means():
    inks = PIL.Image.new("CMYK", (60, 60), (255, 0, 255, 0))
    made = opened(picture(saved(inks, "JPEG", icc_profile=printers_profile())).jpeg(max_bytes=MEGABYTE))
    red, green, blue = made.convert("RGB").getpixel((30, 30))
    assert red > 100 > 50 > max(green, blue) and "icc_profile" not in made.info


def test_sixteen_bits_of_grey_stay_grey():
    grey = PIL.Image.new("I;16", (60, 60), 0x8000)
    made = opened(picture(saved(grey, "PNG"), "a.png").jpeg(max_bytes=MEGABYTE))
    assert abs(made.convert("L").getpixel((30, 30)) - 0x80) < 4


def test_of_a_moving_picture_the_first_frame_is_sent():
    frames = [PIL.Image.new("RGB", (60, 60), colour) for colour in ("red", "blue")]
    moving = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    made = opened(picture(moving, "a.gif").jpeg(max_bytes=MEGABYTE))
    assert getattr(made, "n_frames", 1) == 1 and made.convert("RGB").getpixel((30, 30)) == (255, 0, 0)


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


@pytest.fixture
def makings(monkeypatch):
    """Return a list that grows by one with each picture that is really made."""
    made, make = [], EnginePicture._make

    def making(self, *size):
        made.append(size)
        return make(self, *size)

    monkeypatch.setattr(EnginePicture, "_make", making)
    return made


def copies(media):
    return [path for path in media.glob("sizes/*/*/*") if not path.suffix]


def test_each_size_is_made_once_however_many_want_it_at_the_same_time(makings):
    photo = picture(picture_bytes())
    with ThreadPoolExecutor(8) as workers:
        wanted = {workers.submit(photo.jpeg, **WANTED) for _ in range(8)}
        assert len({each.result() for each in wanted}) == 1
    assert len(makings) == 1
    assert opened(photo.jpeg(max_bytes=MEGABYTE, max_width=200)).width == 200
    assert len(makings) == 2


def test_a_copy_serves_the_limit_that_it_was_made_for():
    photo = picture(saved(noise((900, 600)), "JPEG", quality=95))
    generous = photo.jpeg(max_bytes=5 * MEGABYTE, max_width=800)
    limit = len(generous) // 2
    assert len(photo.jpeg(max_bytes=limit, max_width=800)) <= limit
    assert photo.jpeg(max_bytes=5 * MEGABYTE, max_width=800) == generous
    assert photo.jpeg(max_bytes=len(generous), max_width=800) == generous, "just small enough"


def test_a_copy_serves_the_cut_that_it_was_made_for():
    photo = picture(saved(noise((900, 600)), "JPEG", quality=95))
    cut = {"focus": (500, 500), "shape": (400, 400), "max_bytes": 5 * MEGABYTE}
    square = photo.cropped(**cut)
    limit = len(square) // 2
    assert len(photo.cropped(**cut | {"max_bytes": limit})) <= limit
    assert opened(photo.cropped(**cut | {"shape": (400, 200)})).size == (400, 200)
    assert photo.cropped(**cut | {"focus": (0, 500)}) != square


def test_an_altered_copy_is_not_the_hubs_and_is_made_anew(makings, media):
    photo = picture(picture_bytes())
    made = photo.jpeg(**WANTED)
    [copy] = copies(media)
    other = picture(picture_bytes(colour="#00ff00")).jpeg(**WANTED)
    copy.write_bytes(copy.read_bytes()[: -len(made)] + other)
    assert photo.jpeg(**WANTED) == made and len(makings) == 3


@pytest.mark.parametrize("size", [WANTED, {**WANTED, "max_width": 200}], ids=["picture", "size"])
def test_the_copy_of_another_picture_or_size_is_made_anew_though_the_hub_made_it(media, size):
    photo, other = picture(picture_bytes()), picture(picture_bytes(colour="#00ff00"))
    made = photo.jpeg(**WANTED)
    [copy] = copies(media)
    (photo if size != WANTED else other).jpeg(**size)
    [another] = set(copies(media)) - {copy}
    copy.write_bytes(another.read_bytes())
    assert photo.jpeg(**WANTED) == made


CUT = {"focus": (500, 500), "shape": (300, 200), "max_bytes": MEGABYTE}


@pytest.mark.parametrize(
    "make",
    [
        lambda photo: photo.jpeg(**WANTED),
        lambda photo: photo.cropped(**CUT),
        lambda photo: photo.public_jpeg(max_width=300),
    ],
    ids=["narrow", "cut", "public"],
)
def test_a_copy_does_not_outlive_its_picture(make):
    photo = picture(picture_bytes())
    make(photo)
    blobs.path(photo.sha256).unlink()
    with pytest.raises(Forged):
        make(photo)


def test_what_nobody_wanted_for_long_goes_when_a_neighbour_comes(media):
    picture(picture_bytes()).jpeg(**WANTED)
    [copy] = copies(media)
    neighbour = copy.parent.with_name(copy.parent.name[:-1] + "-")
    copy.parent.rename(neighbour)
    for kept in neighbour.iterdir():
        os.utime(kept, (0, 0))
    wanted = neighbour.with_name("wanted")
    wanted.mkdir()
    for name in ("new", "old"):
        (wanted / name).touch()
    os.utime(wanted / "old", (0, 0))
    picture(picture_bytes()).jpeg(**WANTED)
    assert not neighbour.exists() and copy.exists()
    assert wanted.exists(), "one of its sizes was wanted lately"


def test_what_is_wanted_again_is_kept_as_if_it_were_new(media):
    photo = picture(picture_bytes())
    photo.jpeg(**WANTED)
    [copy] = copies(media)
    os.utime(copy, (0, 0))
    photo.jpeg(**WANTED)
    assert copy.stat().st_mtime > 0


def test_a_picture_for_partners_is_the_very_one_at_its_address(live_server, settings, transactional_db):
    settings.PUBLIC_URL = live_server.url
    image = make_image(size=(2400, 1200))
    story = make_story(
        body=[*TEXT, ("image", {"image": image, "alt": "书架", "credit": "李梅摄", "caption": ""})]
    )
    [(sha256, asset)] = releases.document(make_release(story)).assets.items()
    url, content = EnginePicture(sha256, asset).public_jpeg(max_width=800)
    answer = requests.get(url, timeout=20)
    assert (answer.content, answer.headers["Content-Type"]) == (content, "image/jpeg")
    assert opened(content).size == (800, 400)


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_picture_for_partners_is_whole_and_upright(orientation, transactional_db):
    photo = picture(turned(picture_bytes((600, 300)), orientation))
    made = opened(photo.public_jpeg(max_width=200)[1])
    assert made.size == ((200, 100) if orientation == 1 else (200, 400))


def turned(content, orientation):
    exif = PIL.Image.Exif()
    exif[PIL.ExifTags.Base.Orientation] = orientation
    out = io.BytesIO()
    opened(content).save(out, "JPEG", exif=exif)
    return out.getvalue()
