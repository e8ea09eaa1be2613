"""Calls are counted in the database before they are made, so that all hosts stay inside a quota together."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from cms.china import CHINA
from publishers.engine import prepared
from publishers.engine.prepared import Given
from publishers.interface import Quota, QuotaExceeded
from publishers.models import Account, QuotaUse, Span


def spend(account: Account, quota: Quota, *, slow: bool = False) -> None:
    """Count one call. Raises QuotaExceeded when that would be one too many; then nothing may be called.

    ``slow`` leaves ``quota.kept`` calls of the day to others.
    """
    if quota.per_minute is not None:
        _spend(account, quota, Span.MINUTE, quota.per_minute)
    if quota.per_day is not None:
        _spend(account, quota, Span.DAY, quota.per_day - (quota.kept if slow else 0))


def use_up(account: Account, quota: Quota) -> None:
    """Note that the platform says that the day's quota is used up: others called, or it is smaller."""
    if quota.per_day is not None:
        since, _until = window(Span.DAY)
        QuotaUse.objects.update_or_create(
            account=account,
            path=quota.path,
            span=Span.DAY,
            defaults={"since": since, "count": quota.per_day},
        )


def window(span: str) -> tuple[dt.datetime, dt.datetime]:
    """Return when the present window of calls began and when the next one begins."""
    now = timezone.now().astimezone(CHINA)
    if span == Span.MINUTE:
        since = now.replace(second=0, microsecond=0)
        return since, since + dt.timedelta(minutes=1)
    tomorrow = now.date() + dt.timedelta(days=1)
    return dt.datetime.combine(now.date(), dt.time(), CHINA), dt.datetime.combine(tomorrow, dt.time(), CHINA)


def _spend(account: Account, quota: Quota, span: str, limit: int) -> None:
    since, until = window(span)
    # A host whose clock is ahead may have begun the next window already: its count is kept to.
    if _count(account=account.pk, path=quota.path, span=span, since=since, limit=limit):
        return
    used = QuotaUse.objects.filter(account=account, path=quota.path, span=span)
    if limit > 0 and used.filter(since__lt=since).update(since=since, count=1):
        return
    if limit > 0 and not used.exists():
        try:
            with transaction.atomic():
                used.create(account=account, path=quota.path, span=span, since=since, count=1)
        except IntegrityError:  # another worker was first
            _spend(account, quota, span, limit)
        return
    raise QuotaExceeded(f"The quota of {quota.path} is used up ({limit} {span}).", until=until)


@prepared.update
def _count():
    of = {name: Given(QuotaUse, name) for name in ("account", "path", "span")}
    begun = QuotaUse.objects.filter(**of, since__gte=Given(QuotaUse, "since"))
    return begun.filter(count__lt=Given(QuotaUse, "count", "limit")), {"count": F("count") + 1}
