"""Which entries one answer holds, each proved to be what the hub stored to be sent."""

import datetime as dt
import hashlib
import logging
from dataclasses import dataclass

from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from cms import signing
from cms.document.model import canonical
from publishers.models import Feed, FeedEntry
from publishers.models.statements import stored_payload_statement

log = logging.getLogger(__name__)
#: Part A: the newest 20–50 articles, what changed in the last 72 hours, tombstones for 30 days.
NEWEST = 50
CHANGED = dt.timedelta(hours=72)
TOMBSTONES = dt.timedelta(days=30)
#: So many stand in one answer; the others are on the next page.
PAGE = 100
#: Large, and not needed for what is proved.
UNUSED = ("item__payload", "item__release__document", "item__release__variants", "item__release__approvals")


class Wrong(ValueError):
    """The query is not as part A has it; the message says what is wrong."""


@dataclass(frozen=True)
class Asked:
    """What a reader asks for: everything changed after ``since`` (None: the usual window), page by page."""

    since: dt.datetime | None = None
    page: int = 1

    @classmethod
    def of(cls, query: QueryDict) -> "Asked":
        """Read the query's ``since`` (RFC 3339) and ``page``. Raises Wrong."""
        return cls(_moment(query.get("since", "")), _number(query.get("page", "1")))

    @property
    def query(self) -> dict[str, str]:
        """Return what asks for this."""
        since = {"since": self.since.isoformat()} if self.since else {}
        return since | ({"page": str(self.page)} if self.page > 1 else {})

    @property
    def next(self) -> "Asked":
        return Asked(self.since, self.page + 1)


def of(feed: Feed, asked: Asked) -> tuple[list[FeedEntry], bool]:
    """Return the page's entries, the last changed first, and whether there are more. Two queries."""
    rows = FeedEntry.objects.filter(feed=feed)
    rows = rows.filter(_window(feed)) if asked.since is None else rows.filter(changed_at__gt=asked.since)
    rows = rows.select_related("item__release").defer(*UNUSED).prefetch_related("item__links")
    start = (asked.page - 1) * PAGE
    found = list(rows.order_by("-changed_at", "-pk")[start : start + PAGE + 1])
    return [entry for entry in found[:PAGE] if _is_genuine(entry)], len(found) > PAGE


def _window(feed: Feed) -> Q:
    now = timezone.now()
    offered = FeedEntry.objects.filter(feed=feed, content__isnull=False)
    newest = offered.order_by("-published_at", "-pk").values("pk")[:NEWEST]
    tombstones = Q(content__isnull=True, changed_at__gt=now - TOMBSTONES)
    return Q(pk__in=newest) | Q(changed_at__gt=now - CHANGED) | tombstones


def _is_genuine(entry: FeedEntry) -> bool:
    """Return whether the entry is a tombstone, or what the hub signed as its item's payload."""
    if entry.is_withdrawn:
        return True
    row, sha256 = entry.item, hashlib.sha256(canonical(entry.content)).hexdigest()
    signature = bytes(row.payload_signature or b"")
    if sha256 == row.payload_sha256 and signing.verify(
        row.payload_key_id, stored_payload_statement(row), signature
    ):
        return True
    log.error("Entry %s of feed %s is not what the hub stored: it is not served.", entry.guid, entry.feed_id)
    return False


def _moment(text: str) -> dt.datetime | None:
    if not text:
        return None
    try:
        # A plus sign that nobody encoded arrives as a space.
        moment = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        moment = None
    if moment is None or timezone.is_naive(moment):
        raise Wrong("since 要用带时区的 RFC 3339 时间，例如 2026-03-01T09:00:00+08:00。")
    return moment


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= len(text) <= 6 or int(text) < 1:
        raise Wrong("page 要用从 1 起的整数。")
    return int(text)
