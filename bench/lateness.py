"""1,000 deliveries due within one second: how much later than its time each begins.

Workers, beat and wake-ups are those of ``make run`` and of production. A delivery begins with its first step,
which is written down right before the first call. What is late after the first seconds waits for processes:
the figure is as much that of this machine as of the hub.
"""

import datetime as dt
import statistics
import sys

import harness

# isort: split
from django.db.models import Min
from django.utils import timezone
from fanout import CONCURRENCY, account_of, release_of
from harness import stacks
from harness.measure import table
from harness.workers import celery, is_at_work

from publishers.distribution import distribute
from publishers.models import Delivery, Phase
from publishers.people.permissions import OPERATOR
from sandbox.testing import start_sandbox

DELIVERIES, ACCOUNTS = 1000, 100


def main() -> None:
    stack = stacks.in_each(sys.argv)
    deliveries = int(sys.argv[1]) if len(sys.argv) > 1 else DELIVERIES
    harness.lay()
    with harness.web(), start_sandbox() as sandbox:
        sandbox.settings(review_s=0)
        sent_to = [account_of(("wechat", "penguin")[at % 2], f"late-{at}", sandbox) for at in range(ACCOUNTS)]
        with celery(CONCURRENCY[stack]) as wait:
            wait(is_at_work)
            at = timezone.now() + dt.timedelta(seconds=10 + deliveries / 15)
            for number in range(deliveries):
                moment = at + dt.timedelta(seconds=number / deliveries)
                release, account = release_of(1000 + number), sent_to[number % ACCOUNTS]
                distribute([release], [account], at=moment, alike=True, by=OPERATOR)
            assert timezone.now() < at, "Making the deliveries took longer than their time was away."
            wait(lambda: not Delivery.objects.filter(next_at__isnull=False).exists())
    begun = Delivery.objects.filter(phase=Phase.SETTLED).annotate(first=Min("attempts__begun_at"))
    late_s = sorted((first - due).total_seconds() for first, due in begun.values_list("first", "due_at"))
    assert len(late_s) == deliveries
    middle, most = statistics.median(late_s), statistics.quantiles(late_s, n=20)[-1]
    seconds = [f"{value:.1f} s" for value in (late_s[0], middle, most, late_s[-1])]
    title = f"{stack}: {deliveries} due in one second on {ACCOUNTS} accounts, {CONCURRENCY[stack]} processes"
    table(title, ("the first begins after", "the median", "95 %", "the last"), seconds)


if __name__ == "__main__":
    main()
