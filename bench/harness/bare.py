"""The hub's own addresses, and before them the bare reference: views that answer from memory."""

import functools
import time

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

import harness  # noqa: F401  (gives the settings their environment)
from readers.models import Reading

TYPES = {"html": "text/html; charset=utf-8", "json": "application/json; charset=utf-8"}


def bare(request: HttpRequest, answer: str) -> HttpResponse:
    return HttpResponse(_bytes(answer), content_type=TYPES[answer])


def processor_s(request: HttpRequest) -> HttpResponse:
    """Say how many seconds of a processor this server has used."""
    return HttpResponse(str(time.process_time()))


@functools.cache
def _bytes(answer: str) -> bytes:
    return bytes(getattr(Reading.objects.latest("pk"), answer))


urlpatterns = [
    path("bare/processor", processor_s),
    path("bare/<answer>", bare),
    path("", include("config.urls")),
]
settings.ROOT_URLCONF = __name__
application = get_wsgi_application()
