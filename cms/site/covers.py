"""Covers as a platform shows them, at addresses that only the hub can make.

Any focal point and any shape would be any number of pictures to make: the seal in the address says that the
hub wants this one.
"""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.http import require_safe

from cms.crops import Shape
from cms.document.model import Focus
from cms.site import scaling
from cms.site.files import INLINE, public, signed_off_only, unchanging

SEAL_CHARS = 32


def address(sha256: str, focus: Focus, shape: Shape) -> str:
    """Return the path at which readers and platforms get this part of the picture, once it is public."""
    cut = "{}x{}-{}-{}".format(*shape, focus.x, focus.y)
    return f"/b/{sha256}/{cut}/{_seal(sha256, cut)}"


@require_safe
@signed_off_only
def cover(request: HttpRequest, sha256: str, cut: str, seal: str) -> HttpResponse:
    """Serve the part as JPEG: whoever has this address was given it for a platform."""
    if not constant_time_compare(seal, _seal(sha256, cut)) or public(sha256)["mime"] not in INLINE:
        raise Http404
    shape, x, y = cut.split("-")
    width, height = shape.split("x")
    part = scaling.cropped(sha256, Focus(x=int(x), y=int(y)), (int(width), int(height)))
    return unchanging(FileResponse(part, content_type="image/jpeg"))


def _seal(sha256: str, cut: str) -> str:
    return salted_hmac("cms.site.covers", f"{sha256}/{cut}", algorithm="sha256").hexdigest()[:SEAL_CHARS]
