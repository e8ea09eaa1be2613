"""Answers to readers: stored bytes with their ETag, and what a browser may do with a page."""

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control

from readers.snapshots.current import Current

FRESH_S = 60
POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)


def stored(request: HttpRequest, found: Current, content_type: str) -> HttpResponse:
    """Return what is stored of the article, or 304 when the asker has it already."""
    response = HttpResponse(found.answer, content_type=content_type)
    response["ETag"] = f'"{found.sha256}"'
    response["Content-Security-Policy"] = POLICY
    # No copy outlives the Release: a correction that is due already is seen when it is due.
    patch_cache_control(response, public=True, max_age=_fresh_s(found.superseded_at))
    answer = get_conditional_response(request, etag=response["ETag"], response=response)
    assert answer is not None  # it is the response, or one that says that this is not needed
    return answer


def page(html: str, status: int = 200) -> HttpResponse:
    """Return a page that is made at each request."""
    response = HttpResponse(html, status=status)
    response["Content-Security-Policy"] = POLICY
    patch_cache_control(response, public=True, max_age=FRESH_S)
    return response


def _fresh_s(superseded_at: dt.datetime | None) -> int:
    if superseded_at is None:
        return FRESH_S
    left = (superseded_at - timezone.now()).total_seconds()
    return max(0, min(FRESH_S, int(left)))
