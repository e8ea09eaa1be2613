"""What is answered when the hub cannot go on for a reason that an operator can mend."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

from publishers.engine import space

PATIENCE_S = 60


def refuse(request: HttpRequest) -> HttpResponse:
    """Django's handler500: a full disk and a database that is away or takes no writes are told, with 503."""
    error = sys.exc_info()[1]
    full, read_only = space.is_full(error), space.is_read_only(error)
    away = any(isinstance(each, OperationalError | InterfaceError) for each in space.causes(error))
    if not full and not read_only and not away:
        return server_error(request)
    headers = {"Retry-After": str(PATIENCE_S), "Cache-Control": "no-store"}
    told = {"full": full, "read_only": read_only}
    # Without the request: whoever is logged in is known to the database alone.
    return HttpResponse(render_to_string("503.html", told), status=503, headers=headers)
