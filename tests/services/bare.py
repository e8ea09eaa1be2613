"""``python -m tests.services.bare``: web, workers, beat and doctor with requirements.txt and nothing else.

In production's mode, on a database and a queue of their own. The processes see neither the developers'
libraries nor the variables of whoever calls this. The environment is kept for the next run, named by what is
in it.
"""

import argparse
import hashlib
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from cryptography.fernet import Fernet
from psycopg import sql

from tests.services.brokers import forget

ROOT = Path(__file__).resolve().parents[2]
PINS = ROOT / "requirements.txt"
PATIENCE_S, TICK_S = 120, 0.5
#: Of the developers' libraries, one that everything here would see if anything did.
NOT_THERE = "pytest"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.services.bare", description=__doc__)
    parser.add_argument("--database", required=True, help="PostgreSQL's address, without a database")
    parser.add_argument("--broker", required=True)
    options = parser.parse_args()
    if why_not := make(venv := place()):
        print(f"bare: skipped, requirements.txt cannot be installed here ({why_not}).")
        return 0
    name = f"bare_{uuid.uuid4().hex[:8]}"
    with tempfile.TemporaryDirectory(prefix="hub-bare-") as folder, database(options.database, name) as url:
        env = environment(venv, Path(folder), url, options.broker, name)
        try:
            return hub(venv / "bin", env, Path(folder))
        finally:
            forget(options.broker, name)


def place() -> Path:
    """Return where the environment of these pins and this Python is kept."""
    told = hashlib.sha256(PINS.read_bytes() + sys.version.encode()).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "nusheng-hub" / f"bare-{told}"


def make(venv: Path) -> str:
    """Install the pins where that was not done; return why it cannot be."""
    done = venv / "complete"
    if done.exists():
        return ""
    install = ["-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r", str(PINS)]
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(venv)],
        [str(venv / "bin" / "python"), *install],
    ):
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode:
            return ((ran.stderr or ran.stdout).strip().splitlines() or [str(ran.returncode)])[-1]
    done.touch()
    return ""


@contextmanager
def database(server: str, name: str) -> Iterator[str]:
    """Make a database, return its address, and drop it in the end."""
    with psycopg.connect(f"{server.rstrip('/')}/postgres", autocommit=True) as made:
        made.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield f"{server.rstrip('/')}/{name}"
        finally:
            made.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def environment(venv: Path, folder: Path, database: str, broker: str, name: str) -> dict[str, str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return {
        "PATH": f"{venv / 'bin'}:/usr/bin:/bin",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "HUB_MODE": "production",
        "HUB_SECRET_KEY": secrets.token_urlsafe(64),
        "HUB_CREDENTIAL_KEYS": Fernet.generate_key().decode(),
        "HUB_ALLOWED_HOSTS": "127.0.0.1",
        "HUB_BIND": f"127.0.0.1:{port}",
        "HUB_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "HUB_SSL_REDIRECT": "off",
        "HUB_DATABASE_URL": database,
        "HUB_BROKER_URL": broker,
        "HUB_QUEUE": name,
        "HUB_DATA_DIR": str(folder / "data"),
        "HUB_MEDIA_ROOT": str(folder / "media"),
        "HUB_KEY_DIR": str(folder / "keys"),
        "HUB_EMAIL_URL": "dummy://",
        "HUB_LOG_LEVEL": "WARNING",
    }


def hub(programs: Path, env: dict[str, str], folder: Path) -> int:
    """Start everything, and return 0 when web and doctor find all well."""
    python, queue = str(programs / "python"), env["HUB_QUEUE"]

    def run(*arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [python, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False
        )

    if run("-c", f"import {NOT_THERE}").returncode == 0:
        print(f"bare: {NOT_THERE} can be imported, so this shows nothing.")
        return 1
    for command in (
        ("migrate", "--verbosity", "0"),
        ("bootstrap", "--name", "女联"),
        ("collectstatic", "--no-input"),
    ):
        if (ran := run("manage.py", *command)).returncode:
            print(f"bare: {command[0]} failed.\n{ran.stdout}{ran.stderr}")
            return 1
    celery = [str(programs / "celery"), "--quiet", "--app", "config"]
    worker = [*celery, "worker", "--concurrency", "1", "--hostname"]
    commands = {
        "web": [str(programs / "gunicorn"), "config.wsgi", "--bind", env["HUB_BIND"], "--no-control-socket"],
        "worker": [*worker, "worker@%h", "--queues", queue],
        "aside": [*worker, "aside@%h", "--queues", f"{queue}.aside"],
        "beat": [*celery, "beat"],
    }
    with ExitStack() as running:
        started = {
            name: running.enter_context(process(name, command, env, folder))
            for name, command in commands.items()
        }
        ready = wait_until(lambda: all(each.poll() is None for each in started.values()) and is_ready(env))
        well = ready and wait_until(lambda: run("manage.py", "doctor").returncode == 0)
        told = run("manage.py", "doctor")
    print(told.stdout + told.stderr)
    if not well:
        for name in commands:
            print(f"bare: the last of {name}:\n{(folder / name).read_text()[-3000:]}")
    print(f"bare: {'all is well' if well else 'not well'} on {env['HUB_BROKER_URL'].split(':')[0]}.")
    return 0 if well else 1


@contextmanager
def process(name: str, command: list[str], env: dict[str, str], folder: Path) -> Iterator[subprocess.Popen]:
    with (folder / name).open("w") as log:
        started = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
        try:
            yield started
        finally:
            started.terminate()
            try:
                started.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                started.kill()


def is_ready(env: dict[str, str]) -> bool:
    try:
        with urllib.request.urlopen(f"{env['HUB_PUBLIC_URL']}/readyz", timeout=PATIENCE_S) as answer:
            return bool(json.load(answer)["ready"])
    except OSError:
        return False


def wait_until(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(TICK_S)
    return False


if __name__ == "__main__":
    sys.exit(main())
