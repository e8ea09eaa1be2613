"""What becomes of an account's deliveries when its articles are to travel over another transport."""

from django.db.models import Count, F

from publishers import registry
from publishers.models import Account, Attempt, Delivery, DeliveryItem, Phase


def move(account: Account, before: str) -> int:
    """Let what has not begun over ``before`` travel as ``account`` now does; return how many moved.

    Inside the caller's transaction. What may be there already stays where it is, as does a correction, which
    goes where the earlier text went, and an edition that is too large for the new transport. What was only
    uploaded, or was refused, has not begun: nobody can have seen it.
    """
    waiting = Delivery.objects.filter(account=account, transport=before)
    waiting = waiting.exclude(phase__in=(Phase.SETTLED, Phase.CANCELLED)).order_by("pk")
    # Locked first, asked then: a worker that begins meanwhile is seen, or sees that its wishes are old.
    locked = waiting.select_for_update(no_key=True, of=("self",))
    ids = list(locked.values_list("pk", flat=True))
    size = registry.get(account.platform, account.transport).platform.edition_size
    items = DeliveryItem.objects.filter(delivery__in=ids).order_by()
    stays = {
        *Attempt.of_effect().filter(delivery__in=ids).values_list("delivery", flat=True),
        *items.filter(replaces__isnull=False).values_list("delivery", flat=True),
        *items.values("delivery")
        .annotate(n=Count("pk"))
        .filter(n__gt=size)
        .values_list("delivery", flat=True),
    }
    moved = Delivery.objects.filter(pk__in=[pk for pk in ids if pk not in stays])
    return moved.update(transport=account.transport, wishes=F("wishes") + 1, generation=F("generation") + 1)
