"""The database's clock, by which leases and times to come are kept: hosts' own clocks differ."""

import datetime as dt

from django.db.models import Expression, Model, Value
from django.db.models.functions import Now


def now(beside: Model) -> dt.datetime:
    """Return the database's now; asked beside a row, since the ORM asks for nothing without one."""
    rows = type(beside)._default_manager.filter(pk=beside.pk)
    return rows.values_list(Now(), flat=True).get()


def from_now(span: dt.timedelta) -> Expression:
    """Return the moment that is ``span`` after the statement's own."""
    return Now() + Value(span)
