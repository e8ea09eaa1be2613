"""The hub's own workers, as ``make run`` and production start them."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import ground
from ground import stacks

PATIENCE_S = 900


@contextmanager
def celery(concurrency: int) -> Iterator[Callable[[Callable[[], bool]], None]]:
    """Run a worker with beat until the block ends; give a function that waits until something is true."""
    log = ground.FOLDER / "worker.log"
    command = [sys.executable, "-m", "celery", "--app", "ground.publishing", "worker", "--beat"]
    command += ["--pool", "prefork" if stacks.BROKER in os.environ else "threads"]
    command += ["--concurrency", str(concurrency), "--loglevel", "WARNING"]
    path = os.pathsep.join([str(ground.ROOT), str(ground.ROOT / "bench")])
    env = os.environ | {"PYTHONPATH": path, "DJANGO_SETTINGS_MODULE": "config.settings"}
    with log.open("ab") as written:
        worker = subprocess.Popen(command, cwd=ground.ROOT, env=env, stdout=written, stderr=written)

    def wait(reached: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE_S
        while not reached():
            if worker.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"The worker did not come to it:\n{log.read_text()[-4000:]}")
            time.sleep(0.2)

    try:
        yield wait
    finally:
        worker.terminate()
        worker.wait()


def is_at_work() -> bool:
    """Return whether a worker has answered beat."""
    from publishers import heartbeat

    age = heartbeat.age()
    return age is not None and age.total_seconds() < 10
