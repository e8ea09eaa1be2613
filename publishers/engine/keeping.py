"""A worker's sign of life for what it has in hand: its lease is short, and renewed while the run goes on.

A plugin that never comes back would keep the delivery, and the worker, for ever: it is ended.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, InternalError, OperationalError, connection

from publishers.asking import ending
from publishers.engine.leases import Fenced, Lease, give_up, keep

log = logging.getLogger(__name__)
#: Several in a lease: one that a busy database lets wait, or refuses, costs nothing.
BEAT_S = 10


@contextmanager
def kept(lease: Lease) -> Iterator[None]:
    """Renew the lease every BEAT_S inside the block, beside the call that it waits for.

    Most runs are over before the first time. A lease that has ended stays so: the run's next call meets that.
    A run that comes to no step for LONGEST_S is given up, and ends with Fenced, or with its process.
    """
    over, runner = threading.Event(), threading.get_ident()
    beating = threading.Thread(target=_beat, args=(lease, over, runner), name="lease", daemon=True)
    with ending.endable(over, Fenced):
        beating.start()
        try:
            yield
        finally:
            over.set()
            beating.join()


def _beat(lease: Lease, over: threading.Event, runner: int) -> None:
    try:
        while not over.wait(BEAT_S):
            ending.postpone()
            try:
                if not keep(lease):
                    return
                if time.monotonic() - lease.looked_s > ending.LONGEST_S:
                    give_up(lease)  # the delivery first, then what still waits in it
                    return ending.end(f"delivery {lease.delivery.pk}", over, runner)
            except (OperationalError, InterfaceError, InternalError) as error:
                log.warning("The lease of delivery %s could not be renewed: %s", lease.delivery.pk, error)
                connection.close()
    finally:
        connection.close()
