"""Who works on a delivery: a conditional UPDATE, a lease by the database's clock, a fence for each write."""

import datetime as dt
import time
import uuid
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypedDict

from django.db import transaction
from django.db.models import (
    Case,
    CharField,
    Exists,
    Expression,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Now

from publishers.accounts import pausing
from publishers.engine import circuit_breaker, falling_back, held_up, switching
from publishers.engine.outcomes import Halt, RunOutcome, account_paused, everything_paused, never_ended
from publishers.engine.scheduler import concurrency
from publishers.interface import storable
from publishers.models import Account, Cause, Delivery, MainSwitch, Phase, Transport
from publishers.models.clock import from_now
from publishers.models.leases import in_no_hand
from publishers.notifications import mail

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

# Ends within a minute of its worker's death; while that lives it is renewed (``keeping``), however long a
# call lasts.
LEASE = dt.timedelta(seconds=50)
LONG_ENOUGH = dt.timedelta(seconds=20)
#: Who has not renewed it for so long by its own clocks may have been stopped, and asks before it calls.
CERTAIN_S = 30
# A question changes nothing, so it may be asked when a pause is as young as this.
QUESTION_S = 1


class _Travels(TypedDict):
    travels: str  # over which transport
    is_going: bool  # whether anything of the delivery is to be taken down
    now: dt.datetime


class _Taken(TypedDict):
    now: dt.datetime
    restored_at: dt.datetime | None


class Fenced(BaseException):
    """Another worker has taken the delivery over; this one stops and writes nothing more.

    A BaseException, so that no ``except Exception`` in a plugin can swallow it.
    """


@dataclass
class Lease:
    """The right to work on one delivery until somebody else acquires it. ``now`` is the database's clock.

    ``restored_at`` is the time of the backup from which the database comes, if it was ever lost;
    ``is_going`` says that something of the delivery is to be taken down.
    """

    delivery: Delivery
    fencing_token: int
    now: dt.datetime
    restored_at: dt.datetime | None = None
    is_going: bool = False
    looked_s: float = field(default_factory=time.monotonic)  # by this process's clock
    renewed_s: tuple[float, float] = field(default_factory=lambda: _clocks())
    taken_s: float = field(default_factory=time.monotonic)

    @property
    def time(self) -> dt.datetime:
        """The database's clock, as it has gone on since: what hosts' own clocks say differs."""
        return self.now + dt.timedelta(seconds=time.monotonic() - self.taken_s)

    @property
    def is_first(self) -> bool:
        """Whether nobody worked on the delivery before: then nothing is written of its steps or marks."""
        return self.fencing_token == 1


def acquire(delivery_id: uuid.UUID) -> Lease | None:
    """Return the lease when the delivery is due and nobody holds it, otherwise None.

    Also None while its account has as many in hand as it may, or rests, while the hub is paused, and when the
    database does not know it: a message may be older than the backup that was restored.
    """
    with transaction.atomic():
        # Whoever acquires one of the account waits here, so that what it has in hand is counted one by one.
        account = next(iter(_locked_account(delivery_id)), None)
        if account is None or not _may_take(account) or not _take(delivery_id):
            return None
        delivery = _taken(delivery_id)
    delivery.account = account
    return Lease(delivery, delivery.fence, delivery.now, delivery.restored_at, is_going=account.is_going)


def _may_take(account: "WithAnnotations[Account, _Travels]") -> bool:
    """Return whether the account has room; for what is to be taken down one place more, and no rest."""
    by_hand = account.travels == Transport.MANUAL or account.is_going
    if not by_hand and account.rests_at(account.now):
        circuit_breaker.hold_back(account)
        return False
    in_hand = Delivery.objects.filter(account=account, lease_until__gt=Now()).count()
    return in_hand < most_in_hand(account, is_going=account.is_going)


def most_in_hand(account: Account, *, is_going: bool) -> int:
    """Return how many deliveries the account may have in hand with one that ``is_going``, or is not."""
    most = 1 if circuit_breaker.must_be_probed(account) else concurrency(account.platform)
    return most + is_going


def _locked_account(delivery_id: uuid.UUID) -> "QuerySet[WithAnnotations[Account, _Travels]]":
    locked = Account.objects.select_for_update(no_key=True).filter(deliveries=delivery_id)
    return locked.annotate(
        travels=F("deliveries__transport"), is_going=Delivery.going("deliveries"), now=Now()
    )


def _take(delivery_id: uuid.UUID) -> int:
    due = Delivery.objects.filter(switching.open_for(), pk=delivery_id)
    begun = Case(
        When(phase=Phase.SCHEDULED, then=Value(Phase.SENDING)), default=F("phase"), output_field=_text()
    )
    due = due.filter(in_no_hand(), next_at__lte=Now())
    # Whoever ends gives the lease up.
    lost = Case(When(lease_until=None, then=F("lost")), default=F("lost") + 1)
    return due.update(**_renewal(), fence=F("fence") + 1, phase=begun, lost=lost)


def _taken(delivery_id: uuid.UUID) -> "WithAnnotations[Delivery, _Taken]":
    restored_at = Subquery(MainSwitch.objects.filter(pk=1).values("restored_at"))
    return Delivery.objects.annotate(now=Now(), restored_at=restored_at).get(pk=delivery_id)


def renew_before_call(lease: Lease) -> None:
    """Renew the lease before a call.

    Raises Fenced, or Halt when the account or the hub was paused meanwhile or something else is desired.
    """
    lease.looked_s = time.monotonic()
    if _unstopped(lease).update(**_renewal()):
        lease.renewed_s = _clocks()
        return
    wishes = mine(lease).values_list("wishes", flat=True).first()
    if wishes is None:
        raise Fenced
    if wishes != lease.delivery.wishes:
        raise Halt(RunOutcome(Phase.SENDING, after=dt.timedelta()))
    if not mine(lease).filter(switching.open_for()).exists():
        raise Halt(everything_paused(lease.delivery, switching.state()))
    lease.delivery.account.refresh_from_db()
    raise Halt(account_paused(lease.delivery.account))


def keep(lease: Lease) -> bool:
    """Renew the lease while it lasts, and return whether it did: one that has ended is not brought back."""
    kept = mine(lease).filter(lease_until__gt=Now()).update(**_renewal())
    if kept:
        lease.renewed_s = _clocks()
    return bool(kept)


@transaction.atomic
def give_up(lease: Lease) -> None:
    """End the lease of a run that does not come back: it writes nothing more, whenever it should.

    The next worker goes on as after a dead one; the second time in a row, or when something is to be taken
    down, a person has to.
    """
    held = mine(lease).filter(lease_until__gt=Now())
    if not held.update(fence=F("fence") + 1, lease_until=Now(), next_at=Now()):
        return
    delivery = Delivery.objects.select_related("account").get(pk=lease.delivery.pk)
    is_going = Delivery.objects.filter(Delivery.going(), pk=delivery.pk).exists()
    if is_going or delivery.lost:
        now = replace(lease, delivery=delivery, fencing_token=delivery.fence, is_going=is_going)
        _write(now, never_ended(delivery))


def require_certain(lease: Lease) -> None:
    """Return when a call may leave: nobody else can have the delivery in hand. Raises Fenced.

    A process that was stopped, or a machine that slept, wakes where it was: perhaps just before a call, and
    long after its lease has ended.
    """
    passed = max(now - then for now, then in zip(_clocks(), lease.renewed_s, strict=True))
    if passed > CERTAIN_S and not keep(lease):
        raise Fenced


def _clocks() -> tuple[float, float]:
    # The first stands still while a machine sleeps, the second is set to and fro.
    return time.monotonic(), time.time()


def renew_before_question(lease: Lease) -> None:
    """Do as ``renew_before_call`` unless a step looked a moment ago; raises as it does."""
    if is_long_ago(lease):
        renew_before_call(lease)


def is_long_ago(lease: Lease) -> bool:
    """Return whether nobody has looked for QUESTION_S whether the lease still holds."""
    return time.monotonic() - lease.looked_s > QUESTION_S


def renew(lease: Lease) -> None:
    """Renew the lease to write down what is known, whatever is desired now. Raises Fenced."""
    if not mine(lease).update(**_renewal()):
        raise Fenced
    lease.renewed_s = _clocks()


def locked(lease: Lease) -> QuerySet[Delivery]:
    """Return the delivery as ``mine``, which nobody can acquire before the transaction ends."""
    return mine(lease).select_for_update(no_key=True)


def ready_for_call(lease: Lease) -> QuerySet[Delivery]:
    """Return what ``renew_before_call`` lets through, locked, while the lease lasts a call."""
    lasting = Q(lease_until__gt=from_now(LONG_ENOUGH))
    return _unstopped(lease).filter(lasting).select_for_update(no_key=True)


def _unstopped(lease: Lease) -> QuerySet[Delivery]:
    paused = Account.objects.filter(pk=OuterRef("account"), paused_at__isnull=False)
    # As ``Account.stops`` says: what a person does needs no credentials.
    unpaused = ~Exists(paused) | Q(transport=Transport.MANUAL) & ~Exists(paused.exclude(paused_by=""))
    return mine(lease).filter(switching.open_for(), unpaused, wishes=lease.delivery.wishes)


def _renewal() -> dict[str, Expression]:
    return {"lease_until": from_now(LEASE), "next_at": from_now(LEASE)}


def release(lease: Lease, run_outcome: RunOutcome) -> None:
    """Write how the run ended and give the lease up. Raises Fenced."""
    if run_outcome.phase != Phase.PAUSED:
        return _write(lease, run_outcome)
    with transaction.atomic():
        if not pausing.is_paused_now(lease.delivery.account_id):
            # Resumed before this was written: whoever resumed did not see it among what is paused.
            run_outcome = RunOutcome(lease.delivery.phase, after=dt.timedelta())
        _write(lease, run_outcome)


def _write(lease: Lease, run_outcome: RunOutcome) -> None:
    if lease.is_going:
        run_outcome = held_up.instead(run_outcome, lease.delivery)
    changes: dict[str, Any] = {  # each of its column's type
        "phase": run_outcome.phase,
        "cause": run_outcome.cause,
        "reason": storable(run_outcome.reason)[:500],
        "retries": run_outcome.retries,
        "lost": 0,
        "put_off_s": run_outcome.put_off_s,
        "deadline_at": run_outcome.deadline_at,
        "next_at": from_now(run_outcome.after) if run_outcome.after is not None else run_outcome.at,
        "lease_until": None,
    }
    if run_outcome.phase == Phase.SETTLED:
        changes["settled_at"] = changes["look_at"] = Now()
    elif lease.is_going and run_outcome.phase == Phase.ATTENTION and run_outcome.cause != Cause.WITHDRAWN:
        changes["look_at"] = Now()  # a person may take it down first: the looks notice it
    if run_outcome.by_hand:
        changes |= falling_back.changes()
    is_task = run_outcome.phase == Phase.ATTENTION and lease.delivery.phase != Phase.ATTENTION
    # One statement, or one transaction with the entry or the mail that tells of it.
    with transaction.atomic() if run_outcome.by_hand or is_task else nullcontext():
        is_written = mine(lease).filter(wishes=lease.delivery.wishes).update(**changes)
        if is_written and run_outcome.by_hand:
            falling_back.note(lease.delivery, run_outcome.reason)
        if is_written and is_task:
            mail.tell_of_attention(lease.delivery.pk)
    if is_written:
        return
    # Something else is desired since: the next run sees to it, at once.
    at_once = {"phase": Phase.SENDING, "cause": Cause.NONE, "reason": "", "next_at": Now()}
    if not mine(lease).update(**at_once, lease_until=None):
        raise Fenced


def mine(lease: Lease) -> QuerySet[Delivery]:
    """Return the delivery, and nothing once somebody else has acquired it."""
    return Delivery.objects.filter(pk=lease.delivery.pk, fence=lease.fencing_token)


def _text() -> "CharField[str, str]":
    return Delivery._meta.get_field("phase")
