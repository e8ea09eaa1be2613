"""What one delivery costs the hub beside its HTTP time: WeChat and Penguin on the real sandbox.

An article with three pictures goes to one account after another, by the engine, over HTTP. A worker's time is
HTTP, making the pictures small, the database, and the rest. The token is known, as it is after the account's
check, and the Release has been rendered for the platform, which is done once for all accounts.
"""

import datetime as dt
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import ground

# isort: split
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.utils import timezone
from ground.article import make_article, make_images, release_of
from ground.measure import metered, table

from cms.models import Office, Release
from publishers import accounts, engine
from publishers.distribution import distribute
from publishers.engine.pictures import EnginePicture
from publishers.models import Account, Delivery, Phase
from publishers.outbound import GuardedAdapter
from publishers.rights import OPERATOR
from sandbox.testing import Sandbox, start_sandbox

ACCOUNTS, CHARACTERS, PICTURES = 12, 1500, 3
NAMES = {"wechat": ("appid", "secret"), "penguin": ("client_id", "client_secret")}


@dataclass
class Cost:
    """One delivery: seconds in all and in each part, calls of the platform, statements in the database."""

    whole: float
    http: float
    pictures: float
    database: float
    calls: int
    queries: int


def main() -> None:
    ground.lay()
    images = make_images(PICTURES)
    first, second = (release_of(make_article(CHARACTERS, images)) for _ in range(2))
    costs: dict[str, list[Cost]] = {}
    with ground.web(), start_sandbox() as sandbox:
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
    """Deliver, in as many runs of the engine as the platform's review needs, and meter all of them."""
    [delivery] = distribute([release], [account], by=OPERATOR)
    with ExitStack() as stack:
        http = stack.enter_context(metered(GuardedAdapter, "send"))
        pictures = stack.enter_context(metered(EnginePicture, "jpeg"))
        statements = stack.enter_context(metered(CursorWrapper, "execute"))
        commits = stack.enter_context(metered(BaseDatabaseWrapper, "commit"))
        whole = 0.0
        for _ in range(3):
            begun = time.perf_counter()
            phase = engine.run(delivery.pk)
            whole += time.perf_counter() - begun
            if phase != Phase.CONFIRMING:
                break
            _pass_review(delivery, sandbox)
    assert phase == Phase.SETTLED, Delivery.objects.get(pk=delivery.pk).reason
    database = statements.seconds + commits.seconds
    return Cost(whole, http.seconds, pictures.seconds, database, http.calls, statements.calls + commits.calls)


def _pass_review(delivery: Delivery, sandbox: Sandbox) -> None:
    """Let the platform's review end, and the time come at which the engine looks again."""
    sandbox.finish_reviews()
    Delivery.objects.filter(pk=delivery.pk).update(next_at=timezone.now() - dt.timedelta(seconds=1))


def _show(costs: dict[str, list[Cost]]) -> None:
    rows = [("", "whole", "HTTP", "calls", "pictures", "database", "queries", "the rest", "whole to HTTP")]
    for name, found in costs.items():
        middle = {
            part: statistics.median(getattr(cost, part) for cost in found) for part in Cost.__annotations__
        }
        parts = [middle[part] for part in ("http", "pictures", "database")]
        rest = statistics.median(c.whole - c.http - c.pictures - c.database for c in found)
        whole, http, pictures, database, rest = (
            f"{seconds * 1000:.1f} ms" for seconds in (middle["whole"], *parts, rest)
        )
        calls, queries = (f"{middle[part]:.0f}" for part in ("calls", "queries"))
        ratio = statistics.median(cost.whole / cost.http for cost in found)
        rows.append((name, whole, http, calls, pictures, database, queries, rest, f"{ratio:.2f}"))
    table(f"One delivery: an article with {PICTURES} pictures; medians of {ACCOUNTS} accounts", *rows)


if __name__ == "__main__":
    main()
