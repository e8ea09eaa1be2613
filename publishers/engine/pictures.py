"""Pictures as platforms take them: JPEG or PNG within limits, upright, without metadata."""

import io
from collections.abc import Iterator

import PIL.ExifTags
import PIL.Image
import PIL.ImageOps
from django.conf import settings
from django.utils.translation import gettext as _

from cms.document.model import Asset, Focus
from cms.media import blobs, scaling
from cms.media.addresses import cover_path
from cms.media.colours import in_srgb, opaque
from cms.media.crops import crop
from publishers.engine import sizes
from publishers.engine.outcomes import Forged
from publishers.interface import Rejected

QUALITIES = (88, 80, 70, 60, 50)
NARROWEST = 320
# Drawings and screenshots with few colours are smaller, and sharper, as PNG.
PNG_COLOURS = 256
#: EXIF's word for how a picture is turned, and its values for one that lies on its side.
ORIENTATION, SIDEWAYS = PIL.ExifTags.Base.Orientation, range(5, 9)

#: A cover's focal point, in thousandths, and the shape that is cut around it.
Cut = tuple[tuple[int, int], tuple[int, int]]


class EnginePicture:
    """Implements ``interface.Picture``."""

    def __init__(self, sha256: str, asset: Asset):
        self.sha256, self.mime = sha256, asset.mime
        self.width, self.height = asset.width or 0, asset.height or 0
        self.public_url = f"{settings.PUBLIC_URL}/b/{sha256}"

    def read(self) -> bytes:
        """Return the bytes as they were signed off. Raises Forged when they are others."""
        try:
            return blobs.read_blob(self.sha256)
        except blobs.Damaged as error:
            raise Forged(str(error)) from error

    def jpeg(self, *, max_bytes: int, max_width: int = 1080) -> bytes:
        """Return it in this size, made once for everybody. Raises Rejected, and Forged as ``read`` does."""
        self._require_whole()
        return sizes.once(self.sha256, f"{max_width}-{max_bytes}", lambda: self._make(max_bytes, max_width))

    def cropped(self, focus: tuple[int, int], shape: tuple[int, int], *, max_bytes: int) -> bytes:
        """Return that part in this size, made once for everybody. Raises as ``jpeg`` does."""
        self._require_whole()
        size = "{}x{}-{}-{}-{}".format(*shape, *focus, max_bytes)
        return sizes.once(self.sha256, size, lambda: self._make(max_bytes, shape[0], (focus, shape)))

    def cropped_url(self, focus: tuple[int, int], shape: tuple[int, int]) -> str:
        return f"{settings.PUBLIC_URL}{cover_path(self.sha256, Focus(x=focus[0], y=focus[1]), shape)}"

    def public_jpeg(self, *, max_width: int) -> tuple[str, bytes]:
        width, height = self._upright_size()
        shape = (min(width, max_width), max(1, round(height * min(width, max_width) / width)))
        try:
            with scaling.cropped(self.sha256, Focus(), shape) as made:
                return self.cropped_url((Focus().x, Focus().y), shape), made.read()
        except blobs.Damaged as error:
            raise Forged(str(error)) from error

    def _upright_size(self) -> tuple[int, int]:
        with PIL.Image.open(io.BytesIO(self.read())) as source:
            turned = source.getexif().get(ORIENTATION, 1) in SIDEWAYS
            return (source.height, source.width) if turned else source.size

    def _require_whole(self) -> None:
        """Raise Forged unless the blob holds its bytes; they are hashed once for each state of the file."""
        try:
            blobs.open(self.sha256).close()
        except blobs.Damaged as error:
            raise Forged(str(error)) from error

    def _make(self, max_bytes: int, max_width: int, cut: Cut | None = None) -> bytes:
        with PIL.Image.open(io.BytesIO(self.read())) as source:
            picture = _upright(source, max_width, cut)
        while True:
            for made in _encodings(picture):
                if len(made) <= max_bytes:
                    return made
            width = picture.width * 4 // 5
            if width < NARROWEST:
                raise Rejected(_("A picture cannot be made small enough for the platform; replace it."))
            picture = picture.resize((width, max(1, picture.height * 4 // 5)), PIL.Image.Resampling.LANCZOS)


def _upright(source: PIL.Image.Image, max_width: int, cut: Cut | None) -> PIL.Image.Image:
    """Return the picture turned as its EXIF says, cut, at most ``max_width`` wide, without any metadata."""
    profile = source.info.get("icc_profile")
    # A JPEG turned on its side has its width in its height; a cut may take the whole of its shorter side.
    longest, needed = max(source.size), max(cut[1]) if cut else max_width
    scale = min(1.0, needed / min(source.size))
    source.draft("RGB", (int(longest * scale), int(longest * scale)))
    PIL.ImageOps.exif_transpose(source, in_place=True)
    picture = source
    if cut:
        (x, y), shape = cut
        picture = picture.crop(crop(*picture.size, Focus(x=x, y=y), shape).pixels(*picture.size))
    picture = opaque(picture)
    height = max(1, round(picture.height * max_width / picture.width))
    if picture.width > max_width:
        picture = picture.resize((max_width, height), PIL.Image.Resampling.LANCZOS, reducing_gap=2.0)
    picture = in_srgb(picture, profile)
    plain = PIL.Image.new("RGB", picture.size)
    plain.paste(picture)
    return plain


def _encodings(picture: PIL.Image.Image) -> Iterator[bytes]:
    """Yield the picture's encodings, best first."""
    best = _encode(picture, "JPEG", quality=QUALITIES[0], optimize=True, progressive=True)
    if picture.getcolors(PNG_COLOURS) is not None:
        drawing = _encode(picture.quantize(PNG_COLOURS), "PNG", optimize=True)
        if len(drawing) < len(best):
            yield drawing
    yield best
    for quality in QUALITIES[1:]:
        yield _encode(picture, "JPEG", quality=quality, optimize=True, progressive=True)


def _encode(picture: PIL.Image.Image, kind: str, **options: int) -> bytes:
    written = io.BytesIO()
    picture.save(written, kind, **options)
    return written.getvalue()
