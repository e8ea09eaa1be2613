"""Pictures of Releases in smaller widths, made once and kept under ``MEDIA_ROOT/renditions``."""

import io
import tempfile
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac
from PIL import Image, ImageOps

from cms import blobs

QUALITY = {"webp": 80, "jpeg": 84}
SEAL_CHARS = 64


def scaled(sha256: str, width: int, kind: str) -> BinaryIO:
    """Return the picture at most ``width`` pixels wide as ``kind`` ("webp" or "jpeg"), upright, without EXIF.

    Never enlarged. A kept file counts only with the hub's seal on its bytes; otherwise it is made again from
    the blob. Raises cms.blobs.Damaged when the blob is not what its hash says.
    """
    kept = Path(settings.MEDIA_ROOT) / "renditions" / sha256[:2] / f"{sha256}-{width}.{kind}"
    picture = _kept(kept)
    if picture is None:
        picture = _make(sha256, width, kind)
        _keep(kept, picture)
    return io.BytesIO(picture)


def _make(sha256: str, width: int, kind: str) -> bytes:
    out = io.BytesIO()
    with blobs.open(sha256) as file, Image.open(file) as picture:
        # JPEG decodes straight to a smaller size, which saves most of the memory of a large photo.
        picture.draft("RGB", (2 * width, 2 * width))
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((width, upright.height), Image.Resampling.LANCZOS)
        _flat(upright, kind).save(out, kind, quality=QUALITY[kind], optimize=True, progressive=True)
    return out.getvalue()


def _flat(picture: Image.Image, kind: str) -> Image.Image:
    """Return the picture in a mode that ``kind`` has; JPEG shows white where it was transparent."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    picture = picture.convert("RGBA")
    if kind == "webp":
        return picture
    white = Image.new("RGBA", picture.size, "white")
    white.alpha_composite(picture)
    return white.convert("RGB")


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
