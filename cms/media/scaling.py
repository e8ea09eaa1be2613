"""Pictures of Releases in smaller widths, made once and kept under ``MEDIA_ROOT/renditions``."""

import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac
from PIL import Image, ImageOps

from cms.document.model import Focus
from cms.media import blobs
from cms.media.colours import in_srgb, opaque
from cms.media.crops import Shape, crop

QUALITY = {"webp": 80, "jpeg": 84}
SEAL_CHARS = 64


def scaled(sha256: str, width: int, kind: str) -> BinaryIO:
    """Return the picture at most ``width`` pixels wide as ``kind`` ("webp" or "jpeg"), upright, without EXIF.

    Never enlarged. A kept file counts only with the hub's seal on its bytes; otherwise it is made again from
    the blob. Raises cms.media.blobs.Damaged when the blob is not what its hash says.
    """
    return _once(sha256, f"{width}.{kind}", lambda picture: _narrow(picture, width), kind)


def cropped(sha256: str, focus: Focus, shape: Shape) -> BinaryIO:
    """Return the part that a cover of ``shape`` shows, at most so large, as JPEG; else as ``scaled``."""
    name = "{}x{}-{}-{}.jpeg".format(*shape, focus.x, focus.y)
    return _once(sha256, name, lambda picture: _cut(picture, focus, shape), "jpeg")


def _once(sha256: str, name: str, make: Callable[[Image.Image], Image.Image], kind: str) -> BinaryIO:
    kept = Path(settings.MEDIA_ROOT) / "renditions" / sha256[:2] / f"{sha256}-{name}"
    picture = _kept(kept)
    if picture is None:
        picture = _made(sha256, make, kind)
        _keep(kept, picture)
    return io.BytesIO(picture)


def _made(sha256: str, make: Callable[[Image.Image], Image.Image], kind: str) -> bytes:
    out = io.BytesIO()
    with blobs.open(sha256) as file, Image.open(file) as picture:
        profile = picture.info.get("icc_profile")
        made = make(picture)
        is_seen_through = kind == "webp" and made.has_transparency_data
        shown = in_srgb(made.convert("RGBA") if is_seen_through else opaque(made), profile)
        shown.info.clear()
        shown.save(out, kind, quality=QUALITY[kind], optimize=True, progressive=True)
    return out.getvalue()


def _narrow(picture: Image.Image, width: int) -> Image.Image:
    # JPEG decodes straight to a smaller size, which saves most of the memory of a large photo.
    picture.draft("RGB", (2 * width, 2 * width))
    upright = ImageOps.exif_transpose(picture)
    if upright.mode == "P":  # between two entries of a palette there is no colour
        upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    upright.thumbnail((width, upright.height), Image.Resampling.LANCZOS)
    return upright


def _cut(picture: Image.Image, focus: Focus, shape: Shape) -> Image.Image:
    # A part can be a small share of a long picture: twice the shape along its shorter side is enough.
    side = 2 * max(shape) * max(picture.size) // min(picture.size)
    picture.draft("RGB", (side, side))
    upright = ImageOps.exif_transpose(picture)
    part = opaque(upright.crop(crop(*upright.size, focus, shape).pixels(*upright.size)))
    part.thumbnail(shape, Image.Resampling.LANCZOS)
    return part


def _kept(file: Path) -> bytes | None:
    """Return the picture that was kept; None when there is none or its bytes are not those the hub made."""
    try:
        stored = file.read_bytes()
    except FileNotFoundError:
        return None
    seal, picture = stored[:SEAL_CHARS], stored[SEAL_CHARS:]
    return picture if constant_time_compare(seal, _seal(file, picture)) else None


def _keep(file: Path, picture: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as written:
        written.write(_seal(file, picture) + picture)
    Path(written.name).replace(file)


def _seal(file: Path, picture: bytes) -> bytes:
    return (
        salted_hmac("cms.site.scaling", file.name.encode() + picture, algorithm="sha256").hexdigest().encode()
    )
