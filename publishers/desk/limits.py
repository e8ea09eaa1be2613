"""How much of an account's quotas is used today, as the desk shows it."""

import dataclasses
from collections.abc import Iterable

from publishers import registry
from publishers.accounts import quotas
from publishers.models import Account, QuotaUse, Span

NARROW = 80  # percent, from which a bar warns


@dataclasses.dataclass(frozen=True)
class Usage:
    """Today's calls of one endpoint; a day begins at midnight of China's clocks."""

    path: str
    used: int
    limit: int

    @property
    def left(self) -> int:
        return max(0, self.limit - self.used)

    @property
    def percent(self) -> int:
        return min(100, 100 * self.used // self.limit) if self.limit else 100

    @property
    def is_narrow(self) -> bool:
        return self.percent >= NARROW


def usage(account: Account, uses: Iterable[QuotaUse]) -> list[Usage]:
    """Return every daily quota of the account's platform, the narrowest first; ``uses`` are the account's."""
    today, _tomorrow = quotas.window(Span.DAY)
    used = {use.path: use.count for use in uses if use.span == Span.DAY and use.since == today}
    found = [
        Usage(quota.path, used.get(quota.path, 0), quota.per_day)
        for quota in _declared(account)
        if quota.per_day is not None
    ]
    return sorted(found, key=lambda each: (-each.percent, -each.used, each.path))


def _declared(account: Account):
    publisher = registry.find(account.platform, account.transport)
    return publisher.platform.quotas if publisher else ()
