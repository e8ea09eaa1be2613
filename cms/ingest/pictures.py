"""Pictures of one file on their way to the collection: checked, hashed, and kept as temporary files."""

import hashlib
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import filetype
import PIL.Image
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from cms.media import blobs, exif
from cms.refusals import Refused

CHUNK = 256 * 1024
SUFFIXES = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp"}
# Pictures that office programs embed and the desk does not take: stored as PNG, nothing is lost.
# A phone's MPO is a JPEG with further pictures behind the first, which nobody sees.
CONVERTED = {"BMP": "PNG", "TIFF": "PNG", "MPO": "JPEG"} | ({"HEIF": "JPEG"} if settings.READS_HEIC else {})
#: What Pillow is to look for; an MPO it finds behind a JPEG, and knows no way to look for it.
OPENED = [kind for kind in (*SUFFIXES, *CONVERTED) if kind != "MPO"]
#: Of these the desk can tell that they are damaged; other pictures are of a kind that it does not take.
READ = {"jpg", "png", "apng", "gif", "webp", "bmp", "tif"} | ({"heic"} if settings.READS_HEIC else set())
# What Pillow raises for bytes that are no picture, beside its own OSError and SyntaxError.
DAMAGES = (OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, ArithmeticError, struct.error)
WAGTAIL_PIXELS = 128 * 1_000_000  # Wagtail's own limit where the setting is absent
MAX_PICTURES = 500


@dataclass(frozen=True)
class Picture:
    sha256: str
    path: Path
    suffix: str  # by its bytes, without the dot


class Unsupported(Exception):
    """A drawing that is no raster picture (WMF, EMF, SVG): the text is imported without it."""


class Pictures:
    """The pictures of one file by the SHA-256 of their bytes, in a directory that ends with the context."""

    def __init__(self):
        self._by_hash: dict[str, Picture] = {}

    def __enter__(self) -> "Pictures":
        self._directory = tempfile.TemporaryDirectory(prefix="import-")
        return self

    def __exit__(self, *error) -> None:
        self._directory.cleanup()

    def __len__(self) -> int:
        return len(self._by_hash)

    def __iter__(self):
        return iter(self._by_hash.values())

    def take(self, stream: IO[bytes]) -> str:
        """Copy one picture, a piece at a time, and return its SHA-256.

        Raises Unsupported for drawings, and Refused for what is no picture or is larger than pictures may be.
        """
        written = Path(self._directory.name) / "incoming"
        sha256 = _copy(stream, written)
        if sha256 in self._by_hash:
            return sha256
        if len(self) >= MAX_PICTURES:
            raise Refused(_("The file holds more than {count} pictures.").format(count=MAX_PICTURES))
        kind = _kind(written)
        if kind in CONVERTED:
            kind = CONVERTED[kind]
            sha256 = _convert(written, kind)
        if (anew := exif.cleaned(written)) is not None:
            sha256 = hashlib.sha256(anew[1]).hexdigest()
            written.write_bytes(anew[1])
        kept = written.rename(written.with_name(sha256))
        self._by_hash[sha256] = Picture(sha256, kept, SUFFIXES[kind])
        return sha256


def _copy(stream: IO[bytes], to: Path) -> str:
    limit, size, digest = settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE, 0, hashlib.sha256()
    with to.open("wb") as copy:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > limit:
                raise Refused(
                    _(
                        "A picture in the file is larger than {limit}. Make it smaller and import again."
                    ).format(limit=filesizeformat(limit))
                )
            digest.update(chunk)
            copy.write(chunk)
    return digest.hexdigest()


def _kind(file: Path) -> str:
    """Return Pillow's name of the format of a picture that is one, through to its end."""
    with file.open("rb") as opened:
        start = opened.read(512)
    if _is_drawing(start):
        raise Unsupported
    try:
        with PIL.Image.open(file, formats=OPENED) as picture:
            _check_pixels(picture)
            _check_bytes(picture)
            return picture.format or ""
    except PIL.Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except DAMAGES as error:
        raise _unread(start) from error


def _unread(start: bytes) -> Refused:
    """Return why a picture that begins so is not taken, and what to do about it."""
    found = filetype.image_match(start)
    if found is None or found.extension in READ:
        return Refused(_("A picture in the file is damaged or is no picture. Replace it and import again."))
    sentence = _(
        "A picture in the file is {kind}, which is not taken here. Replace it by a JPEG and import again."
    )
    if found.extension == "heic":
        sentence = _(
            "A picture in the file is {kind}, which is not taken here. Replace it by a JPEG and import again "
            "(an iPhone takes JPEG with Settings, Camera, Formats, Most Compatible), or ask an administrator "
            "for HEIC."
        )
    return Refused(sentence.format(kind=found.extension.upper()))


def _is_drawing(start: bytes) -> bool:
    return (
        start[40:44] == b" EMF"
        or start[:4] == b"\xd7\xcd\xc6\x9a"  # a placeable WMF
        or start[:4] in (b"\x01\x00\x09\x00", b"\x02\x00\x09\x00")  # a bare WMF
        or start[:2] == b"\x1f\x8b"  # .emz and .wmz
        or b"<svg" in start.lower()
    )


def _check_pixels(picture: PIL.Image.Image) -> None:
    limit = getattr(settings, "WAGTAILIMAGES_MAX_IMAGE_PIXELS", WAGTAIL_PIXELS)
    if picture.width * picture.height * getattr(picture, "n_frames", 1) > limit:
        raise _too_many_pixels()


def _check_bytes(picture: PIL.Image.Image) -> None:
    """Read the picture to its end, without unpacking it at full size where the format allows that."""
    if picture.format == "PNG":
        picture.verify()
    else:
        picture.draft("RGB", (64, 64))  # only JPEG decodes smaller
        picture.load()


def _too_many_pixels() -> Refused:
    return Refused(_("A picture in the file has too many pixels. Make it smaller and import again."))


def _convert(file: Path, kind: str) -> str:
    """Write the picture anew as that kind, and return its new hash."""
    with PIL.Image.open(file) as picture:
        kept = {name: picture.info[name] for name in ("exif", "icc_profile") if picture.info.get(name)}
        mode = "RGBA" if "A" in picture.getbands() and kind == "PNG" else "RGB"
        picture.convert(mode).save(file, kind, quality=95, **kept)
    return blobs.hash_of(file)
