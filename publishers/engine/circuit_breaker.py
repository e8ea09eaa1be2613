"""The circuit breaker: an account that fails again and again rests, and is asked whether it is well again."""

import datetime as dt
from dataclasses import replace

from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from publishers.engine.outcomes import RunOutcome
from publishers.interface import OutcomeUnknown, PublisherError, Retry
from publishers.models import Account, Cause, Delivery, Transport
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
        rest = min(FIRST_REST * 2 ** (account.failures - FAILURES), LONGEST_REST)
        account.resting_until = now + rest
        rows.update(resting_until=account.resting_until)
        hold_back(account)
    return now


def close(account: Account) -> None:
    """Forget the failures; what waits for the account goes on at its next time."""
    if account.failures:
        Account.objects.filter(pk=account.pk).update(failures=0, resting_until=None)
        account.failures, account.resting_until = 0, None


def hold_back(account: Account) -> None:
    """Let everything that the account could take now wait for the end of its rest, and say so.

    Not what is to be taken down: it comes to a run, which gives it to a person.
    """
    until = account.resting_until
    waiting = Delivery.objects.filter(in_no_hand(), account=account, next_at__lt=until)
    waiting = waiting.filter(~Delivery.going(), phase__in=Delivery.OPEN)
    waiting.exclude(transport=Transport.MANUAL).update(
        next_at=until, cause=Cause.RETRY, reason=_sentence(account), lease_until=None
    )


def rests(account: Account, run_phase: str) -> RunOutcome:
    """Return what becomes of a run that comes while the account rests."""
    return RunOutcome(run_phase, Cause.RETRY, _sentence(account), at=account.resting_until)


def _sentence(account: Account) -> str:
    sentence = _("{account} failed {count} times in a row; it rests until {time} and is tried again then.")
    until = date_format(timezone.localtime(account.resting_until), "DATETIME_FORMAT")
    return sentence.format(account=account, count=account.failures, time=until)


def probe_now(account: Account) -> None:
    """Let the account be tried now, because a person asks for it."""
    waiting = Delivery.objects.filter(account=account)
    waiting.filter(cause=Cause.RETRY, next_at=account.resting_until).update(next_at=Now())
    Account.objects.filter(pk=account.pk).update(resting_until=None)
