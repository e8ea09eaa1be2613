"""The database's clock, by which leases and times to come are kept: hosts' own clocks differ."""

import datetime as dt

from django.db.models import Expression, Value
from django.db.models.functions import Now


def from_now(span: dt.timedelta) -> Expression:
    """Return the moment that is ``span`` after the statement's own."""
    return Now() + Value(span)
