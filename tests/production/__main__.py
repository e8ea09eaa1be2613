"""Follow the page on one machine or five; exit status 1 with the line that did not do what it says."""

import argparse
import difflib
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from sandbox.testing import start_sandbox
from tests.production import faults, venv
from tests.production.machine import Failed
from tests.production.page import PAGE
from tests.production.walk import HOST, METRICS_TOKEN, Hub
from tests.services.brokers import forget
from tests.services.databases import database_on
from tests.services.wire import Wire

POSTGRES = os.environ.get("HUB_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432")
#: What the four beside the first machine do, as the page's table of topologies says.
FIVE = ["hub-web", "hub-worker hub-urgent hub-aside", "hub-worker", "hub-beat"]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.production", description=__doc__)
    parser.add_argument("--machines", type=int, choices=(1, 5), default=1)
    parser.add_argument("--broker", default="redis://127.0.0.1:6379/0", help="address of a broker")
    parser.add_argument("--faults", action="store_true", help="make faults; is told what the page has?")
    parser.add_argument("--write", action="store_true", help="write what is told into the page instead")
    options = parser.parse_args()
    begun = time.monotonic()
    try:
        told = follow(FIVE[: options.machines - 1], options.broker, options.faults)
        if options.write:
            PAGE.write_text(PAGE.read_text().replace(faults.of_the_page(), told))
        elif options.faults:
            compare(told)
    except Failed as failure:
        print(failure)
        return 1
    print(f"production: {options.machines} machines, followed in {time.monotonic() - begun:.0f} s")
    return 0


def compare(told: str) -> None:
    """Raises Failed with the lines of the page that are not told any more, and those that it lacks."""
    page, now = (faults.without_figures(text).splitlines() for text in (faults.of_the_page(), told))
    if page != now:
        raise Failed("\n".join(difflib.unified_diff(page, now, "the page", "today", lineterm="")))


def follow(others: list[str], broker: str, with_faults: bool) -> str:
    """Follow the page until an article is out; return what is told of faults. Raises Failed."""
    name = f"page{os.getpid()}"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hub-production-")))
        database = stack.enter_context(database_on(POSTGRES, name))
        wires = {
            "database": stack.enter_context(Wire(database)),
            "broker": stack.enter_context(Wire(broker)),
        }
        settings = {
            "HUB_MODE": "production",
            # No proxy with a certificate stands before it, and the sandbox is on this very machine.
            "HUB_ALLOWED_HOSTS": f"{HOST},127.0.0.1",
            "HUB_SSL_REDIRECT": "off",
            "HUB_PRIVATE_HOSTS_ALLOWED": "127.0.0.1",
            "HUB_DATABASE_URL": wires["database"].url,
            "HUB_BROKER_URL": wires["broker"].url,
            "HUB_QUEUE": name,
            "HUB_METRICS_TOKEN": METRICS_TOKEN,
            "HUB_EMAIL_URL": "dummy://",
        }
        stack.callback(forget, broker, name)
        sandbox = stack.enter_context(start_sandbox())
        sandbox.settings(review_s=0)
        hub = stack.enter_context(Hub(folder, others, settings, venv.made()))
        hub.start()
        if not others:
            hub.back_up()
        hub.deliver(sandbox)
        told = faults.section(faults.Scene(hub, sandbox, database, wires)) if with_faults else ""
        if not others:
            hub.restore()
        hub.stop()
        return told


if __name__ == "__main__":
    sys.exit(main())
