"""Times relative to now."""

import datetime as dt

from django.utils import timezone


def in_an_hour() -> dt.datetime:
    return timezone.now() + dt.timedelta(hours=1)


def an_hour_ago() -> dt.datetime:
    return timezone.now() - dt.timedelta(hours=1)
