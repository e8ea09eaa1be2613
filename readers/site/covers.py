"""Covers as a platform shows them, for whoever has their address (``cms.media.addresses``)."""

from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from cms.document.model import Focus
from cms.media import scaling
from cms.media.addresses import is_sealed
from readers.site.files import INLINE, public, signed_off_only, unchanging


@require_safe
@signed_off_only
def cover(request: HttpRequest, sha256: str, cut: str, seal: str) -> FileResponse:
    """Serve the part as JPEG: whoever has this address was given it for a platform."""
    if not is_sealed(sha256, cut, seal) or public(sha256)["mime"] not in INLINE:
        raise Http404
    shape, x, y = cut.split("-")
    width, height = shape.split("x")
    part = scaling.cropped(sha256, Focus(x=int(x), y=int(y)), (int(width), int(height)))
    return unchanging(FileResponse(part, content_type="image/jpeg"))
