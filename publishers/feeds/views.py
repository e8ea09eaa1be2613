"""Where partners read their feeds. Whoever does not know the address, or may not read, learns nothing."""

import datetime as dt
import hashlib
import hmac
import logging
from typing import TYPE_CHECKING, TypedDict

from django.conf import settings
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import http_date, urlencode
from django.views.decorators.http import require_safe

from publishers import feeds, registry
from publishers.feeds import entries, jsonfeed, rss
from publishers.feeds.channel import Channel
from publishers.feeds.entries import Asked
from publishers.http import networks
from publishers.models import Account, Feed

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

log = logging.getLogger(__name__)
WRITERS = {feeds.RSS: rss, feeds.JSON: jsonfeed}
#: Raise it with each change of what the writers make, so that readers fetch it anew.
EDITION = 1
#: A feed that did not change is noted as read this often, since noting is a write.
NOTED_S = 600


class _Read(TypedDict):
    now: dt.datetime  # by the database's clock, as what it holds


@require_safe
def feed(request: HttpRequest, number: int, key: str, form: str) -> HttpResponse:
    """Answer with the feed, or 304 from its row alone."""
    row = Feed.objects.filter(account=number).annotate(now=Now()).first()
    if row is None or not hmac.compare_digest(feeds.digest(key), row.key_sha256):
        return _unknown()
    if not _may_read(row, request):
        log.warning("Feed of account %s: %s is not among the allowed addresses.", number, _asker(request))
        return _unknown()
    try:
        asked = Asked.of(request.GET)
    except entries.Wrong as wrong:
        return HttpResponseBadRequest(str(wrong), content_type="text/plain; charset=utf-8")
    etag, modified = _validators(row, form, asked)
    response = get_conditional_response(request, etag=etag, last_modified=modified)
    if response is None:
        _note(row, request)
        content = _write(row, key, form, asked)
        response = HttpResponse(content, content_type=WRITERS[form].CONTENT_TYPE)
    elif row.read_at is None or (row.now - row.read_at).total_seconds() > NOTED_S:
        _note(row, request)
    return _headed(response, etag, modified)


def _may_read(row: Feed, request: HttpRequest) -> bool:
    if not row.allowed:
        return True
    address = networks.client(request)
    return address is not None and networks.contain(networks.parse(row.allowed), address)


def _asker(request: HttpRequest) -> str:
    return str(networks.client(request) or request.META.get("REMOTE_ADDR", "") or "?")


def _unknown() -> HttpResponse:
    response = HttpResponse(status=404)
    patch_cache_control(response, private=True, no_store=True)
    return response


def _validators(row: "WithAnnotations[Feed, _Read]", form: str, asked: Asked) -> tuple[str, int | None]:
    """Return the ETag, and Last-Modified (Unix seconds; none while a second change may fall in that one)."""
    stated = f"{EDITION} {row.pk} {row.changed_at.isoformat()} {form} {asked.query}"
    etag = f'"{hashlib.sha256(stated.encode()).hexdigest()[:32]}"'
    is_over = (row.now - row.changed_at).total_seconds() > 1
    return etag, int(row.changed_at.timestamp()) if is_over else None


def _headed(response: HttpResponse, etag: str, modified: int | None) -> HttpResponse:
    response["ETag"] = etag
    if modified is not None:
        response["Last-Modified"] = http_date(modified)
    # For the partner alone, and asked for again each time.
    patch_cache_control(response, private=True, no_cache=True)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _note(row: Feed, request: HttpRequest) -> None:
    """Write down that the partner has read the feed."""
    if request.method == "GET":
        Feed.objects.filter(pk=row.pk).update(read_at=Now())


def _write(row: Feed, key: str, form: str, asked: Asked) -> bytes:
    account = Account.objects.select_related("office").get(pk=row.account_id)
    found, more = entries.of(row, asked)

    def address(of: Asked) -> str:
        query = f"?{urlencode(of.query)}" if of.query else ""
        return settings.PUBLIC_URL + reverse("publishers:feed", args=[account.pk, key, form]) + query

    channel = Channel(
        title=f"{account.name} · {account.office.name}",
        description=f"{account.office.name}签发、供{_platform_name(account)}采用的全文。",
        home=f"{settings.PUBLIC_URL}/",
        address=address(asked),
        next_address=address(asked.next) if more else "",
        changed_at=row.changed_at,
    )
    return WRITERS[form].write(channel, found)


def _platform_name(account: Account) -> str:
    publisher = registry.find(account.platform)
    return publisher.platform.name if publisher else account.platform
