"""The hub's own workers, as ``make run`` and production start them."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import harness
from harness import stacks

PATIENCE_S = 900


@contextmanager
def celery(concurrency: int) -> Iterator[Callable[[Callable[[], bool]], None]]:
    """Run workers with beat until the block ends; give a function that waits until something is true."""
    log = harness.FOLDER / "worker.log"
    log.unlink(missing_ok=True)
    path = os.pathsep.join([str(harness.ROOT), str(harness.ROOT / "bench")])
    env = os.environ | {"PYTHONPATH": path, "DJANGO_SETTINGS_MODULE": "config.settings"}
    with ExitStack() as running:
        workers = [running.enter_context(_started(command, env, log)) for command in _commands(concurrency)]

        def wait(reached: Callable[[], bool]) -> None:
            end = time.monotonic() + PATIENCE_S
            while not reached():
                if any(worker.poll() is not None for worker in workers) or time.monotonic() > end:
                    raise RuntimeError(f"The workers did not come to it:\n{log.read_text()[-4000:]}")
                time.sleep(0.2)

        yield wait


def _commands(concurrency: int) -> Iterator[list[str]]:
    """As in docs/operations.md: over files a process for each, over another broker one that has children."""
    command = [sys.executable, "-m", "celery", "--app", "config", "worker"]
    command += ["--loglevel", "WARNING"]
    if stacks.BROKER in os.environ:
        yield [*command, "--beat", "--concurrency", str(concurrency)]
        return
    for number in range(concurrency):
        beat = [] if number else ["--beat"]
        yield [*command, *beat, "--pool", "solo", "--hostname", f"bench{number}@%h"]


@contextmanager
def _started(command: list[str], env: dict[str, str], log: Path) -> Iterator[subprocess.Popen]:
    with log.open("ab") as written:
        worker = subprocess.Popen(command, cwd=harness.ROOT, env=env, stdout=written, stderr=written)
    try:
        yield worker
    finally:
        worker.terminate()
        worker.wait()


def warnings() -> list[str]:
    """Return what the last workers warned of: one delivery tried again a minute later spoils a figure."""
    lines = (harness.FOLDER / "worker.log").read_text().splitlines()
    return [line for line in lines if " WARNING " in line or " ERROR " in line]


def is_at_work() -> bool:
    """Return whether a worker has answered beat."""
    from publishers.operations import heartbeat

    age = heartbeat.age()
    return age is not None and age.total_seconds() < 10
