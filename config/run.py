"""Starts what the Procfile names and keeps it together: ``python -m config.run start`` (``make run``).

Honcho does the work: whichever process ends, it ends the others. What it does not see to: that nothing lives
on when honcho itself is killed, or when whoever reads its output goes; that a process is missed whose watcher
is killed; that all are ended when the word comes before all are started; and that there is one of it on a
data folder. Production starts its processes itself, as many as it likes (docs/operations.md).
"""

import fcntl
import os
import signal
import sys
from typing import Any  # what honcho hands on

from honcho import command, manager, printer, process

from config import settings
from config.environment import refuse
from config.parents import end_with_parent
from config.streams import silence, write_chinese


class Started(process.Popen):
    def __init__(self, cmd: str, **options: Any) -> None:
        super().__init__(cmd, preexec_fn=end_with_parent, **options)


class Watched(process.Process):
    """A process of the Procfile and its watcher, a child of honcho that waits for its end."""

    def __init__(self, cmd: str, **options: Any) -> None:
        super().__init__(cmd, **options)
        self._child_ctor = Started

    def run(self, *arguments: Any, **options: Any) -> None:
        end_with_parent(signal.SIGKILL)  # it ignores others; what it has started is then told to end
        super().run(*arguments, **options)


class Read(printer.Printer):
    def write(self, message: printer.Message) -> None:
        try:
            super().write(message)
        except BrokenPipeError:
            silence(sys.stdout)
            os.kill(os.getpid(), signal.SIGTERM)


class Together(manager.Manager):
    returncode: int | None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._process_ctor = Watched
        self._is_to_end = False

    def loop(self) -> None:
        with settings.RUN_LOCK.open("w") as lock:
            try:
                # The kernel's: whoever is killed lets it go.
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                refuse(
                    f"数据文件夹 {settings.DATA_DIR} 已有另一个 make run 在用："
                    "请先停止它，或在 .env 中把 HUB_DATA_DIR 改为另一个文件夹。"
                )
            super().loop()

    def terminate(self) -> None:
        self._is_to_end = True
        if self._all_started():
            super().terminate()

    def _any_stopped(self) -> bool:
        for name, each in self._processes.items():
            # One that has told of the end of its process ends with 0.
            if each["process"].exitcode and "returncode" not in each:
                self.returncode = each["returncode"] = 1
                self._system_print(f"{name} has lost its watcher\n")
        return self._is_to_end or bool(super()._any_stopped())


if __name__ == "__main__":
    end_with_parent()
    write_chinese()
    command.Manager, command.Printer = Together, Read
    command.main()
