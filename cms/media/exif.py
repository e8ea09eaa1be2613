"""What pictures tell beside what they show: where, when and with what they were taken.

What is stored is what gets signed, and anybody may fetch it later: it is cleaned before it is stored.
"""

from io import BytesIO
from pathlib import Path
from typing import IO

from PIL import Image
from PIL.PngImagePlugin import PngImageFile

ORIENTATION = 0x0112
#: Kinds that readers' browsers and platforms show; the camera's own kind becomes JPEG.
KEPT, CAMERAS = ("JPEG", "PNG", "WEBP", "GIF"), ("HEIF", "MPO")
QUALITY = 95
#: A GIF's "extension" is where XMP stands in it.
PRIVATE = ("exif", "xmp", "photoshop", "comment", "extension")


def cleaned(file: IO[bytes] | Path) -> tuple[str, bytes] | None:
    """Return (kind, content) of the picture without metadata, None when it tells nothing.

    Which way is up and what its colours mean is kept. A moving picture stays as it is.
    """
    with Image.open(file) as picture:
        kind = "JPEG" if picture.format in CAMERAS else picture.format or ""
        tells = any(picture.info.get(name) for name in PRIVATE) or _tells_in_chunks(picture)
        stays = not tells or kind not in KEPT or getattr(picture, "is_animated", False)
        return None if kind == picture.format and stays else (kind, _anew(picture, kind))


def _tells_in_chunks(picture: Image.Image) -> bool:
    """Whether a PNG holds texts (author, comment, any name) or EXIF, which may stand after its pixels."""
    if not isinstance(picture, PngImageFile):
        return False
    return bool(picture.text or picture.info.get("exif"))


def _anew(picture: Image.Image, kind: str) -> bytes:
    exif = Image.Exif()
    if orientation := picture.getexif().get(ORIENTATION):
        exif[ORIENTATION] = orientation
    # A JPEG keeps its own tables: it loses nothing that one can see.
    quality = "keep" if picture.format == "JPEG" else QUALITY
    options = {"quality": quality} if kind in ("JPEG", "WEBP") else {}
    profile = picture.info.get("icc_profile")
    picture.load()
    for name in PRIVATE:
        picture.info.pop(name, None)
    written = BytesIO()
    picture.save(written, kind, exif=exif, icc_profile=profile, **options)
    return written.getvalue()
