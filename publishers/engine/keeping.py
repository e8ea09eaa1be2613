"""A worker's sign of life for what it has in hand: its lease is short, and renewed while the run goes on.

A plugin that never comes back would keep the delivery, and the worker, for ever: it is ended.
"""

import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from django.db import InterfaceError, InternalError, OperationalError, connection

from publishers.engine.leases import Fenced, Lease, give_up, keep

log = logging.getLogger(__name__)
#: Several in a lease: one that a busy database lets wait, or refuses, costs nothing.
BEAT_S = 10
#: Who comes to no step for so long never will: even three calls in a row that each wait as long as any may
#: (``http.outbound``) are over by then.
LONGEST_S = 10 * 60
#: Who swallows his end within this is ended with the process.
GRACE_S = 10
#: Who does not even let the lease be renewed for so long (code in C that keeps the interpreter to itself, a
#: database that has frozen) is ended by the kernel, which needs nobody's leave.
STUCK_S = LONGEST_S + 2 * GRACE_S
#: Does nothing to a process that no longer expects it.
END = signal.SIGURG


@contextmanager
def kept(lease: Lease) -> Iterator[None]:
    """Renew the lease every BEAT_S inside the block, beside the call that it waits for.

    Most runs are over before the first time. A lease that has ended stays so: the run's next call meets that.
    A run that comes to no step for LONGEST_S is given up, and ends with Fenced, or with its process.
    """
    over, runner = threading.Event(), threading.get_ident()
    beating = threading.Thread(target=_beat, args=(lease, over, runner), name="lease", daemon=True)
    with _ending(over):
        _end_if_stuck()
        beating.start()
        try:
            yield
        finally:
            over.set()
            beating.join()
            signal.setitimer(signal.ITIMER_REAL, 0)


def _end_if_stuck() -> None:
    # SIGALRM, which nobody here handles, ends a process.
    signal.setitimer(signal.ITIMER_REAL, STUCK_S)


@contextmanager
def _ending(over: threading.Event) -> Iterator[None]:
    """Let END raise Fenced out of whatever the main thread waits for inside the block."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:
        if not over.is_set():
            raise Fenced

    before = signal.signal(END, end)
    try:
        yield
    finally:
        signal.signal(END, before)


def _beat(lease: Lease, over: threading.Event, runner: int) -> None:
    try:
        while not over.wait(BEAT_S):
            _end_if_stuck()
            try:
                if not keep(lease):
                    return
                if time.monotonic() - lease.looked_s > LONGEST_S:
                    return _end(lease, over, runner)
            except (OperationalError, InterfaceError, InternalError) as error:
                log.warning("The lease of delivery %s could not be renewed: %s", lease.delivery.pk, error)
                connection.close()
    finally:
        connection.close()


def _end(lease: Lease, over: threading.Event, runner: int) -> None:
    """Give up a run that does not come back: the delivery first, then what still waits in it."""
    give_up(lease)
    stack = "".join(traceback.format_stack(sys._current_frames().get(runner)))
    log.error("The plugin of delivery %s does not come back; it is ended in:\n%s", lease.delivery.pk, stack)
    if runner == threading.main_thread().ident:
        signal.pthread_kill(runner, END)
    if not over.wait(GRACE_S):
        log.critical("The plugin of delivery %s does not end; its process does.", lease.delivery.pk)
        os._exit(os.EX_SOFTWARE)
