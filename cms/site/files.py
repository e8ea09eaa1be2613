"""Pictures and files of public articles, and uploads for those who work in the admin."""

import re
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import SuspiciousFileOperation
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils._os import safe_join
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe
from wagtail.documents.views.serve import serve as wagtail_serve

from cms import blobs
from cms.models.releases import ReadingAsset
from cms.site import pictures, readings, scaling

# Raster pictures only: an SVG can hold a script.
INLINE = ("image/jpeg", "image/png", "image/gif", "image/webp")
YEAR_S = 365 * 24 * 3600
# Enough for any article's corrections and for pictures that several articles share.
SHOWN_BY = 10
# What Wagtail's picture choosers show; documents have a view of their own, blobs have theirs.
ADMIN_FOLDERS = ("images", "original_images", "avatar_images")

admin_only = permission_required("wagtailadmin.access_admin")


@require_safe
def blob(request: HttpRequest, sha256: str) -> HttpResponse:
    """Serve a file of a public article: a picture to look at, anything else to download."""
    file = _public(sha256)
    response = FileResponse(blobs.open(sha256), content_type=file["mime"])
    if file["mime"] not in INLINE:
        response = FileResponse(
            blobs.open(sha256),
            as_attachment=True,
            filename=file["filename"] or sha256[:12],
            content_type="application/octet-stream",
        )
    return _unchanging(response)


@require_safe
def picture(request: HttpRequest, sha256: str, width: int) -> HttpResponse:
    """Serve a public picture in one of the fixed widths, as WebP to whoever takes it, else as JPEG."""
    if width not in pictures.WIDTHS or _public(sha256)["mime"] not in INLINE:
        raise Http404
    kind = "webp" if "image/webp" in request.headers.get("Accept", "") else "jpeg"
    response = FileResponse(scaling.scaled(sha256, width, kind), content_type=f"image/{kind}")
    patch_vary_headers(response, ["Accept"])
    return _unchanging(response)


@admin_only
@require_safe
def media(request: HttpRequest, path: str) -> HttpResponse:
    """Serve an uploaded picture to somebody who works in the admin; readers get pictures of Releases only."""
    if path.split("/")[0] not in ADMIN_FOLDERS:
        raise Http404
    try:
        file = Path(safe_join(settings.MEDIA_ROOT, path))
        response = FileResponse(file.open("rb"))
    except (SuspiciousFileOperation, FileNotFoundError, IsADirectoryError) as error:
        raise Http404 from error
    if response["Content-Type"] not in INLINE:
        raise Http404
    response["Cache-Control"] = "private, max-age=300"
    return response


# Wagtail's own view lets everybody in.
document = admin_only(wagtail_serve)


def _public(sha256: str) -> dict[str, str]:
    """Return mime and filename as a public Reading has them; Http404 when none shows this file."""
    named = ReadingAsset.objects.filter(sha256=sha256).values("reading")
    for reading in readings.genuine(readings.public().filter(pk__in=named)[:SHOWN_BY]):
        if sha256 in reading.assets:
            return reading.assets[sha256]
    raise Http404


def _unchanging(response: FileResponse) -> FileResponse:
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
