"""What was seen of articles after they went out, and a person's answer to it."""

from collections.abc import Collection, Mapping

from django.db import transaction
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from cms.refusals import Refused
from publishers.models import Cause, Delivery, DeliveryItem, Desired, Phase, Seen, Sighting
from publishers.people import audit
from publishers.people.permissions import Actor, name_of, require_sending


def newest(items: QuerySet[DeliveryItem] | Collection[DeliveryItem]) -> QuerySet[Sighting]:
    """Return the last sighting of each item."""
    last = Sighting.objects.filter(item=OuterRef("item")).order_by("-at", "-pk").values("pk")[:1]
    return Sighting.objects.filter(item__in=items, pk=Subquery(last)).select_related("item")


def accepted(delivery: Delivery) -> Mapping[int, str]:
    """Return by item what a person said last of it since the delivery settled."""
    rows = Sighting.objects.filter(item__delivery=delivery, at__gte=delivery.settled_at).exclude(by_name="")
    return dict(rows.order_by("at", "pk").values_list("item", "found"))


@transaction.atomic
def accept(delivery: Delivery, *, by: Actor) -> None:
    """Let what was found stand: an altered text stays, what is gone is noted as taken down.

    The looks go on, and tell of what is different again. Raises PermissionDenied; Refused unless the delivery
    waits because of what was found, or when a withdrawn article is still there.
    """
    require_sending(by, delivery.account)
    waits = Delivery.objects.select_for_update(no_key=True).filter(pk=delivery.pk)
    if not waits.filter(phase=Phase.ATTENTION, cause=Cause.ALTERED).exists():
        raise Refused(_("Nothing was found at this delivery that waits to be accepted."))
    found = [
        seen for seen in newest(delivery.items.all()) if seen.found in (Seen.ALTERED, Seen.GONE, Seen.LIVE)
    ]
    if any(seen.item.desired == Desired.GONE and seen.found != Seen.GONE for seen in found):
        raise Refused(_("The article is withdrawn: take it down on the account, then confirm it here."))
    other = [seen for seen in found if seen.item.desired == Desired.LIVE and seen.found != Seen.LIVE]
    Sighting.objects.bulk_create(
        Sighting(item=seen.item, at=Now(), found=seen.found, url=seen.url, by_name=name_of(by))
        for seen in other
    )
    gone = [seen.item_id for seen in other if seen.found == Seen.GONE]
    DeliveryItem.objects.filter(pk__in=gone).update(
        desired=Desired.GONE, wanted=False, observed_generation=None
    )
    if gone:
        waits.update(going_since=Now())
    waits.update(phase=Phase.SETTLED, cause=Cause.NONE, reason="", look_at=Now(), fence=F("fence") + 1)
    audit.record("delivery.accept", delivery, by, account=delivery.account_id)
    delivery.refresh_from_db()
