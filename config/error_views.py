"""What is answered when the hub cannot go on for a reason that an operator can mend."""

import sys

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

from publishers.engine import space

PATIENCE_S = 60


def refuse(request: HttpRequest) -> HttpResponse:
    """Django's handler500: a full disk is told as such, with 503."""
    if not space.is_full(sys.exc_info()[1]):
        return server_error(request)
    headers = {"Retry-After": str(PATIENCE_S), "Cache-Control": "no-store"}
    return HttpResponse(render_to_string("503.html"), status=503, headers=headers)
