"""A sweep among 1,000, 100,000 and 1,000,000 deliveries: flat, on both databases.

The rows are settled, as they are after years; 400 more on 20 accounts are due. What is found, and how often
the database is asked, is the same each time.
"""

import sys

import harness

# isort: split
from django.db.models.functions import Now
from harness import stacks
from harness.measure import race, table, wanted

from cms.models import Office
from publishers import accounts, engine
from publishers.distribution import distribute
from publishers.models import Delivery, Phase
from publishers.people.permissions import OPERATOR
from tests.publishers.engine.cast import signed_release
from tests.publishers.engine.clock import an_hour_ago
from tests.publishers.engine.many import multiply

SIZES = (1_000, 100_000, 1_000_000)
ACCOUNTS, DUE_EACH = 20, 20
#: At most so many times the sweep of the smallest.
MOST = 1.5


def main() -> None:
    stack = stacks.in_each(sys.argv)
    harness.lay()
    settled = _fill_with_due()
    work = {"sweep": engine.sweep, "next of an account": lambda: engine.next_after(settled.pk)}
    figures, there = [], 1
    for size in SIZES:
        multiply(settled, size - there)
        there = size
        figures.append(race(work))
    rows = [("deliveries", *work, "a sweep of the first", "")]
    for size, found in zip(SIZES, figures, strict=True):
        ratio = found["sweep"].to(figures[0]["sweep"])
        verdict = wanted(ratio <= MOST, f"≤ {MOST}") if size != SIZES[0] else ""
        rows.append((f"{size:,}", *(found[name].ms for name in work), f"{ratio:.2f}", verdict))
    table(f"{stack}: {ACCOUNTS * DUE_EACH} due on {ACCOUNTS} accounts, among others", *rows)


def _fill_with_due() -> Delivery:
    """Make what is due; return a settled delivery."""
    release = signed_release(1)
    for number in range(ACCOUNTS):
        account = accounts.add(
            office=Office.objects.get(),
            platform="wechat",
            name=f"清溪女声{number}",
            credentials={"appid": f"wx{number}", "secret": "a-secret"},
            base_url="http://127.0.0.1:9",
            by=OPERATOR,
        )
        [due] = distribute([release], [account], alike=True, by=OPERATOR)
        Delivery.objects.filter(pk=due.pk).update(next_at=an_hour_ago())
        multiply(due, DUE_EACH - 1)
    [settled] = distribute([signed_release(2)], [account], alike=True, by=OPERATOR)
    Delivery.objects.filter(pk=settled.pk).update(phase=Phase.SETTLED, next_at=None, settled_at=Now())
    return settled


if __name__ == "__main__":
    main()
