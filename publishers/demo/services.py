"""Starts what ``make run`` starts, on free ports and in a folder of its own, and stops it again."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import requests

START_S = 40


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a hub whose data, media and ports are its own."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    bind = f"127.0.0.1:{free_port()}"
    return outside | {
        "HUB_DATA_DIR": str(folder / "data"),
        "HUB_MEDIA_ROOT": str(folder / "media"),
        "HUB_BIND": bind,
        "HUB_PUBLIC_URL": f"http://{bind}",
        "HUB_SANDBOX_PORT": str(free_port()),
        "HUB_EMAIL_URL": "dummy://",
        "HUB_LOG_LEVEL": "WARNING",
    }


@contextmanager
def running(folder: Path, env: dict[str, str]) -> Iterator[None]:
    """Run sandbox, web server, worker and beat until the block ends; their output lies in ``folder``."""
    sandbox = f"http://127.0.0.1:{env['HUB_SANDBOX_PORT']}/"
    with ExitStack() as stack:
        for name, arguments in {
            "sandbox": [
                "sandbox",
                "--port",
                env["HUB_SANDBOX_PORT"],
                "--ledger",
                f"{folder}/sandbox.sqlite3",
            ],
            "web": [
                "gunicorn",
                "config.wsgi",
                "--bind",
                env["HUB_BIND"],
                "--threads",
                "8",
                "--no-control-socket",
            ],
            "worker": ["celery", "--app", "config", "worker", "--pool", "solo"],
            "beat": ["celery", "--quiet", "--app", "config", "beat"],
        }.items():
            stack.enter_context(_process(folder / f"{name}.log", arguments, env))
        for address in (sandbox, f"{env['HUB_PUBLIC_URL']}/healthz"):
            _wait_for(address)
        yield


@contextmanager
def _process(log: Path, arguments: list[str], env: dict[str, str]) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  (our own arguments)
            [sys.executable, "-m", *arguments], env=env, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(address: str) -> None:
    end = time.monotonic() + START_S
    while True:
        try:
            requests.get(address, timeout=5).raise_for_status()
            return
        except requests.RequestException:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
