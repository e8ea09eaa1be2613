"""``make test-services``: the suite on PostgreSQL with Redis, the brokers' tests with RabbitMQ, and storms.

The suite runs in random order. Beside it, as they mostly wait, go the tests with RabbitMQ,
docs/operations.md, followed in empty folders with requirements.txt alone, and then the storms; what they say
is printed when each has ended. A service that does not answer is named, and what needs it is left out.
"""

import os
import random
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psycopg
from kombu import Connection

POSTGRES = os.environ.get("HUB_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432")
BROKERS = {
    "Redis": os.environ.get("HUB_TEST_REDIS", "redis://127.0.0.1:6379/0"),
    "RabbitMQ": os.environ.get("HUB_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672//"),
}
#: A browser is shown what other tests ask for on this database, too; tests/elsewhere.py leaves out the rest.
WHOLE_SUITE = ("-n", "auto", "tests", "--ignore=tests/browser", "--durations=30")
WITH_A_BROKER = ("-n", "0", "tests/services")
#: By broker: what is done of docs/operations.md.
FOLLOWED = (("--machines", "5"), ("--machines", "1", "--faults"))
STORM = ("--deliveries", "24", "--seed", "7")
PATIENCE_S = 5


@dataclass
class Part:
    """A process of its own; afterwards, how it ended and how long it took. What has not run has failed."""

    name: str
    command: list[str]
    env: dict[str, str]
    status: int = 1
    took_s: float = 0.0

    def run(self, *, aloud: bool) -> None:
        begun = time.monotonic()
        streams = {} if aloud else {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        ran = subprocess.run(self.command, env=self.env, check=False, text=True, **streams)
        self.status, self.took_s = ran.returncode, time.monotonic() - begun
        if not aloud:
            print(f"test-services: {self.name}\n{ran.stdout}", flush=True)


def main(arguments: list[str]) -> int:
    if why_not := postgres_is_away():
        print(f"test-services: skipped, PostgreSQL does not answer ({why_not}).")
        return 0
    suite, *others = plan(who_answers(), arguments)
    print(f"test-services: {suite.name}", flush=True)
    with ThreadPoolExecutor(1) as beside:
        for other in others:
            beside.submit(other.run, aloud=False)
        suite.run(aloud=True)
    print()
    for part in (suite, *others):
        print(f"{part.took_s:6.0f} s  {part.name}{' (failed)' if part.status else ''}")
    return int(any(part.status for part in (suite, *others)))


def who_answers() -> dict[str, str]:
    """Return the brokers that are there, and name the others."""
    there = {}
    for name, address in BROKERS.items():
        if why_not := broker_is_away(address):
            print(f"test-services: {name} is skipped, it does not answer ({why_not}).")
        else:
            there[name] = address
    return there


def plan(brokers: dict[str, str], arguments: list[str]) -> list[Part]:
    """Return the suite with the first broker, what needs one with the others, the page, and storms."""
    (name, address), *others = brokers.items() or [("no broker", None)]
    whole = [*WHOLE_SUITE, f"--random-order-seed={random.randrange(10**6)}", *arguments]
    return [
        pytest(name, address, whole),
        *(pytest(*other, [*WITH_A_BROKER, *arguments]) for other in others),
        *(followed(*each, more) for each, more in zip(brokers.items(), FOLLOWED, strict=False)),
        *(storm(*broker) for broker in brokers.items()),
    ]


def pytest(name: str, broker: str | None, arguments: list[str]) -> Part:
    """Return tests on a database, a queue and files of their own, so that runs on one machine do not meet."""
    env = os.environ | {"HUB_DATABASE_URL": f"{POSTGRES.rstrip('/')}/hub_{uuid.uuid4().hex[:8]}"}
    if broker:
        env |= {"HUB_TEST_BROKER": broker}
    return Part(f"the tests on PostgreSQL with {name}", [sys.executable, "-m", "pytest", *arguments], env)


def storm(name: str, broker: str) -> Part:
    """Return a short storm over a hub on these services; its seed is printed."""
    command = [sys.executable, "-m", "tests.chaos.storm", "--database", POSTGRES, "--broker", broker, *STORM]
    return Part(f"a storm on PostgreSQL with {name}", command, dict(os.environ))


def followed(name: str, broker: str, more: tuple[str, ...]) -> Part:
    """Return docs/operations.md, followed in empty folders."""
    command = [sys.executable, "-m", "tests.production", "--broker", broker, *more]
    return Part(f"docs/operations.md with {name}, {' '.join(more)}", command, dict(os.environ))


def postgres_is_away() -> str:
    try:
        psycopg.connect(f"{POSTGRES.rstrip('/')}/postgres", connect_timeout=PATIENCE_S).close()
    except psycopg.Error as error:
        return first_line(error)
    return ""


def broker_is_away(address: str) -> str:
    try:
        with Connection(address, connect_timeout=PATIENCE_S) as connection:
            connection.ensure_connection(max_retries=1, timeout=PATIENCE_S)
    except Exception as error:  # noqa: BLE001  (each client has errors of its own)
        return first_line(error)
    return ""


def first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
