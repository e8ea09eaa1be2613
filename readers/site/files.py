"""Pictures and files of public articles. Uploads have no address here (``cms.editor.media``)."""

import functools
import logging
import re
from collections.abc import Callable
from typing import ParamSpec

from django.http import FileResponse, Http404, HttpRequest
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from cms.media import blobs, scaling
from readers import promises
from readers.models import ReadingAsset
from readers.snapshots import pictures, snapshots

# Raster pictures only: an SVG can hold a script.
INLINE = ("image/jpeg", "image/png", "image/gif", "image/webp")
YEAR_S = 365 * 24 * 3600
# Enough for any article's corrections and for pictures that several articles share.
SHOWN_BY = 10

Asked = ParamSpec("Asked")
log = logging.getLogger(__name__)


def signed_off_only(view: Callable[Asked, FileResponse]) -> Callable[Asked, FileResponse]:
    """Answer 404 instead of a file whose bytes are not those that were signed off."""

    @functools.wraps(view)
    def careful(*args: Asked.args, **kwargs: Asked.kwargs) -> FileResponse:
        try:
            return view(*args, **kwargs)
        except blobs.Damaged as error:
            log.error("A public file is not served: %s", error)
            raise Http404 from error

    return careful


@require_safe
@signed_off_only
def blob(request: HttpRequest, sha256: str) -> FileResponse:
    """Serve a file of a public article: a picture to look at, anything else to download."""
    file = public(sha256)
    if file["mime"] in INLINE:
        return unchanging(FileResponse(blobs.open(sha256), content_type=file["mime"]))
    name = file["filename"] or sha256[:12]
    download = FileResponse(
        blobs.open(sha256), as_attachment=True, filename=name, content_type="application/octet-stream"
    )
    return unchanging(download)


@require_safe
@signed_off_only
def picture(request: HttpRequest, sha256: str, width: int) -> FileResponse:
    """Serve a public picture in one of the fixed widths, as WebP to whoever takes it, else as JPEG."""
    if width not in pictures.WIDTHS or public(sha256)["mime"] not in INLINE:
        raise Http404
    kind = "webp" if "image/webp" in request.headers.get("Accept", "") else "jpeg"
    response = FileResponse(scaling.scaled(sha256, width, kind), content_type=f"image/{kind}")
    patch_vary_headers(response, ["Accept"])
    return unchanging(response)


def public(sha256: str) -> dict[str, str]:
    """Return mime and filename as a public Reading has them, or as they were promised to somebody.

    Raises Http404 when nobody may see this file.
    """
    named = ReadingAsset.objects.filter(sha256=sha256).values("reading")
    for reading in snapshots.genuine(snapshots.public().filter(pk__in=named)[:SHOWN_BY]):
        if sha256 in reading.assets:
            return reading.assets[sha256]
    if mime := promises.mime_of(sha256):
        return {"mime": mime, "filename": ""}
    raise Http404


def unchanging(response: FileResponse) -> FileResponse:
    patch_cache_control(response, public=True, max_age=YEAR_S, immutable=True)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


class HashConverter:
    """A SHA-256 in an address."""

    regex = "[0-9a-f]{64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        if not re.fullmatch(self.regex, value):
            raise ValueError(value)
        return value
