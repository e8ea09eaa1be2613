"""A withdrawal reaches every account where the article is, or may be, in the withdrawal's own transaction."""

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from cms.models import Withdrawal
from cms.refusals import Refused
from publishers.engine import removing
from publishers.engine.wake import wake_neighbours_on_commit, wake_on_commit
from publishers.manual import by_hand
from publishers.models import (
    Cause,
    Delivery,
    DeliveryItem,
    Desired,
    Phase,
    Seen,
    Sighting,
)
from publishers.people import audit
from publishers.people.permissions import Actor, name_of, require_sending


def take_down(withdrawal: Withdrawal, user: AbstractUser, **kwargs: object) -> None:
    """Let the engine take the article down wherever it is live, under way, or may have arrived.

    History says where it went, not today's rules. A text that replaces another, and the one that it
    replaces, are both among them until one of them is over.
    """
    of_article = DeliveryItem.objects.filter(
        release__page_id=withdrawal.page_id, release__number__lte=withdrawal.number, desired=Desired.LIVE
    )
    halfway = Q(delivery__phase=Phase.CANCELLED, delivery__attempts__isnull=False)
    items = of_article.filter(Q(wanted=True) | halfway).values_list("pk", "delivery")
    item_ids, delivery_ids = set(), set()
    for item_id, delivery_id in items:
        item_ids.add(item_id)
        delivery_ids.add(delivery_id)
    removing.ask(item_ids, delivery_ids)
    affected = Delivery.objects.filter(pk__in=delivery_ids).select_related("account")
    for delivery in affected:
        audit.record("delivery.withdraw", delivery, user, account=delivery.account_id)
    wake_on_commit(delivery_ids)


@transaction.atomic
def confirm_gone(delivery: Delivery, *, by: Actor) -> None:
    """Take a person's word that she took it down, or that it is not there.

    Also before the hub asks for it, or while it tries: it makes no further call. Raises PermissionDenied;
    Refused when nothing is to be taken down any more.
    """
    require_sending(by, delivery.account)
    waits = Delivery.objects.select_for_update(no_key=True).filter(pk=delivery.pk)
    waits = waits.exclude(phase__in=(Phase.SETTLED, Phase.CANCELLED)).exclude(cause=Cause.WITHDRAWN)
    going = list(delivery.items.filter(desired=Desired.GONE))
    if not going or not waits.exists():
        raise Refused(_("Nothing of this delivery waits to be taken down by a person."))
    removing.note_gone(going)
    Sighting.objects.bulk_create(
        Sighting(item=row, at=Now(), found=Seen.GONE, url=row.url, by_name=name_of(by)) for row in going
    )
    by_hand.settle(delivery)
    audit.record("delivery.gone", delivery, by, account=delivery.account_id)
    wake_neighbours_on_commit([row.pk for row in going])
    delivery.refresh_from_db()
