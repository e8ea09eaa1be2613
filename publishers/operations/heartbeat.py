"""The worker's sign of life: beat asks, a worker answers, so that one row shows that both are at work."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from publishers.models import Heartbeat

WORKER = "worker"


def beat() -> None:
    """Note that a worker is at work now."""
    if not Heartbeat.objects.filter(pk=WORKER).update(at=Now()):
        try:
            with transaction.atomic():
                Heartbeat.objects.create(name=WORKER, at=Now())
        except IntegrityError:  # another worker was first
            beat()


def age() -> dt.timedelta | None:
    """Return how long ago a worker was last at work, by the database's clock; None for never."""
    seen = Heartbeat.objects.annotate(now=Now()).filter(pk=WORKER).first()
    return seen.now - seen.at if seen else None
