"""What the line does that is kept for what is urgent: of each place one delivery at a time.

A place is where calls go: a platform, or one partner's host. One that hangs keeps each worker that waits for
it; here it keeps one, and what is urgent elsewhere finds another, for which the line has two. What else is
due at the place follows as soon as that one is over, here or in the line of the deliveries.
"""

import uuid
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, TypedDict
from urllib.parse import urlsplit

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import Now, RowNumber

from publishers.engine import switching
from publishers.engine.leases import most_in_hand
from publishers.engine.scheduler import BATCH
from publishers.models import Delivery, Transport

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class Place(NamedTuple):
    platform: str
    transport: str  # what a person does, or a partner fetches, hangs with no platform
    host: str  # empty: the platform's own


class _Going(TypedDict):
    is_going: bool


def sweep() -> list[uuid.UUID]:
    """Return what the line may begin: of each place that has nothing urgent in hand what is due for longest.

    At most BATCH. What is in hand counts, whichever line has it.
    """
    return list(_first_of_each().values())[:BATCH]


def next_after(delivery_id: uuid.UUID) -> list[uuid.UUID]:
    """Return what may begin now at the place of this delivery, if anything."""
    place = _place(_rows().get(pk=delivery_id))
    return [pk for each, pk in _first_of_each().items() if each == place]


def may_begin(delivery_id: uuid.UUID) -> bool:
    """Return whether the delivery's place still has nothing urgent in hand: the call for it may be old."""
    delivery = _rows().filter(pk=delivery_id).first()
    return delivery is not None and _place(delivery) not in _busy(_in_hand())


def _first_of_each() -> dict[Place, uuid.UUID]:
    in_hand = list(_in_hand())
    busy, counts = _busy(in_hand), Counter(delivery.account_id for delivery in in_hand)
    first: dict[Place, uuid.UUID] = {}
    for delivery in _due():
        place, most = _place(delivery), most_in_hand(delivery.account, is_going=delivery.is_going)
        if place not in busy and counts[delivery.account_id] < most:
            first.setdefault(place, delivery.pk)
    return first


def _due() -> "QuerySet[WithAnnotations[Delivery, _Going]]":
    """Return of each account the urgent delivery that it takes first; those due for longest first.

    As ``leases.acquire`` takes it: an account that rests takes nothing but what is to be taken down.
    """
    due = _rows().filter(switching.open_for(), priority=Delivery.URGENT, next_at__lte=Now())
    due = due.annotate(is_going=Delivery.going())
    awake = Q(account__resting_until=None) | Q(account__resting_until__lte=Now())
    due = due.filter(awake | Q(is_going=True) | Q(transport=Transport.MANUAL))
    accounts = F("account_id") + 0  # as ``scheduler.sweep`` says
    turn = Window(RowNumber(), partition_by=accounts, order_by=[F("is_going").desc(), "next_at", "pk"])
    return due.annotate(turn=turn).filter(turn=1).order_by("next_at", "pk")


def _in_hand() -> QuerySet[Delivery]:
    return _rows().filter(lease_until__gt=Now()).order_by()


def _rows() -> QuerySet[Delivery]:
    asked = ("priority", "transport", "account__platform", "account__base_url", "account__failures")
    return Delivery.objects.select_related("account").only(*asked)


def _busy(in_hand: "QuerySet[Delivery] | list[Delivery]") -> set[Place]:
    return {_place(delivery) for delivery in in_hand if delivery.priority == Delivery.URGENT}


def _place(delivery: Delivery) -> Place:
    account = delivery.account
    return Place(account.platform, delivery.transport, urlsplit(account.base_url).netloc)
