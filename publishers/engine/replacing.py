"""A corrected text takes an earlier one's place on an account: what it waits for, and what goes first.

The correction is a delivery of its own, so that nothing of the earlier one is overwritten; its item names the
one that it ``replaces``. Only one of the two acts on the platform at a time.
"""

import uuid
from collections.abc import Collection

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from publishers.engine import outcomes, removing
from publishers.engine.items import EngineItem
from publishers.engine.leases import Lease, renew_before_call
from publishers.engine.outcomes import Halt
from publishers.feeds import feeding
from publishers.interface import Publisher
from publishers.models import (
    Attempt,
    CorrectionStrategy,
    Delivery,
    DeliveryItem,
    Desired,
    Phase,
)


def is_in_place(row: DeliveryItem, publisher: Publisher) -> bool:
    """Return whether the hub changes the earlier text at its address, or in the feed that offers it."""
    old = row.replaces
    if old is None or row.manner != CorrectionStrategy.UPDATE or not publisher.platform.can_correct:
        return False
    is_there = old.observed_generation is not None and bool(old.remote)
    return is_there or bool(feeding.offered([old.pk]))


def is_for_a_person(row: DeliveryItem) -> bool:
    """Return whether a person shall change the earlier text, which is live: that needs no call."""
    old = row.replaces
    if old is None or row.manner != CorrectionStrategy.BY_HAND:
        return False
    is_awaited = row.desired == Desired.LIVE and row.wanted and row.observed_generation is None
    return is_awaited and old.wanted and old.observed_generation is not None


def make_way(lease: Lease, item: EngineItem, publisher: Publisher) -> None:
    """Return when the corrected text may go to the platform.

    Raises Halt while the earlier one is in the way, and when a person must do it.
    """
    old = item.row.replaces
    if old is None:
        return
    if not old.wanted:
        _refuse_given_up(lease, old)
    elif item.row.manner == CorrectionStrategy.REPUBLISH:
        _let_go(lease, old)
    elif is_in_place(item.row, publisher):
        return
    elif old.observed_generation is None:
        raise Halt(outcomes.waits_for_arrival(lease.delivery))
    else:
        raise Halt(outcomes.to_be_changed(lease.delivery, item.row.release.number))


def _refuse_given_up(lease: Lease, old: DeliveryItem) -> None:
    calls = Attempt.of_effect().filter(delivery=old.delivery_id)
    if old.desired == Desired.LIVE and old.delivery.phase == Phase.CANCELLED and calls.exists():
        raise Halt(outcomes.predecessor_given_up(lease.delivery))


def _let_go(lease: Lease, old: DeliveryItem) -> None:
    """Ask for the earlier text to be taken down, and wait for it.

    What is under way stops where it is; an edition goes out first, for the sake of its other articles.
    """
    if old.desired == Desired.LIVE:
        alone = not DeliveryItem.objects.filter(delivery=old.delivery_id).exclude(pk=old.pk).exists()
        if old.observed_generation is None and not alone:
            raise Halt(outcomes.waits_for_arrival(lease.delivery))
        with transaction.atomic():
            removing.keep([lease.delivery.pk, old.delivery_id])
            renew_before_call(lease)
            removing.ask([old.pk], [old.delivery_id])
    raise Halt(outcomes.waits_for_removal(lease.delivery))


def require_known(lease: Lease, going: Collection[EngineItem]) -> None:
    """Raise Halt while a withdrawn correction may still turn out to be at the address of one of the items."""
    looked_for = DeliveryItem.objects.filter(
        replaces__in=[item.pk for item in going], manner=CorrectionStrategy.UPDATE, desired=Desired.GONE
    )
    if looked_for.exclude(delivery__phase__in=(Phase.SETTLED, Phase.CANCELLED)).exists():
        raise Halt(outcomes.waits_for_correction(lease.delivery))


def end_replaced(items: Collection[DeliveryItem]) -> None:
    """Note that the earlier texts are no longer there: ``items`` are; inside the caller's transaction."""
    replaced = DeliveryItem.objects.filter(pk__in=[row.replaces_id for row in items if row.replaces_id])
    replaced.update(wanted=False, observed_generation=None)


def wake_neighbours(item_ids: Collection[int]) -> list[uuid.UUID]:
    """Let what waits for these items go on now; return the deliveries' ids.

    Not in the transaction that changed the items, so that no two workers wait for each other.
    """
    delivery_ids = {delivery_id for pk in item_ids for delivery_id in _near(pk)}
    if not delivery_ids:
        return []
    waiting = Delivery.objects.filter(
        pk__in=delivery_ids, phase__in=Delivery.OPEN, lease_until=None, next_at__gt=Now()
    )
    due = list(waiting.filter(due_at__lte=Now()).values_list("pk", flat=True))
    if due:
        Delivery.objects.filter(pk__in=due, phase__in=Delivery.OPEN, lease_until=None).update(next_at=Now())
    return due


def _near(item_id: int) -> QuerySet[DeliveryItem, uuid.UUID]:
    near = DeliveryItem.objects.filter(Q(replaces=item_id) | Q(replaced_by=item_id))
    return near.values_list("delivery", flat=True)
