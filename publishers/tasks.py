"""What the worker and beat call: thin, by id, safe to run twice. The database says what is due."""

import logging
import time
import uuid
from collections.abc import Iterable

from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from publishers import callbacks, consents, engine, figures, heartbeat, reminding
from publishers.engine import falling_back, looking, replacing

log = logging.getLogger(__name__)
# A call that nobody takes soon is dropped: the next sweep finds the delivery again.
EXPIRES_S = 15
LOOK_EXPIRES_S = 60
FIGURES_EXPIRES_S = 3000
# So long a worker stays with one account: a message for each delivery costs more than a call of it.
TURN_S = 0.3


@shared_task(name="publishers.deliver")
def deliver(delivery_id: str) -> None:
    """Run one delivery, then those of its account that waited for it, until the account's turn is over.

    Whoever had the last one in hand calls for the next: other accounts' messages come before it.
    """
    over_at = time.monotonic() + TURN_S
    due = [uuid.UUID(delivery_id)]
    while due and engine.work(due[0]):
        due = engine.next_after(due[0])
        if time.monotonic() > over_at:
            return wake(due)


@shared_task(name="publishers.sweep")
def sweep() -> None:
    heartbeat.beat()
    wake(engine.sweep())
    wake(callbacks.handle_open())


@shared_task(name="publishers.look")
def look(delivery_id: str) -> None:
    looking.look(uuid.UUID(delivery_id))


@shared_task(name="publishers.look_around")
def look_around() -> None:
    """Call for the looks that are due; one that nobody takes in time is called for again."""
    for delivery_id in looking.due():
        look.apply_async((str(delivery_id),), expires=LOOK_EXPIRES_S, retry=False)


@shared_task(name="publishers.see_to_people")
def see_to_people() -> None:
    """Remind of what is late, and give to people what an account with refused credentials does not take."""
    wake(falling_back.after_stops())
    reminding.remind()


@shared_task(name="publishers.handle_callbacks")
def handle_callbacks() -> None:
    wake(callbacks.handle_open())


@shared_task(name="publishers.gather_figures")
def gather_figures() -> None:
    """Call for the figures of each account; what was gathered is not asked for again today."""
    for account_id in figures.due():
        figures_of.apply_async((account_id,), expires=FIGURES_EXPIRES_S, retry=False)


@shared_task(name="publishers.figures_of")
def figures_of(account_id: int) -> None:
    figures.gather(account_id)


@shared_task(name="publishers.warn_of_consents")
def warn_of_consents() -> None:
    consents.warn()


def wake_for_callbacks() -> None:
    """Call a worker for what was received; when the broker is away, the sweep finds it."""
    try:
        handle_callbacks.apply_async(expires=EXPIRES_S, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("The broker cannot be reached (%s); the sweep will find what was received.", error)


def wake(delivery_ids: Iterable[uuid.UUID]) -> None:
    """Call workers for deliveries that are due; when the broker is away, the sweep does it later."""
    try:
        for delivery_id in delivery_ids:
            deliver.apply_async((str(delivery_id),), expires=EXPIRES_S, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("The broker cannot be reached (%s); the sweep will find what is due.", error)


def wake_on_commit(delivery_ids: Iterable[uuid.UUID]) -> None:
    ids = list(delivery_ids)
    transaction.on_commit(lambda: wake(ids))


def wake_neighbours_on_commit(item_ids: Iterable[int]) -> None:
    """After the commit, let the deliveries go on that wait for what these items replace, or for them."""
    ids = list(item_ids)
    transaction.on_commit(lambda: wake(replacing.wake_neighbours(ids)))
