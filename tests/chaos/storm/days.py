"""Days that go by, and waits for a quota: a rightful one, or one of which nobody can say why.

The storm lets a day begin whenever something waits for it. So that this hides no fault of the hub, each wait
is held against what really was called: the sandbox's own count, which is the platform's word, or, where the
hub made no call at all, the calls that it has counted in its database.
"""

import datetime as dt
import re
import time
import uuid
from dataclasses import dataclass, field

from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from cms.document.china import CHINA
from publishers import registry
from publishers.accounts import quotas
from publishers.models import Account, Cause, Delivery, QuotaUse
from tests.chaos.storm.cargo import handle_of

DAY = dt.timedelta(days=1)
COUNTED = re.compile(r"The quota of (\S+) is used up")
#: A run that met yesterday's counts may write down a little later that it waits.
LATE_S = 5.0
#: (account, path) of each quota that is used up.
Full = frozenset[tuple[int, str]]


@dataclass
class Days:
    """``rightful`` counts waits for a quota, ``false`` tells of those that nothing explains."""

    sandbox: object
    rightful: int = 0
    false: list[str] = field(default_factory=list)
    _begun: int = 0
    _begun_at: float = float("-inf")
    _yesterday: tuple[Full, Full] = (frozenset(), frozenset())
    _seen: set[tuple[uuid.UUID, dt.datetime]] = field(default_factory=set)

    def look(self) -> bool:
        """Judge each wait that is new; return whether anything waits for a quota."""
        waiting = list(_waiting().select_related("account"))
        new = [each for each in waiting if (each.pk, each.next_at) not in self._seen]
        if new:
            told, counted = self._used_up()
            if time.monotonic() < self._begun_at + LATE_S:
                told, counted = told | self._yesterday[0], counted | self._yesterday[1]
            for delivery in new:
                self._seen.add((delivery.pk, delivery.next_at))
                self._judge(delivery, told, counted)
        return bool(waiting)

    def begin(self) -> None:
        """Let a day begin, for the hub and the platforms: whoever waits goes on, all counts begin anew."""
        self.look()
        self._yesterday, self._begun_at = self._used_up(), time.monotonic()
        self._begun += 1
        self.sandbox.settings(clock_offset_s=self._begun * DAY.total_seconds())
        QuotaUse.objects.update(since=F("since") - DAY)
        _waiting().update(next_at=Now())

    def _judge(self, delivery: Delivery, told: Full, counted: Full) -> None:
        refused = delivery.attempts.filter(error="QuotaExceeded").order_by("-begun_at").first()
        evidence = refused.evidence if refused else {}
        named = COUNTED.search(evidence.get("message", ""))
        # What the platform has said shows in its own count; the hub's follows it in any case.
        full = told if "status" in evidence else told | counted
        if any(
            account == delivery.account_id and (named is None or path == named[1]) for account, path in full
        ):
            self.rightful += 1
        else:
            self.false.append(
                f"{delivery.pk} on {delivery.account} waits until {delivery.next_at}: {evidence}"
            )

    def _used_up(self) -> tuple[Full, Full]:
        """Return what is used up by the platforms' own count, and by the hub's."""
        today = (timezone.now() + self._begun * DAY).astimezone(CHINA).date().isoformat()
        accounts = {handle_of(account): account.pk for account in Account.objects.all()}
        told = {
            (accounts[row["account"]], row["path"])
            for row in self.sandbox.quotas()
            if row["window"] == today and row["limit"] is not None and row["used"] >= row["limit"]
        }
        since, _tomorrow = quotas.window("day")
        uses = QuotaUse.objects.filter(span="day", since__gte=since).select_related("account")
        return frozenset(told), frozenset((use.account_id, use.path) for use in uses if _is_full(use))


def _waiting() -> QuerySet[Delivery]:
    return Delivery.objects.filter(cause=Cause.QUOTA, lease_until=None, next_at__gt=Now())


def _is_full(use: QuotaUse) -> bool:
    limits = [
        quota.per_day
        for quota in registry.get(use.account.platform).platform.quotas
        if quota.path == use.path and quota.per_day is not None
    ]
    return any(use.count + (quotas.AT_ONCE if limit >= quotas.LARGE else 1) > limit for limit in limits)
