"""Asking for items to be taken down: the engine does the rest, and looks before it takes down."""

import uuid
from collections.abc import Collection

from django.db.models import Case, F, When
from django.db.models.functions import Now

from publishers.models import Cause, Delivery, DeliveryItem, Desired, Phase


def ask(item_ids: Collection[int], delivery_ids: Collection[uuid.UUID]) -> None:
    """Let the items of these deliveries go; inside the caller's transaction.

    A worker that has a delivery in hand makes no further call (``Delivery.wishes``) and gives it up to the
    next run. Paused accounts follow when they are resumed.
    """
    keep(delivery_ids)
    held = When(lease_until__gt=Now(), then=F("next_at"))
    affected = Delivery.objects.filter(pk__in=delivery_ids)
    affected.update(wishes=F("wishes") + 1, deadline_at=None, priority=Delivery.URGENT)
    affected.exclude(phase=Phase.PAUSED).update(
        phase=Phase.SENDING, cause=Cause.NONE, reason="", retries=0, next_at=Case(held, default=Now())
    )
    # After the deliveries, in the order in which a worker locks them: neither waits for the other.
    DeliveryItem.objects.filter(pk__in=item_ids).update(desired=Desired.GONE)


def keep(delivery_ids: Collection[uuid.UUID]) -> None:
    """Keep these deliveries as they are to the end of the caller's transaction, taken in one order by all."""
    rows = Delivery.objects.filter(pk__in=delivery_ids).order_by("pk").select_for_update(no_key=True)
    list(rows.values_list("pk"))
