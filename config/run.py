"""Starts what the Procfile names and keeps it together: ``python -m config.run start`` (``make run``).

Honcho does the work: whichever process ends, it ends the others. Two things it does not see to: that nothing
lives on when honcho itself is killed, and that a process is missed whose watcher is killed.
"""

import signal
from typing import Any  # what honcho hands on

from honcho import command, manager, process

from config.parents import end_with_parent


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


class Together(manager.Manager):
    returncode: int | None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._process_ctor = Watched

    def _any_stopped(self) -> bool:
        for name, each in self._processes.items():
            # One that has told of the end of its process ends with 0.
            if each["process"].exitcode and "returncode" not in each:
                self.returncode = each["returncode"] = 1
                self._system_print(f"{name} has lost its watcher\n")
        return bool(super()._any_stopped())


if __name__ == "__main__":
    # What is wrong with a setting is said here, once, and not by each process.
    import config.settings  # noqa: F401

    end_with_parent()
    command.Manager = Together
    command.main()
