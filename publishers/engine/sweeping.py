"""What is due: found by index, so that settled deliveries cost nothing."""

import datetime as dt
import uuid

from django.db.models import Min
from django.db.models.functions import Now

from publishers.models import Delivery

BATCH = 100


def sweep(now: dt.datetime | None = None) -> list[uuid.UUID]:
    """Return deliveries to run, most urgent first, at most BATCH: due ones, and those whose lease has ended.

    ``now`` is the database's clock unless given.
    """
    due = Delivery.objects.filter(next_at__lte=now or Now())
    return list(due.order_by("priority", "next_at").values_list("pk", flat=True)[:BATCH])


def next_moment() -> dt.datetime | None:
    """Return when the engine looks next at any delivery, by the database's clock; None when at none."""
    return Delivery.objects.filter(next_at__isnull=False).aggregate(first=Min("next_at"))["first"]
