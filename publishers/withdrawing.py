"""A withdrawal reaches every account where the article is, or may be, in the withdrawal's own transaction."""

from django.db import transaction
from django.db.models import Case, F, Q, When
from django.db.models.functions import Now
from django.dispatch import receiver
from django.utils.translation import gettext as _

from cms.withdrawing import release_withdrawn
from publishers import history
from publishers.models import Cause, Delivery, DeliveryItem, Desired, Phase
from publishers.refused import Refused
from publishers.rights import require_sending
from publishers.tasks import wake_on_commit


@receiver(release_withdrawn)
def take_down(withdrawal, user, **kwargs) -> None:
    """Let the engine take the article down wherever it is live, under way, or may have arrived.

    History says where it went, not today's rules. A worker that has a delivery in hand makes no further call
    (``Delivery.wishes``) and gives it up to the next run. Paused accounts follow when they are resumed.
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
    DeliveryItem.objects.filter(pk__in=item_ids).update(desired=Desired.GONE)
    held = When(lease_until__gt=Now(), then=F("next_at"))
    affected = Delivery.objects.filter(pk__in=delivery_ids)
    affected.update(wishes=F("wishes") + 1)
    affected.exclude(phase=Phase.PAUSED).update(
        phase=Phase.SENDING, cause=Cause.NONE, reason="", retries=0, next_at=Case(held, default=Now())
    )
    for delivery in affected:
        history.record("delivery.withdraw", delivery, user, account=delivery.account_id)
    wake_on_commit(delivery_ids)


@transaction.atomic
def confirm_gone(delivery: Delivery, *, by) -> None:
    """Take a person's word that she took it down, or that it is not there.

    Raises PermissionDenied; Refused unless it waits for a person.
    """
    require_sending(by, delivery.account)
    going = delivery.items.filter(desired=Desired.GONE)
    waits = Delivery.objects.filter(pk=delivery.pk, phase=Phase.ATTENTION, items__in=going)
    if not waits.exclude(cause=Cause.WITHDRAWN).exists():
        raise Refused(_("Nothing of this delivery waits to be taken down by a person."))
    going.update(observed_generation=None, wanted=False)
    Delivery.objects.filter(pk=delivery.pk).update(
        phase=Phase.SETTLED, cause=Cause.NONE, reason="", settled_at=Now(), fence=F("fence") + 1
    )
    history.record("delivery.gone", delivery, by, account=delivery.account_id)
    delivery.refresh_from_db()
