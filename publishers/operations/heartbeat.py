"""The workers' signs of life: beat asks, a worker answers, so that a row shows that both are at work."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from publishers.models import Heartbeat

#: The line of deliveries and that of urgent ones, asked each second; the one beside them, asked now and then.
WORKER, URGENT, ASIDE = LINES = "worker", "urgent", "aside"
#: Beat calls every second or so; in the line beside the deliveries now and then, and looks may be in hand.
SILENT, ASIDE_SILENT = dt.timedelta(minutes=1), dt.timedelta(minutes=10)


def beat(line: str = WORKER) -> None:
    """Note that a worker of the line is at work now."""
    if not Heartbeat.objects.filter(pk=line).update(at=Now()):
        try:
            with transaction.atomic():
                Heartbeat.objects.create(name=line, at=Now())
        except IntegrityError:  # another worker was first
            beat(line)


def age(line: str = WORKER) -> dt.timedelta | None:
    """Return how long ago a worker of the line was last at work, by the database's clock; None for never."""
    return ages().get(line)


def ages() -> dict[str, dt.timedelta]:
    """Return the same for each line of which a worker was ever at work. One query."""
    return {seen.name: seen.now - seen.at for seen in Heartbeat.objects.annotate(now=Now())}
