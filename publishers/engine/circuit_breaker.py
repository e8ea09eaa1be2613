"""Rests of accounts: while one is at rest nothing is called there but what a person asks for.

The circuit breaker: an account that fails again and again rests, and is asked whether it is well again. And
an account whose platform asks one delivery to wait rests so long: thirty others would ask the same.
"""

import datetime as dt
import math
from dataclasses import replace

from django.db.models import Case, F, Q, When
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from publishers.engine.outcomes import RunOutcome, asked_to_wait
from publishers.interface import OutcomeUnknown, PublisherError, Retry
from publishers.models import Account, Cause, Delivery, Transport, clock
from publishers.models.leases import in_no_hand

#: So many runs in a row that failed for the account's own sake open the breaker.
FAILURES = 5
FIRST_REST, LONGEST_REST = dt.timedelta(minutes=1), dt.timedelta(minutes=30)


def is_own_failure(error: PublisherError) -> bool:
    """Return whether ``error`` says that the platform or the way to it does not work for this account."""
    return isinstance(error, Retry | OutcomeUnknown)


def must_be_probed(account: Account) -> bool:
    """Return whether the account has rested, and must show that it works before anything is sent there."""
    return account.failures >= FAILURES


def after_failure(account: Account, run_outcome: RunOutcome) -> RunOutcome:
    """Count a failure; return the outcome of the delivery that met it: it waits for the end of a rest."""
    now = _count_failure(account)
    until = account.resting_until
    if until is None or run_outcome.after is None or now + run_outcome.after >= until:
        return run_outcome
    return replace(run_outcome, after=None, at=until, reason=_sentence(account))


def _count_failure(account: Account) -> dt.datetime:
    """From FAILURES in a row on the account rests, each time twice as long; return the database's now."""
    rows = Account.objects.filter(pk=account.pk)
    rows.update(failures=F("failures") + 1)
    account.failures, now = rows.values_list("failures", Now()).get()
    if account.failures >= FAILURES:
        # The bound first: a platform that is away for days would have rests that no timedelta holds.
        rest = FIRST_REST * min(2 ** (account.failures - FAILURES), LONGEST_REST // FIRST_REST)
        account.resting_until = now + rest
        rows.update(resting_until=account.resting_until)
        hold_back(account)
    return now


def rest_as_asked(account: Account, asked_s: float) -> None:
    """Let the account rest for as long as its platform asked one delivery to wait: that is no failure."""
    rows = Account.objects.filter(pk=account.pk)
    until = clock.now(account) + dt.timedelta(seconds=asked_s)
    rows.filter(Q(resting_until=None) | Q(resting_until__lt=until)).update(resting_until=until)
    account.failures, account.resting_until = rows.values_list("failures", "resting_until").get()
    hold_back(account)


def close(account: Account) -> None:
    """Forget the failures; what waits for the account goes on at its next time, or when it may be asked."""
    if account.failures:
        opened = When(failures__gte=FAILURES, then=None)
        Account.objects.filter(pk=account.pk).update(
            failures=0, resting_until=Case(opened, default=F("resting_until"))
        )
        account.failures = 0


def hold_back(account: Account) -> None:
    """Let everything that the account could take now wait for the end of its rest, and say so.

    Not what is to be taken down: it comes to a run, which gives it to a person.
    """
    until = account.resting_until
    assert until is not None  # it rests
    put_off_s = 0 if must_be_probed(account) else _seconds_left(account)
    waiting = Delivery.objects.filter(in_no_hand(), account=account, next_at__lt=until)
    waiting = waiting.filter(~Delivery.going(), phase__in=Delivery.OPEN)
    waiting.exclude(transport=Transport.MANUAL).update(
        next_at=until,
        cause=Cause.RETRY,
        reason=_sentence(account),
        put_off_s=F("put_off_s") + put_off_s,
        lease_until=None,
    )


def rests(account: Account, delivery: Delivery) -> RunOutcome:
    """Return what becomes of a run that comes while the account rests: it has waited so long as well."""
    assert account.resting_until is not None  # it rests
    return RunOutcome(
        delivery.phase,
        Cause.RETRY,
        _sentence(account),
        at=account.resting_until,
        retries=delivery.retries,
        put_off_s=delivery.put_off_s + _seconds_left(account),
    )


def _seconds_left(account: Account) -> int:
    assert account.resting_until is not None  # it rests
    return max(0, math.ceil((account.resting_until - clock.now(account)).total_seconds()))


def _sentence(account: Account) -> str:
    assert account.resting_until is not None  # it rests
    if not must_be_probed(account):
        return asked_to_wait(account, account.resting_until)
    sentence = _("{account} failed {count} times in a row; it rests until {time} and is tried again then.")
    until = date_format(timezone.localtime(account.resting_until), "DATETIME_FORMAT")
    return sentence.format(account=account, count=account.failures, time=until)


def probe_now(account: Account) -> None:
    """Let the account be tried now, because a person asks for it."""
    waiting = Delivery.objects.filter(account=account)
    waiting.filter(cause=Cause.RETRY, next_at=account.resting_until).update(next_at=Now())
    Account.objects.filter(pk=account.pk).update(resting_until=None)
