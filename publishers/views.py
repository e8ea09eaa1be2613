"""The "read the original" links in articles on platforms, and where platforms tell the hub something."""

import logging

from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from publishers import callbacks
from publishers.interface import Incoming, NotGenuine
from publishers.links import article_path
from publishers.models import SourceLink, SourceVisits
from publishers.tasks import wake_for_callbacks

log = logging.getLogger(__name__)
CALLBACK_BYTES = 64 * 1024


@require_safe
@never_cache
def follow_source(request: HttpRequest, token: str) -> HttpResponseRedirect:
    """Send the reader to the article and count one more for today; nothing else is kept."""
    link = get_object_or_404(SourceLink.objects.select_related("item__release"), token=token)
    if request.method == "GET":
        _count(link)
    return HttpResponseRedirect(article_path(link.item.release.page_id))


def _count(link: SourceLink) -> None:
    today = SourceVisits.objects.filter(link=link, day=timezone.localdate())
    if not today.update(count=F("count") + 1):
        try:
            with transaction.atomic():
                SourceVisits.objects.create(link=link, day=timezone.localdate(), count=1)
        except IntegrityError:  # another reader was first
            today.update(count=F("count") + 1)


@csrf_exempt
@require_http_methods(["GET", "POST"])
@never_cache
def callback(request: HttpRequest, key: str) -> HttpResponse:
    """Verify and keep what a platform tells, and answer; a worker acts upon it."""
    account = callbacks.account_of(key)
    if account is None:
        raise Http404
    body = request.read(CALLBACK_BYTES + 1)
    if len(body) > CALLBACK_BYTES:
        return HttpResponse(status=413)
    incoming = Incoming(request.method or "", request.GET.dict(), dict(request.headers), body)
    try:
        answer = callbacks.receive(account, incoming)
    except NotGenuine as refusal:
        log.warning("A callback of account %s is refused: %s", account.pk, refusal)
        return HttpResponse(status=403)
    if request.method == "POST":
        wake_for_callbacks()
    return HttpResponse(answer, content_type="text/plain; charset=utf-8")
