"""Uploaded files for people at the desk. Nothing under the media root has a public address."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.views.static import serve
from wagtail.documents.models import AbstractDocument

# Where Wagtail keeps originals, thumbnails and portraits; signed-off files (blobs/) are served elsewhere.
SHOWN = ("original_images/", "images/", "avatar_images/")


def media(request: HttpRequest, path: str) -> HttpResponse | FileResponse:
    """Serve a picture as Wagtail's choosers and comparisons show it; admin access is checked before."""
    if not path.startswith(SHOWN) or ".." in path:
        raise Http404
    return serve(request, path, document_root=str(settings.MEDIA_ROOT))


def only_at_the_desk(document: AbstractDocument, request: HttpRequest) -> None:
    """Wagtail's own view would hand a document to anybody who guesses its number."""
    if not request.user.has_perm("wagtailadmin.access_admin"):
        raise PermissionDenied
