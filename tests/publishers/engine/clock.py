"""Times relative to now, and times that were reckoned from a now."""

import datetime as dt

from django.utils import timezone

HOUR = dt.timedelta(hours=1)


def in_an_hour() -> dt.datetime:
    return timezone.now() + HOUR


def an_hour_ago() -> dt.datetime:
    """Return a time that has come by every clock: SQLite's Now() may be behind ``timezone.now()``."""
    return timezone.now() - HOUR


def just_now() -> dt.datetime:
    """Return the present time as coarse as SQLite's Now(), which knows no microseconds: never after it."""
    now = timezone.now()
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def is_ahead(moment: dt.datetime, span: dt.timedelta, *, since: dt.datetime) -> bool:
    """Return whether ``moment`` is ``span`` after a now between ``since`` (``just_now``) and this call.

    True or false however long anything took.
    """
    return since <= moment - span <= timezone.now()
