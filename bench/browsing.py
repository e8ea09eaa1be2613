"""Lists, commands and figures of a hub with 100,000 texts and deliveries, on both databases.

Each against a bare query of one page in the same run: forty deliveries by their keys, with their accounts and
offices. Queries are counted as well. ``bench/browsing.py 20000`` fills less.
"""

import contextlib
import io
import logging
import sys
import time
from collections.abc import Callable

import harness

# isort: split
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from harness import crowd, stacks
from harness.measure import race, table

from cms import signing
from cms.models import Release
from publishers.models import Delivery, DeliveryItem
from publishers.operations.backup import manifest

COUNT, PAGE, ROUNDS = 100_000, 40, 5
logging.getLogger("django.request").setLevel(logging.CRITICAL)  # without a worker nothing is ready


def main() -> None:
    count = int(next(iter(sys.argv[1:]), COUNT))
    stack = stacks.in_each(sys.argv)
    harness.lay()
    signing.ensure_key()
    begun = time.monotonic()
    filled = crowd.fill(count)
    print(f"\n{stack}: filled with {count:,} in {time.monotonic() - begun:.0f} s")
    work = {"a bare query of one page": _bare(count), **_screens(filled), **_commands()}
    timed = race(work, rounds=ROUNDS)
    bare = timed["a bare query of one page"]
    rows = [("", "time", "of the bare query", "queries")]
    for name, figure in timed.items():
        rows.append((name, figure.ms, f"{figure.to(bare):.1f}", str(_queries(work[name]))))
    table(f"{stack}: {count:,} texts and deliveries", *rows)


def _bare(count: int) -> Callable[[], object]:
    keys = list(Delivery.objects.order_by("-due_at").values_list("pk", flat=True)[count // 2 :][:PAGE])
    return lambda: list(Delivery.objects.filter(pk__in=keys).select_related("account__office"))


def _screens(filled: crowd.Crowd) -> dict[str, Callable[[], object]]:
    duty, liaison, nobody = (Client(SERVER_NAME="127.0.0.1") for _each in range(3))
    duty.force_login(filled.duty)
    liaison.force_login(filled.liaison)
    section, far = f"/s/{filled.section.pk}/", filled.count * 9 // 10
    desk = {name: reverse(f"hub_{name}") for name in ("deliveries", "texts", "figures", "accounts")} | {
        "stories": reverse("story:index"),
        "history": reverse("wagtailadmin_reports:site_history"),
    }
    asks = {
        "desk, first page": (duty, reverse("wagtailadmin_home")),
        "deliveries": (duty, desk["deliveries"]),
        "deliveries, far back": (duty, f"{desk['deliveries']}?p=after.2.{_at(far, Delivery, '-due_at')}"),
        "deliveries, settled": (duty, desk["deliveries"] + "?phase=settled"),
        "deliveries of one account, seen by its own": (liaison, desk["deliveries"]),
        "deliveries, a word of all": (duty, desk["deliveries"] + "?q=的灯"),
        "deliveries, a word of few": (duty, desk["deliveries"] + "?q=龙舟"),
        "deliveries, a word of none": (duty, desk["deliveries"] + "?q=没有"),
        "signed texts": (duty, desk["texts"]),
        "signed texts, far back": (duty, f"{desk['texts']}?p=after.0.{_at(far, Release, '-signed_at')}"),
        "signed texts of a small office": (duty, desk["texts"] + "?office_code=yunshan"),
        "signed texts, a word of few": (duty, desk["texts"] + "?q=龙舟"),
        "figures": (duty, desk["figures"]),
        "figures, far back": (duty, f"{desk['figures']}?p=after.0.{_at(far, DeliveryItem, '-pk')}"),
        "figures, a word of few": (duty, desk["figures"] + "?q=龙舟"),
        "accounts": (duty, desk["accounts"]),
        "stories (Wagtail's list)": (duty, desk["stories"]),
        "stories, far back": (duty, f"{desk['stories']}?p={far // 50}"),
        "site history (Wagtail's report)": (duty, desk["history"]),
        "site history, far back": (duty, f"{desk['history']}?p={far // 50}"),
        "API": (nobody, "/api/v1/articles/"),
        "API, offset far back": (nobody, f"/api/v1/articles/?offset={far}"),
        "API, cursor far back": (nobody, f"/api/v1/articles/?cursor={_cursor(far)}"),
        "API of a small office": (nobody, "/api/v1/articles/?office=yunshan"),
        "micro-site, front page": (nobody, "/"),
        "micro-site, section": (nobody, section),
        "micro-site, section far back": (nobody, f"{section}?page={far // 20}"),
        "micro-site, small office": (nobody, "/o/yunshan/"),
        "feed": (nobody, filled.feed_address),
        "feed, since long ago, page 500": (
            nobody,
            f"{filled.feed_address}?since=2000-01-01T00:00:00Z&page=500",
        ),
        "metrics": (nobody, "/metrics"),
        "readyz": (nobody, "/readyz"),
    }
    return {name: _asking(*ask) for name, ask in asks.items()}


def _asking(client: Client, address: str) -> Callable[[], object]:
    def ask() -> object:
        response = client.get(address)
        content = response.getvalue()
        assert response.status_code in (200, 503), (address, response.status_code, content[:300])
        return content

    return ask


def _commands() -> dict[str, Callable[[], object]]:
    return {
        "manage.py delivery list": lambda: _called("delivery", "list"),
        "manage.py doctor": lambda: _called("doctor"),
        "manage.py expire --dry-run": lambda: _called("expire", "--dry-run"),
        "what a backup counts": manifest.counts,
    }


def _called(*arguments: str) -> None:
    with contextlib.suppress(CommandError), contextlib.redirect_stdout(io.StringIO()):
        call_command(*arguments)


def _queries(work: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as caught:
        work()
    return len(caught)


def _at(number: int, model: type[Model], order: str) -> object:
    """Return the key of the row that stands so far back."""
    return model._base_manager.order_by(order).values_list("pk", flat=True)[number]


def _cursor(number: int) -> str:
    """Return what the API gives at this place of the list, read where it is quicker than by all pages."""
    answer = Client(SERVER_NAME="127.0.0.1").get(f"/api/v1/articles/?limit=1&offset={number}")
    return answer.json()["next"]


if __name__ == "__main__":
    main()
