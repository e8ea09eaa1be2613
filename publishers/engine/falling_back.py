"""What an account's way cannot take goes on by hand, where nothing of it can be there (decision 10)."""

import datetime as dt
import uuid

from django.db import transaction
from django.db.models import F
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from publishers import registry
from publishers.engine.outcomes import RunOutcome
from publishers.models import Account, Attempt, Cause, Delivery, Desired, Phase, Transport
from publishers.models.clock import from_now
from publishers.people import audit
from publishers.people.permissions import HUB

#: Neither waiting nor an editor mends these; what was tried for hours had no effect each time.
CAUSES = (Cause.CAPABILITY, Cause.PERMANENT, Cause.RETRY)
#: So long administrators have for renewing credentials before what is due is published by hand.
GRACE = dt.timedelta(minutes=30)
BATCH = 200


def instead(run_outcome: RunOutcome, delivery: Delivery) -> RunOutcome:
    """Return the outcome under which the delivery goes on by hand, or this one where it does not."""
    needs_a_person = run_outcome.phase == Phase.ATTENTION and run_outcome.cause in CAUSES
    if not needs_a_person or not delivery.account.falls_back or not has_not_begun(delivery):
        return run_outcome
    return RunOutcome(Phase.SENDING, reason=run_outcome.reason, after=dt.timedelta(), by_hand=True)


def can_go_by_hand(delivery: Delivery) -> bool:
    """Return whether the delivery, all of which is wanted, travels another way that a person can replace."""
    return delivery.transport != Transport.MANUAL and _takes_by_hand(delivery.account)


def has_not_begun(delivery: Delivery) -> bool:
    """Return whether a person can publish it, and certainly nothing of it is on the platform."""
    if not can_go_by_hand(delivery) or delivery.items.filter(desired=Desired.GONE).exists():
        return False
    return not perhaps_there(delivery)


def perhaps_there(delivery: Delivery) -> bool:
    """Return whether a call was made for the delivery, in any generation, that may have had an effect."""
    return Attempt.of_effect().filter(delivery=delivery).exists()


def changes() -> dict[str, str | Combinable]:
    """Return what changes when a delivery goes on by hand: its texts, marks and steps are new ones."""
    return {"transport": Transport.MANUAL, "generation": F("generation") + 1}


def note(delivery: Delivery, reason: str) -> None:
    """Write into the delivery's history that the hub gave it to a person; in the caller's transaction."""
    audit.record("delivery.fall_back", delivery, HUB, account=delivery.account_id, reason=reason)


def after_stops() -> list[uuid.UUID]:
    """Let go by hand what is due on accounts whose credentials have been refused for GRACE; return which."""
    since = from_now(-GRACE)
    waiting = Delivery.objects.filter(
        phase=Phase.PAUSED,
        due_at__lte=since,
        account__in=Account.objects.filter(falls_back=True, paused_at__lte=since, paused_by=""),
    ).exclude(transport=Transport.MANUAL)
    ids = list(waiting.order_by("due_at").values_list("pk", flat=True)[:BATCH])
    return [delivery_id for delivery_id in ids if _after_stop(delivery_id)]


@transaction.atomic
def _after_stop(delivery_id: uuid.UUID) -> bool:
    rows = Delivery.objects.select_for_update(of=("self",), no_key=True).select_related("account")
    delivery = rows.filter(phase=Phase.PAUSED, pk=delivery_id).first()
    if delivery is None or not delivery.account.is_stopped or not has_not_begun(delivery):
        return False
    reason = _("The credentials of {account} are refused.").format(account=delivery.account)
    Delivery.objects.filter(pk=delivery_id).update(
        **changes(), phase=Phase.SENDING, cause=Cause.NONE, reason=reason, next_at=Now(), fence=F("fence") + 1
    )
    note(delivery, reason)
    return True


def _takes_by_hand(account: Account) -> bool:
    publisher = registry.find(account.platform)
    return publisher is not None and Transport.MANUAL in publisher.platform.transports
