"""``python -m tests.chaos.storm``: draw a plan, let it happen, read the ledger, say how it ended."""

import argparse
import secrets
import shutil
import signal
import sys
import time
from pathlib import Path

from sandbox.testing import start_sandbox
from tests.chaos.storm import hub as hubs
from tests.chaos.storm.plan import Plan, draw

TICK_S = 0.25
#: So long after a blow the next one strikes even when nothing has come to an end meanwhile.
PATIENCE_S = 2.0
HOUR_S = 5.0
POSTGRES = "postgres://root@127.0.0.1:5432/"
BROKERS = {
    "filesystem": "",
    "redis": "redis://127.0.0.1:6379/9",
    "amqp": "amqp://guest:guest@127.0.0.1:5672//",
}


def arguments():
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.storm", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="repeat a storm")
    parser.add_argument("--deliveries", type=int, default=600)
    parser.add_argument("--database", default="sqlite", help="sqlite, postgres, or a postgres:// URL")
    parser.add_argument("--broker", default="filesystem", help=f"{', '.join(BROKERS)}, or a URL")
    parser.add_argument("--migrated", type=Path, help="a SQLite file that is migrated already, to copy")
    parser.add_argument("--minutes", type=float, default=30, help="give up after so long")
    parser.add_argument("--keep-logs", action="store_true", help="show the workers' last lines")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    # Whoever ends it ends its workers with it.
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(1))
    plan = draw(options.seed, options.deliveries)
    print(f"chaos: --seed {options.seed} --deliveries {options.deliveries}", flush=True)
    database = {"sqlite": "", "postgres": POSTGRES}.get(options.database, options.database)
    broker = BROKERS.get(options.broker, options.broker)
    with hubs.prepare(database, broker) as folder:
        import django
        from django.conf import settings

        django.setup()
        if options.migrated:
            shutil.copy(options.migrated, settings.DATABASES["default"]["NAME"])
        with hubs.Hub(folder) as hub, start_sandbox() as sandbox:
            return _storm(plan, hub, sandbox, options)


def _storm(plan: Plan, hub, sandbox, options) -> int:
    from tests.chaos.storm import cargo as cargos
    from tests.chaos.storm import verdict as verdicts
    from tests.chaos.storm.blows import Striker
    from tests.chaos.storm.days import Days

    sandbox.settings(review_s=1.0)
    begun = time.monotonic()
    cargo = cargos.load(plan, sandbox)
    days = Days(sandbox)
    striker = Striker(hub, cargo, sandbox, days)
    hub.start_workers()
    _rage(plan, hub, cargo, striker, begun + options.minutes * 60)
    verdict = verdicts.judge(cargo, striker, days, sandbox.articles())
    for delivery in {*verdict.lost, *verdict.duplicate, *verdict.unexplained}:
        print(verdicts.story(delivery))
    for told in verdict.unapproved:
        print(f"unapproved: {told}")
    for told in verdict.false_waits:
        print(f"false wait: {told}")
    if options.keep_logs:
        print(*(group.tail() for group in hub.groups), sep="\n")
    blows = ", ".join(f"{kind} {times}" for kind, times in sorted(striker.struck.items()))
    print(f"chaos: {striker.struck.total()} kills and faults in {time.monotonic() - begun:.0f} s: {blows}")
    print(verdict.line())
    return 0 if verdict.holds else 1


def _rage(plan: Plan, hub, cargo, striker, end: float) -> None:
    """Strike one blow after the other, then let everything come to its end, and wake all of it once more."""
    _wait_for_a_worker()
    blows, struck_at, hour_at = list(plan.blows), time.monotonic(), time.monotonic()
    while time.monotonic() < end and (blows or _open(cargo) or _resume_accounts()):
        over = len(cargo.all) - _open(cargo)
        if blows and (over >= blows[0].after or time.monotonic() > struck_at + PATIENCE_S):
            striker.strike(blows.pop(0))
            struck_at = time.monotonic()
        for group in hub.groups:
            group.revive()
        waits = striker.days.look()
        if time.monotonic() > hour_at + HOUR_S:
            striker.sandbox.finish_reviews()
            hour_at = time.monotonic()
            if waits:
                striker.days.begin()
            _resume_accounts()
        time.sleep(TICK_S)
    striker.calm()
    striker.wake_all()


def _wait_for_a_worker() -> None:
    from publishers.operations import heartbeat

    end = time.monotonic() + hubs.START_S
    while heartbeat.age() is None and time.monotonic() < end:
        time.sleep(TICK_S)


def _resume_accounts() -> int:
    """Do what an administrator does about accounts whose fresh token was refused as well; return how many."""
    from publishers import accounts
    from publishers.models import Account
    from publishers.people.permissions import OPERATOR

    stopped = Account.objects.filter(paused_at__isnull=False)
    for account in stopped:
        accounts.resume(account, by=OPERATOR)
    return len(stopped)


def _open(cargo) -> int:
    from publishers.models import Delivery

    return Delivery.objects.filter(pk__in=cargo.all, next_at__isnull=False).count()


if __name__ == "__main__":
    sys.exit(main())
