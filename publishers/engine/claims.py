"""Who works on a delivery: a conditional UPDATE, a lease by the database's clock, a fence for each write."""

import datetime as dt
import time
import uuid
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Case, Exists, Expression, F, Q, Value, When
from django.db.models.functions import Now
from django.utils import timezone

from publishers import notices, pausing, switching
from publishers.engine import falling_back, resting
from publishers.engine.sweeping import concurrency
from publishers.engine.verdicts import Halt, Verdict, account_paused, everything_paused
from publishers.models import Account, Cause, Delivery, Phase, Transport

# Longer than one remote call can last (publishers.outbound); renewed before each of them.
LEASE = dt.timedelta(minutes=10)
# A question changes nothing, so it may be asked when a pause is as young as this.
QUESTION_S = 1


class Fenced(BaseException):
    """Another worker has taken the delivery over; this one stops and writes nothing more.

    A BaseException, so that no ``except Exception`` in a plugin can swallow it.
    """


@dataclass
class Claim:
    """The right to work on one delivery until somebody else claims it. ``now`` is the database's clock."""

    delivery: Delivery
    fence: int
    now: dt.datetime
    renewed_s: float = field(default_factory=time.monotonic)  # by this process's clock

    @property
    def is_held(self) -> Exists:
        """Return the condition under which this claim is still the last one, for a write to another table."""
        return Exists(Delivery.objects.filter(pk=self.delivery.pk, fence=self.fence))


def claim(delivery_id: uuid.UUID) -> Claim | None:
    """Return the claim when the delivery is due and nobody holds it, otherwise None.

    Also None while its account has as many in hand as it may, or rests, and while the hub is paused.
    """
    with transaction.atomic():
        # Whoever claims for the account waits here, so that what it has in hand is counted by one at a time.
        locked = Account.objects.select_for_update(no_key=True).filter(deliveries=delivery_id)
        account = locked.annotate(way=F("deliveries__transport")).get()
        if not _may_take(account) or not _take(delivery_id):
            return None
        delivery = Delivery.objects.annotate(now=Now()).get(pk=delivery_id)
    delivery.account = account
    return Claim(delivery, delivery.fence, delivery.now)


def _may_take(account: Account) -> bool:
    by_hand = account.way == Transport.MANUAL
    if not by_hand and account.resting_until is not None and account.resting_until > timezone.now():
        resting.wait(account)
        return False
    most = 1 if resting.must_be_probed(account) else concurrency(account.platform)
    return Delivery.objects.filter(account=account, lease_until__gt=Now()).count() < most


def _take(delivery_id: uuid.UUID) -> int:
    due = Delivery.objects.filter(switching.open_for(), pk=delivery_id, phase__in=Delivery.OPEN)
    free = Q(lease_until=None) | Q(lease_until__lte=Now())
    begun = Case(
        When(phase=Phase.SCHEDULED, then=Value(Phase.SENDING)), default=F("phase"), output_field=_text()
    )
    return due.filter(free, next_at__lte=Now()).update(
        fence=F("fence") + 1, phase=begun, lease_until=from_now(LEASE), next_at=from_now(LEASE)
    )


def hold(claim: Claim) -> None:
    """Renew the lease before a call.

    Raises Fenced, or Halt when the account or the hub was paused meanwhile or something else is desired.
    """
    paused = Account.objects.filter(pk=claim.delivery.account_id, paused_at__isnull=False)
    if claim.delivery.transport == Transport.MANUAL:
        paused = paused.exclude(paused_by="")  # as ``Account.stops`` says
    as_claimed = _mine(claim).filter(switching.open_for(), ~Exists(paused), wishes=claim.delivery.wishes)
    if _renew(claim, as_claimed):
        return
    wishes = _mine(claim).values_list("wishes", flat=True).first()
    if wishes is None:
        raise Fenced
    if wishes != claim.delivery.wishes:
        raise Halt(Verdict(Phase.SENDING, after=dt.timedelta()))
    if not _mine(claim).filter(switching.open_for()).exists():
        raise Halt(everything_paused(claim.delivery, switching.state()))
    claim.delivery.account.refresh_from_db()
    raise Halt(account_paused(claim.delivery.account))


def hold_to_ask(claim: Claim) -> None:
    """Renew the lease before a question, unless that was done a moment ago. Raises as ``hold``."""
    if time.monotonic() - claim.renewed_s > QUESTION_S:
        hold(claim)


def keep(claim: Claim) -> None:
    """Renew the lease to write down what is known, whatever is desired now. Raises Fenced."""
    if not _renew(claim, _mine(claim)):
        raise Fenced


def _renew(claim: Claim, rows) -> int:
    claim.renewed_s = time.monotonic()
    return rows.update(lease_until=from_now(LEASE), next_at=from_now(LEASE))


def let_go(claim: Claim, verdict: Verdict) -> None:
    """Write how the run ended and give the claim up. Raises Fenced."""
    if verdict.phase != Phase.PAUSED:
        return _write(claim, verdict)
    with transaction.atomic():
        if not pausing.is_paused_now(claim.delivery.account_id):
            # Resumed before this was written: whoever resumed did not see it among what is paused.
            verdict = Verdict(claim.delivery.phase, after=dt.timedelta())
        _write(claim, verdict)


def _write(claim: Claim, verdict: Verdict) -> None:
    changes = {
        "phase": verdict.phase,
        "cause": verdict.cause,
        "reason": verdict.reason[:500],
        "retries": verdict.retries,
        "deadline_at": verdict.deadline_at,
        "next_at": from_now(verdict.after) if verdict.after is not None else verdict.at,
        "lease_until": None,
    }
    if verdict.phase == Phase.SETTLED:
        changes["settled_at"] = changes["look_at"] = Now()
    if verdict.by_hand:
        changes |= falling_back.changes()
    if _mine(claim).filter(wishes=claim.delivery.wishes).update(**changes):
        if verdict.by_hand:
            falling_back.note(claim.delivery, verdict.reason)
        if verdict.phase == Phase.ATTENTION:
            notices.tell_of_attention(claim.delivery.pk)
        return
    # Something else is desired since: the next run sees to it, at once.
    at_once = {"phase": Phase.SENDING, "cause": Cause.NONE, "reason": "", "next_at": Now()}
    if not _mine(claim).update(**at_once, lease_until=None):
        raise Fenced


def _mine(claim: Claim):
    return Delivery.objects.filter(pk=claim.delivery.pk, fence=claim.fence)


def from_now(span: dt.timedelta) -> Expression:
    return Now() + Value(span)


def _text():
    return Delivery._meta.get_field("phase")
