"""Asking for items to be taken down: the engine does the rest, and looks before it takes down."""

import datetime as dt
import uuid
from collections.abc import Collection

from django.db.models import Case, F, When
from django.db.models.functions import Now

from publishers.models import Cause, CorrectionStrategy, Delivery, DeliveryItem, Desired, Phase
from publishers.models.clock import from_now

MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)


def ask(item_ids: Collection[int], delivery_ids: Collection[uuid.UUID]) -> None:
    """Let the items of these deliveries go; inside the caller's transaction.

    A worker that has a delivery in hand makes no further call (``Delivery.wishes``) and gives it up to the
    next run, which gives what holds it up to a person (``held_up``).
    """
    keep(delivery_ids)
    held = When(lease_until__gt=Now(), then=F("next_at"))
    affected = Delivery.objects.filter(pk__in=delivery_ids)
    affected.update(
        phase=Phase.SENDING,
        cause=Cause.NONE,
        reason="",
        retries=0,
        wishes=F("wishes") + 1,
        deadline_at=None,
        priority=Delivery.URGENT,
        put_off_s=0,
        next_at=Case(held, default=Now()),
        going_since=Now(),
    )
    # After the deliveries, in the order in which a worker locks them: neither waits for the other.
    DeliveryItem.objects.filter(pk__in=item_ids).update(desired=Desired.GONE)


def again(delivery: Delivery, rows: Collection[DeliveryItem]) -> None:
    """Let items be taken down once more that were, and are back; inside the caller's transaction.

    ``delivery`` waits for a person. At once the first time, then ever later: who puts it back may go on so.
    """
    earlier = max(delivery.generation - (row.payload_generation or delivery.generation) for row in rows)
    # The bound first: what is put back for weeks would wait for longer than a timedelta holds.
    wait = MINUTE * min(2**earlier - 1, DAY // MINUTE)
    Delivery.objects.filter(pk=delivery.pk).update(
        generation=F("generation") + 1,
        next_at=from_now(wait),
        retries=0,
        put_off_s=0,
        going_since=Now(),
    )
    DeliveryItem.objects.filter(pk__in=[row.pk for row in rows]).update(
        observed_generation=delivery.generation + 1
    )


def note_gone(rows: Collection[DeliveryItem]) -> None:
    """Note that these items, which are to go, are down; inside the caller's transaction."""
    # What was changed at its address is gone with it.
    places = {row.pk for row in rows} | {
        row.replaces_id for row in rows if row.manner == CorrectionStrategy.UPDATE and row.replaces_id
    }
    DeliveryItem.objects.filter(pk__in=places).update(observed_generation=None, wanted=False)


def keep(delivery_ids: Collection[uuid.UUID]) -> None:
    """Keep these deliveries as they are to the end of the caller's transaction, taken in one order by all."""
    rows = Delivery.objects.filter(pk__in=delivery_ids).order_by("pk").select_for_update(no_key=True)
    list(rows.values_list("pk"))
