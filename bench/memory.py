"""The memory of a worker that makes 10,000 deliveries, one after the other: flat after the first thousand.

The platform is the small one of the engine's tests, over real HTTP: three calls for each delivery. The worker
is a process of its own.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import harness

# isort: split
from django.utils import timezone
from harness.measure import table, wanted

from cms import signing
from cms.models import Office
from publishers import accounts, registry
from publishers.models import Account, Delivery, DeliveryItem
from publishers.people.permissions import OPERATOR
from tests.publishers.engine.cast import signed_release
from tests.publishers.engine.tiny import Tiny, TinyServer

DELIVERIES, ACCOUNTS = 10_000, 20
#: What the worker may grow from the first thousand to the last.
MOST_MB = 5


def main() -> None:
    deliveries = int(sys.argv[1]) if len(sys.argv) > 1 else DELIVERIES
    harness.lay()
    signing.ensure_key()
    registry.register(Tiny())
    server = TinyServer()
    try:
        _make_due(deliveries, [_account(number, server) for number in range(ACCOUNTS)])
        found = _worked()
    finally:
        server.stop()
    assert found["left"] == 0 and len(server.articles) == deliveries
    sizes = [size / 2**20 for size in found["memory"]]
    idle, first, last = sizes[0], sizes[1], sizes[-1]
    table(
        f"A worker makes {deliveries:,} deliveries: memory in use",
        ("", "MB", ""),
        ("before the first", f"{idle:.1f}", ""),
        ("after 1,000", f"{first:.1f}", ""),
        (f"after {deliveries:,}", f"{last:.1f}", wanted(last - first < MOST_MB, f"< {MOST_MB} more")),
    )


def _account(number: int, server: TinyServer) -> Account:
    return accounts.add(
        office=Office.objects.get(),
        platform="tiny",
        name=f"清溪女声{number}",
        credentials={"appid": f"wx{number}", "secret": "a-secret"},
        base_url=server.url,
        by=OPERATOR,
    )


def _make_due(count: int, sent_to: list[Account]) -> None:
    """Write the deliveries straight into the database: making them is not what is measured."""
    releases = [
        signed_release(number, title=f"第{number}晚") for number in range(1, count // len(sent_to) + 1)
    ]
    now = timezone.now()
    for release in releases:
        made = [
            Delivery(account=account, due_at=now, next_at=now, created_by_name="bench") for account in sent_to
        ]
        Delivery.objects.bulk_create(made)
        DeliveryItem.objects.bulk_create(
            DeliveryItem(delivery=delivery, account=delivery.account, position=0, release=release)
            for delivery in made
        )


def _worked() -> dict:
    done = subprocess.run(
        [sys.executable, "-m", "harness.one_worker"],
        cwd=Path(__file__).parent,
        env=os.environ,
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout)


if __name__ == "__main__":
    main()
