"""Calls are counted in the database before they are made, so that all hosts stay inside a quota together."""

import datetime as dt
import os
import threading

from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from cms.document.china import CHINA
from publishers.interface import Quota, QuotaExceeded
from publishers.models import Account, QuotaUse, Span, clock

# Of a quota as large as this a process counts several calls at once, before it makes them. Those that it does
# not make are lost, so that all processes together stay inside the quota all the same.
LARGE, AT_ONCE = 10_000, 10
#: The next window may have begun while a worker was about to count. The row of a later one is of a clock that
#: was wrong, and says nothing.
AHEAD = dt.timedelta(minutes=1)
#: What this process has counted and not yet made: the window's beginning and the number of calls.
_counted: dict[tuple[int, str, str], tuple[dt.datetime, int]] = {}
_counting = threading.Lock()
os.register_at_fork(after_in_child=_counted.clear)


def spend(
    account: Account, quota: Quota, *, slow: bool = False, now: dt.datetime | None = None
) -> dt.datetime:
    """Count one call; return when. Raises QuotaExceeded when it is one too many; then nothing may be called.

    ``slow`` leaves ``quota.kept`` calls of the day to others. ``now`` is the database's clock unless given.
    """
    now = now or clock.now(account)
    if quota.per_minute is not None:
        _spend(account, quota, Span.MINUTE, quota.per_minute, now)
    if quota.per_day is not None:
        _spend(account, quota, Span.DAY, quota.per_day - (quota.kept if slow else 0), now)
    return now


def use_up(account: Account, quota: Quota) -> None:
    """Note that the platform says that the day's quota is used up: others called, or it is smaller.

    The day is the database's: a clock that is ahead would use up the next one for everybody.
    """
    if quota.per_day is not None:
        since, _until = window(Span.DAY, clock.now(account))
        _counted.pop((account.pk, quota.path, Span.DAY), None)
        QuotaUse.objects.update_or_create(
            account=account,
            path=quota.path,
            span=Span.DAY,
            defaults={"since": since, "count": quota.per_day},
        )


def give_back(account: Account, quota: Quota, spent_at: dt.datetime) -> None:
    """Take back what ``spend`` counted at ``spent_at`` for a call that certainly nobody carried out."""
    for span in (Span.MINUTE, Span.DAY):
        uses = QuotaUse.objects.filter(account=account, path=quota.path, span=span, count__gt=0)
        uses.filter(since=window(span, spent_at)[0]).update(count=F("count") - 1)


def window(span: str, now: dt.datetime | None = None) -> tuple[dt.datetime, dt.datetime]:
    """Return when the window of calls at ``now`` (None: the present) began and when the next one begins."""
    now = (now or timezone.now()).astimezone(CHINA)
    if span == Span.MINUTE:
        since = now.replace(second=0, microsecond=0)
        return since, since + dt.timedelta(minutes=1)
    tomorrow = now.date() + dt.timedelta(days=1)
    return dt.datetime.combine(now.date(), dt.time(), CHINA), dt.datetime.combine(tomorrow, dt.time(), CHINA)


def _spend(account: Account, quota: Quota, span: str, limit: int, now: dt.datetime) -> None:
    if limit < LARGE:
        return _count(account, quota, span, limit, 1, now)
    key, since = (account.pk, quota.path, span), window(span, now)[0]
    with _counting:
        counted_since, left = _counted.get(key, (since, 0))
        if not left or counted_since != since:
            _count(account, quota, span, limit, AT_ONCE, now)
            left = AT_ONCE
        _counted[key] = since, left - 1


def _count(account: Account, quota: Quota, span: str, limit: int, calls: int, now: dt.datetime) -> None:
    since, until = window(span, now)
    over = Q(since__lt=since) | Q(since__gt=clock.from_now(AHEAD))
    # Another may have begun the next window already: its count is kept to.
    room = Q(since__gte=since, count__lte=limit - calls)
    counting = QuotaUse.objects.filter(over | room, account=account, path=quota.path, span=span)
    # One statement, so that whoever comes second, also at a window's beginning, adds to what the first did.
    counted = {
        "count": Case(When(over, then=Value(calls)), default=F("count") + calls),
        "since": Case(When(over, then=Value(since)), default=F("since")),
    }
    if limit >= calls:
        if counting.update(**counted):
            return
        first = QuotaUse(account=account, path=quota.path, span=span, since=since, count=0)
        QuotaUse.objects.bulk_create([first], ignore_conflicts=True)
        if counting.update(**counted):
            return
    raise QuotaExceeded(f"The quota of {quota.path} is used up ({limit} {span}).", until=until)
