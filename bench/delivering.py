"""What one delivery costs the hub beside its HTTP time: WeChat and Penguin on the real sandbox.

An article with three pictures goes to one account after another, by the engine, over HTTP. The token is
known, as it is after the account's check, and the Release has been rendered for the platform, which is done
once for all accounts. The parts overlap: the processor time has the hub's share of HTTP and database in it.
"""

import datetime as dt
import statistics
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import astuple, dataclass

import harness

# isort: split
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.utils import timezone
from harness.article import make_article, make_images, release_of
from harness.measure import metered, table

from cms.models import Office, Release
from publishers import accounts, engine
from publishers.distribution import distribute
from publishers.engine.pictures import EnginePicture
from publishers.http.outbound import GuardedAdapter
from publishers.models import Account, Delivery, Phase
from publishers.people.permissions import OPERATOR
from sandbox.testing import Sandbox, start_sandbox

ACCOUNTS, CHARACTERS, PICTURES = 12, 1500, 3
HEAD = ("", "whole", "HTTP", "calls", "database", "queries", "processor", "of it pictures", "whole to HTTP")
NAMES = {"wechat": ("appid", "secret"), "penguin": ("client_id", "client_secret")}


@dataclass
class Cost:
    """One delivery: seconds in all, of HTTP and in the database, and of the hub's own processor time."""

    whole: float
    http: float
    calls: int
    database: float
    queries: int
    processor: float
    pictures: float


def main() -> None:
    harness.lay()
    images = make_images(PICTURES)
    first, second = (release_of(make_article(CHARACTERS, images)) for _ in range(2))
    costs: dict[str, list[Cost]] = {}
    with harness.web(), start_sandbox() as sandbox:
        sandbox.settings(review_s=0)
        for name, release, account in _deliveries(sandbox, first, second):
            costs.setdefault(name, []).append(_send(release, account, sandbox))
    _show({name: found[1:] for name, found in costs.items()})


def _deliveries(sandbox: Sandbox, first: Release, second: Release) -> Iterator[tuple[str, Release, Account]]:
    """Yield the kinds of delivery in turn, one more round than is counted."""
    for number in range(ACCOUNTS + 1):
        wechat, penguin = (_account(platform, number, sandbox) for platform in ("wechat", "penguin"))
        yield "WeChat", first, wechat
        yield "WeChat, pictures known to the account", second, wechat
        yield "Penguin, which fetches the pictures itself", first, penguin


def _account(platform: str, number: int, sandbox: Sandbox) -> Account:
    handle = f"bench{number:04}"
    sandbox.add_account(platform, handle, "a-secret", f"清溪女声{number}")
    credentials = dict(zip(NAMES[platform], (handle, "a-secret"), strict=True))
    account = accounts.add(
        office=Office.objects.get(),
        platform=platform,
        name=f"清溪女声{number}",
        credentials=credentials,
        base_url=sandbox.base_url(platform),
        by=OPERATOR,
    )
    return accounts.check(account, by=OPERATOR)


def _send(release: Release, account: Account, sandbox: Sandbox) -> Cost:
    """Deliver, in as many runs of the engine as the platform's review needs; return what all of them cost."""
    [delivery] = distribute([release], [account], alike=True, by=OPERATOR)
    runs = [_run(delivery)]
    if _phase(delivery) == Phase.CONFIRMING:
        sandbox.finish_reviews()
        Delivery.objects.filter(pk=delivery.pk).update(next_at=timezone.now() - dt.timedelta(seconds=1))
        runs.append(_run(delivery))
    assert _phase(delivery) == Phase.SETTLED
    return Cost(*map(sum, zip(*map(astuple, runs), strict=True)))


def _run(delivery: Delivery) -> Cost:
    with ExitStack() as stack:
        whole = stack.enter_context(metered(engine, "run"))
        http = stack.enter_context(metered(GuardedAdapter, "send"))
        pictures = stack.enter_context(metered(EnginePicture, "jpeg"))
        statements = stack.enter_context(metered(CursorWrapper, "execute"))
        commits = stack.enter_context(metered(BaseDatabaseWrapper, "commit"))
        engine.run(delivery.pk)
    return Cost(
        whole=whole.seconds,
        http=http.seconds,
        calls=http.calls,
        database=statements.seconds + commits.seconds,
        queries=statements.calls + commits.calls,
        processor=whole.processor_s,
        pictures=pictures.processor_s,
    )


def _phase(delivery: Delivery) -> str:
    return Delivery.objects.values_list("phase", flat=True).get(pk=delivery.pk)


def _show(costs: dict[str, list[Cost]]) -> None:
    rows = [HEAD]
    for name, found in costs.items():
        middle = Cost(*map(statistics.median, zip(*map(astuple, found), strict=True)))
        whole, http, database, processor, pictures = (
            f"{seconds * 1000:.1f} ms"
            for seconds in (middle.whole, middle.http, middle.database, middle.processor, middle.pictures)
        )
        calls, queries = f"{middle.calls:.0f}", f"{middle.queries:.0f}"
        ratio = f"{statistics.median(cost.whole / cost.http for cost in found):.2f}"
        rows.append((name, whole, http, calls, database, queries, processor, pictures, ratio))
    table(f"One delivery: an article with {PICTURES} pictures; medians of {ACCOUNTS} accounts", *rows)


if __name__ == "__main__":
    main()
