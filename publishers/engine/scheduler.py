"""What is due: found by index, so that settled deliveries cost nothing, and fairly among accounts."""

import datetime as dt
import uuid

from django.db.models import Count, F, Min, Window
from django.db.models.functions import Now, RowNumber

from publishers import registry
from publishers.engine import switching
from publishers.models import Delivery

BATCH = 500


def sweep(now: dt.datetime | None = None) -> list[uuid.UUID]:
    """Return deliveries to run, at most BATCH: due ones, and those whose lease has ended.

    Each account gives as many as it may have in hand. The most urgent come first; among equals every account
    has its turn before any has its second, and the oldest goes first; where all are due at the same moment,
    chance decides, so that more accounts than there are workers come in turn. ``now`` is the database's clock
    unless given.
    """
    # As a reckoned value: SQLite would read an index of accounts from end to end, to save itself the sorting.
    accounts = F("account_id") + 0
    turn = Window(RowNumber(), partition_by=accounts, order_by=["priority", "next_at", "pk"])
    due = Delivery.objects.filter(switching.open_for(), next_at__lte=now or Now()).annotate(turn=turn)
    first = due.filter(turn__lte=_most()).order_by("priority", "turn", "next_at", "pk")
    rows = list(first.values_list("pk", "account_id", "account__platform", "turn")[: 4 * BATCH])
    in_hand = _in_hand({account_id for _pk, account_id, _platform, _turn in rows})
    return [
        pk
        for pk, account_id, platform, turn in rows
        if turn + in_hand.get(account_id, 0) <= concurrency(platform)
    ][:BATCH]


def next_after(delivery_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the most urgent delivery that is due on the account of this one, if there is any."""
    same_account = Delivery.objects.filter(pk=delivery_id).values("account")[:1]
    due = Delivery.objects.filter(switching.open_for(), account=same_account, next_at__lte=Now())
    return list(due.order_by("priority", "next_at").values_list("pk", flat=True)[:1])


def next_moment() -> dt.datetime | None:
    """Return when the engine looks next at a delivery that waits for nobody; None when at none.

    By the database's clock.
    """
    waiting = Delivery.objects.filter(phase__in=Delivery.OPEN, next_at__isnull=False)
    return waiting.aggregate(first=Min("next_at"))["first"]


def concurrency(platform: str) -> int:
    """Return how many deliveries one account of the platform may have in hand; 1 when it is not installed."""
    publisher = registry.find(platform)
    return publisher.platform.concurrency if publisher else 1


def _most() -> int:
    return max((publisher.platform.concurrency for publisher in registry.all_publishers()), default=1)


def _in_hand(account_ids: set[int]) -> dict[int, int]:
    held = Delivery.objects.filter(account__in=account_ids, lease_until__gt=Now()).order_by()
    return dict(held.values_list("account_id").annotate(count=Count("pk")))
