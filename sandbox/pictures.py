"""Looking at picture bytes: what they really are, whatever the file is called."""

import io

from PIL import Image

FORMATS = {"JPEG": ("jpg", "image/jpeg"), "PNG": ("png", "image/png"), "GIF": ("gif", "image/gif"),
           "BMP": ("bmp", "image/bmp"), "WEBP": ("webp", "image/webp")}  # fmt: skip


def kind_of(content: bytes) -> tuple[str, str] | None:
    """Return ``(extension, mime)`` of a picture that can be decoded to its end, else None."""
    try:
        with Image.open(io.BytesIO(content)) as picture:
            picture.load()
            return FORMATS.get(picture.format or "")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None


def path_of(slug: str, picture_id: str, extension: str) -> str:
    """Return where a platform shows a picture."""
    return f"/{slug}/{'mmbiz' if slug == 'wechat' else 'image'}/{picture_id}.{extension}"
