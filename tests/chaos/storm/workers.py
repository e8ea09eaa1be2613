"""The worker processes of a storm: each group is what one machine would run, and dies by its process id.

As in ``docs/operations.md``: over files one process that works alone, over another broker several.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

TOGETHER = 2


class Group:
    """One Celery worker with its children (the first with beat), in a process group of its own."""

    def __init__(self, number: int, env: dict[str, str], folder: Path, *, alone: bool):
        self._alone = alone
        self._log = folder / f"worker{number}.log"
        self._env = env | {"HUB_DATA_DIR": env["HUB_DATA_DIR"]}
        beat = ["--beat", "--schedule", str(folder / f"beat{number}")] if number == 0 else []
        self._command = [
            *(sys.executable, "-m", "celery", "--app", "tests.chaos.storm.hurry", "worker"),
            *(["--pool", "solo"] if alone else ["--concurrency", str(TOGETHER)]),
            *("--hostname", f"storm{number}@%h", *beat),
        ]
        self._stalled = False
        self.start()

    def start(self) -> None:
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                self._command, env=self._env, stdout=log, stderr=log, start_new_session=True
            )

    def revive(self) -> bool:
        """Start it again, as a supervisor does, when it is dead; return whether it was."""
        if self._process.poll() is None:
            return False
        self.kill()
        self.start()
        return True

    def kill(self) -> None:
        """Kill every process of the group, as when a machine loses its power."""
        self._signal(signal.SIGKILL)
        self._process.wait()

    def kill_child(self, lot: float) -> bool:
        """Kill one child; return whether there was any (they come some seconds after the start).

        A worker that works alone is one process, and dies whole.
        """
        if self._alone:
            self.kill()
            return True
        children = self._children()
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
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return

    def _children(self) -> list[int]:
        pid = self._process.pid
        try:
            listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        except FileNotFoundError:
            return []
        return [int(child) for child in listed.split()]
