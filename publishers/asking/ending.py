"""A plugin that never comes back keeps nobody for ever: its call is ended, or else its process.

That needs the main thread, where a worker or a command calls it; nothing ends another thread.
"""

import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

log = logging.getLogger(__name__)
#: How often it is looked whether somebody is to be ended.
BEAT_S = 10
#: Who comes to no step for so long never will: even three calls in a row that each wait as long as any may
#: (``http.outbound``) are over by then.
LONGEST_S = 10 * 60
#: Who swallows his end within this is ended with the process.
GRACE_S = 10
#: Who lets no other thread run for so long (code in C that keeps the interpreter to itself, a database that
#: has frozen) is ended by the kernel, which needs nobody's leave.
STUCK_S = LONGEST_S + 2 * GRACE_S
#: Does nothing to a process that no longer expects it.
END = signal.SIGURG
#: What is to be written down of who ends with the process; of the main thread, as is whether it is watched.
_notes: list[Callable[[], None]] = []
_is_watched = False


class Ended(BaseException):
    """A call has lasted too long. A BaseException, so that no ``except Exception`` can swallow it."""


@contextmanager
def bounded(who: str) -> Iterator[None]:
    """End the block with Ended, or with its process, when it lasts for LONGEST_S.

    Nothing is done inside of a run, which has a bound of its own, and beside the main thread.
    """
    if _is_watched or threading.current_thread() is not threading.main_thread():
        yield
        return
    over, runner = threading.Event(), threading.get_ident()
    watching = threading.Thread(target=_watch, args=(who, over, runner), name="bound", daemon=True)
    with endable(over, Ended):
        watching.start()
        try:
            yield
        finally:
            over.set()
            watching.join()


@contextmanager
def noting(note: Callable[[], None]) -> Iterator[None]:
    """Call ``note``, from another thread, before a plugin's call inside the block ends with the process."""
    _notes.append(note)
    try:
        yield
    finally:
        _notes.pop()


@contextmanager
def endable(over: threading.Event, error: type[BaseException]) -> Iterator[None]:
    """Let END raise ``error`` out of whatever the main thread waits for inside the block, until ``over``."""
    global _is_watched
    postpone()
    try:
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def end(number: int, frame: FrameType | None) -> None:
            if not over.is_set():
                raise error

        before, _is_watched = signal.signal(END, end), True
        try:
            yield
        finally:
            _is_watched = False
            signal.signal(END, before)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def postpone() -> None:
    """Let the kernel end the process in STUCK_S, counted anew."""
    # SIGALRM, which nobody here handles, ends a process.
    signal.setitimer(signal.ITIMER_REAL, STUCK_S)


def end(who: str, over: threading.Event, runner: int, note: Callable[[], None] = lambda: None) -> None:
    """End what the thread ``runner`` waits for; where that does not help, ``note`` it and end the process."""
    stack = "".join(traceback.format_stack(sys._current_frames().get(runner)))
    log.error("The plugin of %s does not come back; it is ended in:\n%s", who, stack)
    if runner == threading.main_thread().ident:
        signal.pthread_kill(runner, END)
    if not over.wait(GRACE_S):
        log.critical("The plugin of %s does not end; its process does.", who)
        try:
            note()
        finally:
            os._exit(os.EX_SOFTWARE)


def _watch(who: str, over: threading.Event, runner: int) -> None:
    since = time.monotonic()
    while not over.wait(BEAT_S):
        if time.monotonic() - since > LONGEST_S:
            return end(who, over, runner, _note)


def _note() -> None:
    for note in _notes:
        note()
