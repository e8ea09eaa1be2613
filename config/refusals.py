"""What is answered when the hub cannot go on for a reason that an operator can mend."""

import errno
import sys

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

FULL = ("database or disk is full", "No space left on device", "could not extend file")
PATIENCE_S = 60


def refuse(request: HttpRequest) -> HttpResponse:
    """Django's handler500: a full disk is told as such, with 503; nothing was half done."""
    if not is_full_disk(sys.exc_info()[1]):
        return server_error(request)
    page = render_to_string("503.html")
    return HttpResponse(
        page, status=503, headers={"Retry-After": str(PATIENCE_S), "Cache-Control": "no-store"}
    )


def is_full_disk(error: BaseException | None) -> bool:
    """Return whether ``error``, or what caused it, is a disk without space, ours or the database's."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if isinstance(error, DatabaseError) and any(sign in str(error) for sign in FULL):
            return True
        error = error.__cause__ or error.__context__
    return False
