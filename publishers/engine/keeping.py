"""A worker's sign of life for what it has in hand: its lease is short, and renewed while it lives."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError, connection

from publishers.engine.leases import Lease, keep

log = logging.getLogger(__name__)
#: Several in a lease: one that a busy database lets wait, or refuses, costs nothing.
BEAT_S = 10


@contextmanager
def kept(lease: Lease) -> Iterator[None]:
    """Renew the lease every BEAT_S inside the block, beside the call that it waits for.

    Most runs are over before the first time. A lease that has ended stays so: the run's next call meets that.
    """
    over = threading.Event()
    beating = threading.Thread(target=_beat, args=(lease, over), name="lease", daemon=True)
    beating.start()
    try:
        yield
    finally:
        over.set()
        beating.join()


def _beat(lease: Lease, over: threading.Event) -> None:
    try:
        while not over.wait(BEAT_S):
            try:
                if not keep(lease):
                    return
            except (OperationalError, InterfaceError) as error:
                log.warning("The lease of delivery %s could not be renewed: %s", lease.delivery.pk, error)
                connection.close()
    finally:
        connection.close()
