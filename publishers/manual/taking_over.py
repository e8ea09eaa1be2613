"""A person publishes by hand what its way does not bring there; where it may be there, she looks first."""

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from cms.refusals import Refused
from publishers.engine import falling_back
from publishers.engine.wake import wake_on_commit
from publishers.feeds import feeding
from publishers.models import Cause, Delivery, Desired, Phase
from publishers.models.leases import in_no_hand
from publishers.people import audit
from publishers.people.permissions import Actor, require_sending
from publishers.people.refusals import PerhapsThere

#: What waits for one of these, or needs a person because of it, may be taken over.
CAUSES = (
    Cause.CAPABILITY,
    Cause.PERMANENT,
    Cause.RETRY,
    Cause.QUOTA,
    Cause.CREDENTIALS,
    Cause.UNKNOWN,
    Cause.UNCONFIRMED,
    Cause.INTERNAL,
)


def may_be_taken_over(delivery: Delivery) -> bool:
    """Return whether the delivery, as it stands, can be published by hand instead; items are prefetched."""
    items = delivery.items.all()
    if any(item.desired == Desired.GONE or item.observed_generation is not None for item in items):
        return False
    waits = delivery.phase == Phase.ATTENTION or delivery.phase in Delivery.OPEN
    is_stopped = delivery.phase == Phase.PAUSED and delivery.account.is_stopped
    stands = (waits and delivery.cause in CAUSES) or is_stopped
    return stands and falling_back.can_go_by_hand(delivery)


@transaction.atomic
def take_over(delivery: Delivery, *, looked: bool = False, by: Actor) -> None:
    """Let the delivery go on by hand; the hub calls nothing more for it.

    ``looked`` says that the person has looked at the account and the article is not there. Raises
    PermissionDenied; Refused; PerhapsThere when something may be there and she has not looked.
    """
    require_sending(by, delivery.account)
    locked = Delivery.objects.select_for_update(of=("self",), no_key=True).select_related("account")
    row = locked.filter(in_no_hand(), pk=delivery.pk).first()
    if row is None or not may_be_taken_over(row):
        raise Refused(_("This delivery is at work, or cannot be published by hand instead."))
    if not looked and falling_back.perhaps_there(row):
        raise PerhapsThere(
            _(
                "The article may be on {account}: look there first, also among drafts and what is in review."
            ).format(account=row.account)
        )
    Delivery.objects.filter(pk=row.pk).update(
        **falling_back.changes(),
        phase=Phase.SENDING,
        cause=Cause.NONE,
        reason="",
        retries=0,
        put_off_s=0,
        deadline_at=None,
        next_at=Now(),
        # A worker that has outlived its lease writes nothing more.
        fence=F("fence") + 1,
        lease_until=None,
    )
    feeding.take_back(row)
    audit.record("delivery.take_over", row, by, account=row.account_id, looked=looked)
    delivery.refresh_from_db()
    wake_on_commit([delivery.pk])
