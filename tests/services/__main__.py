"""``make test-services``: the suite on PostgreSQL with Redis, the brokers' tests with RabbitMQ, and storms.

A service that does not answer is named, and what needs it is left out.
"""

import os
import subprocess
import sys
import uuid

import psycopg
from kombu import Connection

POSTGRES = os.environ.get("HUB_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432")
BROKERS = {
    "Redis": os.environ.get("HUB_TEST_REDIS", "redis://127.0.0.1:6379/0"),
    "RabbitMQ": os.environ.get("HUB_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672//"),
}
#: Some meet neither another database nor another broker, whatever the environment says.
ELSEWHERE = (
    "tests/browser", "tests/demo", "tests/config", "tests/sandbox", "tests/conformance", "tests/plugins",
    "tests/chaos/test_storm.py",
)  # fmt: skip
WHOLE_SUITE = ("tests", *(f"--ignore={place}" for place in ELSEWHERE))
WITH_A_BROKER = ("tests/services",)
STORM = ("--deliveries", "24", "--seed", "7")
PATIENCE_S = 5


def main(arguments: list[str]) -> int:
    if why_not := postgres_is_away():
        print(f"test-services: skipped, PostgreSQL does not answer ({why_not}).")
        return 0
    suites, failed = [WHOLE_SUITE, WITH_A_BROKER], False
    for name, address in BROKERS.items():
        if why_not := broker_is_away(address):
            print(f"test-services: {name} is skipped, it does not answer ({why_not}).")
            continue
        print(f"test-services: PostgreSQL and {name}", flush=True)
        failed |= run(suites.pop(0), address, arguments) != 0
        failed |= storm(address) != 0
    if WHOLE_SUITE in suites:
        print("test-services: PostgreSQL without a broker", flush=True)
        failed |= run(WHOLE_SUITE, None, arguments) != 0
    return int(failed)


def run(suite: tuple[str, ...], broker: str | None, arguments: list[str]) -> int:
    """Run tests on a database, a queue and files of their own, so that runs on one machine do not meet."""
    own = f"hub_{uuid.uuid4().hex[:8]}"
    env = os.environ | {"HUB_DATABASE_URL": f"{POSTGRES.rstrip('/')}/{own}"}
    if broker:
        env |= {"HUB_TEST_BROKER": broker}
    command = [sys.executable, "-m", "pytest", "-n", "auto", *suite, *arguments]
    return subprocess.run(command, env=env, check=False).returncode


def storm(broker: str) -> int:
    """Let a short storm pass over a hub on these services; its seed is printed."""
    command = [sys.executable, "-m", "tests.chaos.storm", "--database", POSTGRES, "--broker", broker, *STORM]
    return subprocess.run(command, check=False).returncode


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
