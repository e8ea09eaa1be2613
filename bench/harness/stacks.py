"""The two ways to run the hub: benchmarks that concern both start themselves once for each.

The services' addresses are those of ``make test-services`` (HUB_TEST_POSTGRES, HUB_TEST_REDIS).
"""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from kombu import Connection
from psycopg import sql

POSTGRES = os.environ.get("HUB_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432").rstrip("/")
REDIS = os.environ.get("HUB_TEST_REDIS", "redis://127.0.0.1:6379/0")
EMBEDDED, PRODUCTION = "SQLite, files", "PostgreSQL, Redis"
#: Set for the process that measures one of the two.
STACK, DATABASE, BROKER, QUEUE = "BENCH_STACK", "BENCH_DATABASE", "BENCH_BROKER", "BENCH_QUEUE"


def in_each(arguments: list[str]) -> str:
    """Return the stack that this process measures; without one, run the script for each and end."""
    if STACK in os.environ:
        return os.environ[STACK]
    codes = [_run(arguments, {STACK: EMBEDDED})]
    if why_not := _away():
        print(f"\n{PRODUCTION} is left out: {why_not}.")
    else:
        with database() as address:
            queue = f"bench{uuid.uuid4().hex[:8]}"
            stack = {STACK: PRODUCTION, DATABASE: address, BROKER: REDIS, QUEUE: queue}
            codes.append(_run(arguments, stack))
    sys.exit(max(codes))


@contextmanager
def database() -> Iterator[str]:
    """Give the address of a database of its own on the server, until the block ends."""
    name = sql.Identifier(f"hub_bench_{uuid.uuid4().hex[:8]}")
    with psycopg.connect(f"{POSTGRES}/postgres", autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(name))
        try:
            yield f"{POSTGRES}/{name._obj[0]}"
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def environment() -> dict[str, str]:
    """Return what the settings are told of the stack."""
    names = {DATABASE: "HUB_DATABASE_URL", BROKER: "HUB_BROKER_URL", QUEUE: "HUB_QUEUE"}
    return {name: os.environ[given] for given, name in names.items() if given in os.environ}


def _run(arguments: list[str], stack: dict[str, str]) -> int:
    """Measure in a process that lays a hub of its own, instead of joining this one's."""
    env = {name: value for name, value in os.environ.items() if name != "HUB_BENCH_FOLDER"}
    return subprocess.run([sys.executable, *arguments], env=env | stack, check=False).returncode


def _away() -> str:
    try:
        psycopg.connect(f"{POSTGRES}/postgres", connect_timeout=5).close()
        with Connection(REDIS, transport_options={"socket_connect_timeout": 5}) as broker:
            broker.ensure_connection(max_retries=1, timeout=5)
    except Exception as error:  # noqa: BLE001  (whatever is wrong is told)
        return str(error).partition("\n")[0]
    return ""
