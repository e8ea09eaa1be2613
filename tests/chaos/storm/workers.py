"""The worker processes of a storm: each group is what one machine would run, and dies by its process ids.

As in ``docs/operations.md``: over files one process that works alone, over another broker several.
"""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

TOGETHER = 2


class Group:
    """One Celery worker with its children, and beat on the first machine: each in a process group."""

    def __init__(self, number: int, env: dict[str, str], folder: Path, *, alone: bool):
        self._alone = alone
        self._log = folder / f"worker{number}.log"
        self._env = env | {"HUB_DATA_DIR": env["HUB_DATA_DIR"]}
        celery = [sys.executable, "-m", "celery", "--app", "tests.chaos.storm.hurry"]
        pool = ["--pool", "solo"] if alone else ["--concurrency", str(TOGETHER)]
        commands = [[*celery, "worker", *pool, "--hostname", f"storm{number}@%h"]]
        if number == 0:
            commands.append([*celery, "beat"])
        self._stalled = False
        self._processes = [self._start(command) for command in commands]

    def _start(self, command: list[str]) -> subprocess.Popen:
        with self._log.open("a") as log:
            return subprocess.Popen(command, env=self._env, stdout=log, stderr=log, start_new_session=True)

    def revive(self) -> None:
        """Start again, as a supervisor does, what is dead."""
        for number, process in enumerate(self._processes):
            if process.poll() is not None:
                _signal(process, signal.SIGKILL)
                self._processes[number] = self._start(process.args)

    def kill(self) -> None:
        """Kill every process of the group, as when a machine loses its power."""
        self._signal(signal.SIGKILL)
        for process in self._processes:
            process.wait()

    def kill_child(self, lot: float) -> bool:
        """Kill beat or one child; return whether there was any (they come some seconds after the start).

        A worker that works alone is one process, and dies whole.
        """
        if self._alone:
            self.kill()
            return True
        children = [*self._children(), *(process.pid for process in self._processes[1:])]
        if children:
            os.kill(children[int(lot * len(children))], signal.SIGKILL)
        return bool(children)

    def stall(self) -> None:
        self._signal(signal.SIGSTOP)
        self._stalled = True

    def go_on(self) -> None:
        if self._stalled:
            self._signal(signal.SIGCONT)
            self._stalled = False

    def tail(self) -> str:
        return "".join(self._log.read_text(errors="replace").splitlines(keepends=True)[-25:])

    def _signal(self, number: int) -> None:
        for process in self._processes:
            _signal(process, number)

    def _children(self) -> list[int]:
        pid = self._processes[0].pid
        try:
            listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        except FileNotFoundError:
            return []
        return [int(child) for child in listed.split()]


def _signal(process: subprocess.Popen, number: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
