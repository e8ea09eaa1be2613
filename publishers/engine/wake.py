"""Wake-up calls to workers. They may be lost: the database says what is due, and the sweep finds it."""

import logging
import uuid
from collections.abc import Iterable

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from publishers.engine import replacing

log = logging.getLogger(__name__)
# A call that nobody takes soon is dropped: the next sweep finds the delivery again.
EXPIRES_S = 15


def wake(delivery_ids: Iterable[uuid.UUID], *, urgent: bool = False) -> None:
    """Call workers for deliveries that are due; when the broker is away, the sweep does it later.

    ``urgent``: those of the line that is kept for what is urgent.
    """
    try:
        for delivery_id in delivery_ids:
            _call("publishers.deliver_urgent" if urgent else "publishers.deliver", str(delivery_id))
    except (OperationalError, OSError) as error:
        log.warning("The broker cannot be reached (%s); the sweep will find what is due.", error)


def wake_on_commit(delivery_ids: Iterable[uuid.UUID]) -> None:
    ids = list(delivery_ids)
    transaction.on_commit(lambda: wake(ids))


def wake_neighbours_on_commit(item_ids: Iterable[int]) -> None:
    """After the commit, let the deliveries go on that wait for what these items replace, or for them."""
    ids = list(item_ids)
    transaction.on_commit(lambda: wake(replacing.wake_neighbours(ids)))


def wake_for_callbacks() -> None:
    """Call a worker for what was received; when the broker is away, the sweep finds it."""
    try:
        _call("publishers.handle_callbacks")
    except (OperationalError, OSError) as error:
        log.warning("The broker cannot be reached (%s); the sweep will find what was received.", error)


def _call(task: str, *args: str) -> None:
    """Send the call by its name: what the tasks do stands on all rooms, and is called from below."""
    current_app.send_task(task, args, expires=EXPIRES_S, retry=False)
