"""What stands in an account's feed: the engine's writes, each in one transaction with the step that names it.

A feed is the hub's own, so no offer is of unknown outcome: all of it is there, or nothing. Whether the
partner has read it is another question, which only the partner or a person answers.
"""

import datetime as dt
import hmac
from collections.abc import Collection

from django.db.models import Exists, Q, QuerySet
from django.db.models.functions import Now

from cms import signing
from cms.document.model import canonical
from publishers import feeds
from publishers.interface import Json
from publishers.models import Cause, Delivery, DeliveryItem, Feed, FeedEntry, Phase, clock

# So that every change of a feed has a moment of its own, however coarse the clock is.
TICK = dt.timedelta(microseconds=1)


def offer(row: DeliveryItem, content: Json) -> dict[str, Json]:
    """Let the feed show ``content`` of the item's article; inside the caller's transaction.

    Returns {"article_id", "version"}. The earlier text's item, which it replaces there, is over.
    """
    feed = _locked(row.account_id)
    entry = _of_page(feed, row)
    if entry is None:
        entry = FeedEntry(feed=feed, guid=_guid(row), version=0, published_at=row.release.public_from)
    elif entry.item_id == row.pk and entry.content == content:
        return named(entry)
    if entry.item_id is not None and entry.item_id == row.replaces_id:
        DeliveryItem.objects.filter(pk=entry.item_id).update(wanted=False, observed_generation=None)
    _change(feed, entry, row, content)
    return named(entry)


def retract(row: DeliveryItem, *, anew: bool = False) -> dict[str, Json]:
    """Leave a tombstone in the place of the item's article; inside the caller's transaction.

    ``anew``: one that is there already is told once more. Returns {"article_id", "version"}, {} when it was
    never offered. A later text in its place stays.
    """
    feed = _locked(row.account_id)
    entry = FeedEntry.objects.filter(feed=feed, item=row).first()
    if entry is None:
        return {}
    if anew or not entry.is_withdrawn:
        _change(feed, entry, row, None)
    return named(entry)


def take_back(delivery: Delivery) -> None:
    """Offer no more what was given up before anybody confirmed it; inside the caller's transaction.

    A text that took an earlier one's place stays: the article is not given up with it.
    """
    unconfirmed = delivery.items.filter(observed_generation=None, replaces=None, feed_entries__isnull=False)
    for row in unconfirmed:
        retract(row)


def offered(item_ids: Collection[int]) -> set[int]:
    """Return those of the items that are, or were until their withdrawal, what a feed shows of an article."""
    return set(FeedEntry.objects.filter(item__in=item_ids).values_list("item", flat=True))


def identifiers(row: DeliveryItem) -> dict[str, Json]:
    """Return {"article_id", "version"} of the item's entry, {} when it has none."""
    entry = FeedEntry.objects.filter(item=row).first()
    return named(entry) if entry else {}


def end_replaced(row: DeliveryItem, locked: QuerySet[Delivery]) -> None:
    """Let the delivery of the earlier text come to its end: nobody waits for its confirmation any more.

    Changes nothing for a worker that was overtaken: the other one comes by here, too.
    """
    if row.replaces_id is None:
        return
    unconfirmed = Q(phase=Phase.ATTENTION, cause=Cause.UNCONFIRMED)
    over = DeliveryItem.objects.filter(pk=row.replaces_id, wanted=False).values("delivery")
    of_earlier = Delivery.objects.filter(Exists(locked), pk__in=over, lease_until=None)
    of_earlier.filter(Q(phase=Phase.CONFIRMING) | unconfirmed).update(
        phase=Phase.CONFIRMING, cause=Cause.NONE, reason="", deadline_at=None, next_at=Now()
    )


def named(entry: FeedEntry) -> dict[str, Json]:
    return {"article_id": entry.guid, "version": entry.version}


def _locked(account_id: int) -> Feed:
    """Return the feed, held to the end of the transaction: its moments rise in the order of the commits."""
    return Feed.objects.select_for_update(no_key=True).get(pk=feeds.of(account_id).pk)


def _of_page(feed: Feed, row: DeliveryItem) -> FeedEntry | None:
    return FeedEntry.objects.filter(feed=feed, item__release__page_id=row.release.page_id).first()


def _change(feed: Feed, entry: FeedEntry, row: DeliveryItem, content: Json | None) -> None:
    feed.changed_at = entry.changed_at = max(clock.now(feed), feed.changed_at + TICK)
    entry.item, entry.content, entry.version = row, content, entry.version + 1
    entry.save()
    feed.save(update_fields=["changed_at"])


def _guid(row: DeliveryItem) -> str:
    """Return the article's name in this feed; it follows from the hub's key and from what was offered first.

    So a hub that lost its database gives it again, and never to another article (decision 8).
    """
    of = [row.account_id, row.release.page_id, row.release.sha256]
    return hmac.digest(signing.secret_for("feed entries"), canonical(of), "sha256").hex()[:32]
