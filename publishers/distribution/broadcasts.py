"""A person decides that a delivery is sent to the account's followers instead of only being published."""

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from cms.refusals import Refused
from publishers import registry
from publishers.accounts.capabilities import words_for
from publishers.engine.wake import wake_on_commit
from publishers.interface import Notifying
from publishers.models import Account, Cause, Delivery, Desired, Outcome, Phase
from publishers.models.leases import in_no_hand
from publishers.people import audit
from publishers.people.permissions import Actor, require_sending

#: Not while the review runs, and not when it is over.
PHASES = (Phase.SCHEDULED, Phase.SENDING, Phase.PAUSED, Phase.ATTENTION)


def offered_by(account: Account) -> Notifying | None:
    """Return how the account tells its followers; None when it cannot or may not."""
    publisher = registry.find(account.platform, account.transport)
    notifying = publisher.platform.notifying if publisher else None
    return notifying if notifying and notifying.capability in account.capabilities else None


def may_be_decided(delivery: Delivery) -> bool:
    """Return whether it is still open whether followers are told: nothing may have reached readers."""
    notifying = offered_by(delivery.account)
    return notifying is not None and delivery.phase in PHASES and _is_open(delivery, notifying)


@transaction.atomic
def decide(delivery: Delivery, notifies: bool, *, by: Actor) -> None:
    """Let the delivery be sent to followers, or not after all.

    Raises PermissionDenied; Refused when the account may not, when a worker has it in hand, or when one of
    the two calls may have had its effect already.
    """
    account = delivery.account
    require_sending(by, account)
    notifying = offered_by(account)
    if notifying is None:
        raise Refused(_("{account} may not {name}.").format(account=account, name=words_for("mass")))
    # The fence first: a worker that outlived its lease makes no call after this.
    rows = Delivery.objects.filter(in_no_hand(), pk=delivery.pk, phase__in=PHASES)
    if not rows.update(notifies=notifies, fence=F("fence") + 1) or not _is_open(delivery, notifying):
        raise Refused(_("It is too late: the article is on its way to readers, or there."))
    asked = Delivery.objects.filter(pk=delivery.pk, phase=Phase.ATTENTION)
    if asked.update(phase=Phase.SENDING, cause=Cause.NONE, reason="", next_at=Now(), retries=0, put_off_s=0):
        wake_on_commit([delivery.pk])
    action = "delivery.notify" if notifies else "delivery.notify_not"
    audit.record(action, delivery, by, account=account.pk)
    delivery.refresh_from_db()


def _is_open(delivery: Delivery, notifying: Notifying) -> bool:
    called = delivery.attempts.filter(name__in=(notifying.step, notifying.instead_of))
    seen = delivery.items.filter(Q(desired=Desired.GONE) | Q(observed_generation__isnull=False))
    return not called.exclude(outcome=Outcome.FAILED).exists() and not seen.exists()
