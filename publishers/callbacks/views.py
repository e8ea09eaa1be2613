"""The "read the original" links in articles on platforms, and where platforms tell the hub something."""

import logging
from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cms.refusals import Refused
from publishers.callbacks import receiving as callbacks
from publishers.engine.wake import wake_for_callbacks
from publishers.interface import Incoming, Malformed, NotGenuine
from publishers.models import SourceLink, SourceVisits
from publishers.models.addresses import article_path

log = logging.getLogger(__name__)
CALLBACK_BYTES = 64 * 1024
#: When it is told again what cannot be read now: a person must do something first.
LATER = {"Retry-After": "600"}


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
    incoming = _incoming(request)
    if incoming is None:
        return HttpResponse(status=413)
    try:
        answer = callbacks.receive(account, incoming)
    except (NotGenuine, Malformed) as refusal:
        log.warning("A callback of account %s is refused: %s", account.pk, refusal)
        return HttpResponse(status=403)
    except Refused:
        return HttpResponse(status=503, headers=LATER)
    if request.method == "POST":
        wake_for_callbacks()
    return HttpResponse(answer, content_type="text/plain; charset=utf-8")


@csrf_exempt
@require_POST
@never_cache
def signed_callback(request: HttpRequest, number: int, platform: str = "") -> HttpResponse:
    """Verify and keep what a partner tells, and answer in JSON; a worker acts upon it.

    Contract: docs/platforms/partner-feed-contract.md, part C.
    """
    incoming = _incoming(request)
    if incoming is None:
        return _refused(413, "size", f"At most {CALLBACK_BYTES} bytes are read.")
    try:
        answer = callbacks.receive_signed(number, platform, incoming)
    except NotGenuine as refusal:
        log.warning("A signed callback for account %s is refused: %s", number, refusal)
        return _refused(403, refusal.code, str(refusal))
    except Malformed as refusal:
        log.warning("A signed callback for account %s cannot be read: %s", number, refusal)
        return _refused(400, "malformed", str(refusal), field=refusal.field)
    except Refused:
        return _refused(503, "unavailable", "The hub cannot read this now.", headers=LATER)
    wake_for_callbacks()
    return HttpResponse(answer, content_type="application/json; charset=utf-8")


def _incoming(request: HttpRequest) -> Incoming | None:
    """Return the message as it was on the wire, None when it is too large to be read."""
    body = request.read(CALLBACK_BYTES + 1)
    if len(body) > CALLBACK_BYTES:
        return None
    return Incoming(request.method or "", request.GET.dict(), dict(request.headers), body, request.path)


def _refused(
    status: int, code: str, message: str, field: str = "", headers: Mapping[str, str] | None = None
) -> JsonResponse:
    said = {"code": code, "message": message}
    return JsonResponse({**said, "field": field} if field else said, status=status, headers=headers)
