"""The processes of one hub on several machines, as far as one machine shows it."""

import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from config.broker import transport_options
from config.celery import app
from publishers.tasks import deliver

PATIENCE_S = 90


@dataclass
class Celery:
    """A worker with its pool, or beat, in a session of its own."""

    process: subprocess.Popen
    log: Path

    def kill(self) -> None:
        """End all of its processes at once, as when the machine dies."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """Ask it to end, as systemd does; return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE_S)

    def kill_its_child(self) -> None:
        """End the process that works, not the one that hands out."""
        [child] = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        os.kill(int(child), signal.SIGKILL)

    def got_again(self, task: str) -> bool:
        """Return whether one message has come more than once."""
        messages = re.findall(rf"{re.escape(task)}\[(\S+)\] received", self.log.read_text())
        return len(messages) > len(set(messages))

    def is_ready(self) -> bool:
        said = self.log.read_text()
        assert self.process.poll() is None, said[-3000:]
        return " ready." in said


class Network:
    """Starts workers and beat; a context manager that ends what still runs."""

    def __init__(self, env: dict[str, str], folder: Path):
        self._env, self._folder, self._started = env, folder, []

    def __enter__(self) -> "Network":
        return self

    def __exit__(self, *_error) -> None:
        for each in self._started:
            each.kill()

    def worker(self, concurrency: int = 1) -> Celery:
        """Return a worker that is ready for work."""
        name = f"worker{len(self._started)}"
        return self._worker("deliveries", name, concurrency)

    def aside(self) -> Celery:
        """Return a worker for what is done beside the deliveries, ready for work."""
        return self._of_line("aside")

    def urgent(self, concurrency: int = 1) -> Celery:
        """Return a worker that is kept for what is urgent, ready for work."""
        return self._of_line("urgent", concurrency)

    def _of_line(self, line: str, concurrency: int = 1) -> Celery:
        return self._worker(line, f"{line}{len(self._started)}", concurrency)

    def _worker(self, line: str, name: str, concurrency: int) -> Celery:
        more = ("--concurrency", str(concurrency), "--queues", line, "--hostname", f"{name}@%h")
        started = self._start(name, "worker", *more)
        self.wait(started.is_ready)
        return started

    def mail_goes_to(self, port: int) -> None:
        """Let what is started from now on send mail there."""
        self._env["HUB_EMAIL_URL"] = f"smtp://127.0.0.1:{port}"

    def beat(self) -> Celery:
        schedule = self._folder / f"schedule{len(self._started)}"
        return self._start(f"beat{len(self._started)}", "beat", "-s", str(schedule))

    def call(self, delivery_id: uuid.UUID, *, times: int) -> None:
        """Wake workers for a delivery again and again."""
        url, name = self._env["HUB_BROKER_URL"], self._env["HUB_QUEUE"]
        options = transport_options(url, name=name, folder=self._folder)
        with app.connection_for_write(url, transport_options=options) as connection:
            for _ in range(times):
                deliver.apply_async((str(delivery_id),), connection=connection, queue=name)

    def wait(self, reached: Callable[[], object]) -> None:
        """Wait until ``reached`` says so; fail with what the processes said."""
        end = time.monotonic() + PATIENCE_S
        while not reached():
            assert time.monotonic() < end, self._said()
            time.sleep(0.05)

    def _start(self, name: str, *arguments: str) -> Celery:
        log = self._folder / f"{name}.log"
        command = [sys.executable, "-m", "celery", "--app", "config", *arguments]
        with log.open("w") as output:
            process = subprocess.Popen(
                command, env=self._env, stdout=output, stderr=output, start_new_session=True
            )
        self._started.append(Celery(process, log))
        return self._started[-1]

    def _said(self) -> str:
        return "\n".join(f"{each.log.name}: {each.log.read_text()[-3000:]}" for each in self._started)
