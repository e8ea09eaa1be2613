"""What the worker and beat call: thin, by id, safe to run twice. The database says what is due."""

import time
import uuid

from celery import shared_task

from cms import mailing
from publishers import callbacks, engine
from publishers.accounts import consents
from publishers.engine import falling_back
from publishers.engine.wake import wake
from publishers.notifications import reminders
from publishers.operations import heartbeat, retention
from publishers.statistics import collect
from publishers.verification import verify

LOOK_EXPIRES_S = 60
FIGURES_EXPIRES_S = 3000
# So long a worker stays with one account: a message for each delivery costs more than a call of it.
TURN_S = 0.3
# So long the looks in the same line wait while old rows go.
EXPIRY_S, EXPIRY_EXPIRES_S = 5, 3600


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


@shared_task(name="publishers.deliver_urgent")
def deliver_urgent(delivery_id: str) -> None:
    """Run one urgent delivery, then call for the next where it went, unless one is in hand there."""
    urgent = uuid.UUID(delivery_id)
    if engine.urgent_line.may_begin(urgent) and engine.work(urgent):
        wake(engine.urgent_line.next_after(urgent), urgent=True)


@shared_task(name="publishers.sweep_urgent")
def sweep_urgent() -> None:
    """Call for what is urgent and due in the line that is kept for it; it may be taken in the other first."""
    heartbeat.beat(heartbeat.URGENT)
    wake(engine.urgent_line.sweep(), urgent=True)


@shared_task(name="publishers.look")
def look(delivery_id: str) -> None:
    verify.verify(uuid.UUID(delivery_id))
    mailing.send_due()  # many that hang keep mail for no longer than one


@shared_task(name="publishers.look_around")
def look_around() -> None:
    """Call for the looks that are due; one that nobody takes in time is called for again."""
    heartbeat.beat(heartbeat.ASIDE)
    for delivery_id in verify.due():
        look.apply_async((str(delivery_id),), expires=LOOK_EXPIRES_S, retry=False)


@shared_task(name="publishers.see_to_people")
def see_to_people() -> None:
    """Remind of what is late, and give to people what an account with refused credentials does not take."""
    wake(falling_back.after_stops())
    reminders.remind()


@shared_task(name="publishers.handle_callbacks")
def handle_callbacks() -> None:
    wake(callbacks.handle_open())


@shared_task(name="publishers.gather_figures")
def gather_figures() -> None:
    """Call for the figures of each account; what was gathered is not asked for again today."""
    for account_id in collect.due():
        figures_of.apply_async((account_id,), expires=FIGURES_EXPIRES_S, retry=False)


@shared_task(name="publishers.figures_of")
def figures_of(account_id: int) -> None:
    collect.collect(account_id)
    mailing.send_due()


@shared_task(name="publishers.warn_of_consents")
def warn_of_consents() -> None:
    consents.warn()


@shared_task(name="publishers.send_mail")
def send_mail() -> None:
    mailing.send_due()


@shared_task(name="publishers.expire")
def expire() -> None:
    """Let go what is kept no longer; after a turn the rest waits in the line behind what is there."""
    over_at = time.monotonic() + EXPIRY_S
    for rule in retention.RULES:
        for _gone in retention.expire(rule):
            if time.monotonic() > over_at:
                return expire.apply_async(expires=EXPIRY_EXPIRES_S, retry=False)
