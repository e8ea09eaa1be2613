"""Reminding, once, of what a person should have done by now."""

import uuid

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from publishers.models import Delivery, Phase
from publishers.notifications import mail

BATCH = 200


def remind() -> int:
    """Tell of each task whose deadline has passed, once for each deadline; return how many there were.

    Two that remind at the same time tell it once.
    """
    late = _late()
    ids = list(late.order_by("deadline_at").values_list("pk", flat=True)[:BATCH])
    return sum(_remind(delivery_id) for delivery_id in ids)


def _late() -> QuerySet[Delivery]:
    # A reminder from before the deadline was of an earlier task of the same delivery.
    not_told = Q(reminded_at=None) | Q(reminded_at__lt=F("deadline_at"))
    return Delivery.objects.filter(not_told, phase=Phase.ATTENTION, deadline_at__lte=Now())


@transaction.atomic
def _remind(delivery_id: uuid.UUID) -> int:
    told = _late().filter(pk=delivery_id).update(reminded_at=Now())
    if told:
        mail.tell_of_lateness(delivery_id)
    return told
