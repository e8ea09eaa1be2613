"""What readers get of one article now: one query in SQL of our own, and proved.

Django's ORM takes ten times as long to put this question as all the rest of the answer takes. What comes back
is compared, as it lies in the database, with what was proved before; anything else goes through hash and
signature.
"""

import datetime as dt
import hashlib
import logging
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Field
from django.utils import timezone

from cms.models import Release
from readers.models import Reading
from readers.snapshots import snapshots

log = logging.getLogger(__name__)


class Current(NamedTuple):
    """The stored answer, and of its Reading the hash and when it ends (None: not yet known)."""

    answer: bytes
    sha256: str
    superseded_at: dt.datetime | None


SIGNED = ("id", "release_id", *snapshots.PLAIN, *snapshots.MOMENTS, "assets", "sha256", "key_id", "signature")
_COLUMNS = {field.attname: field for field in Reading._meta.concrete_fields}
FIELDS = [_COLUMNS[name] for name in (*SIGNED, "superseded_at")]
# Of what a database takes as a page's number; addresses can hold more.
LARGEST = 2**63 - 1
# Answers, of some ten kilobytes each.
REMEMBERED = 500
_proved: dict[tuple[int, str], tuple[tuple, Current]] = {}


def _query(answer: str) -> str:
    """Return the query. It does not sort, which would copy each answer; there is hardly more than one."""
    columns = ", ".join(f'reading."{field.column}"' for field in FIELDS)
    return (
        f'SELECT release.number, reading."{answer}", release.sha256, {columns} '  # noqa: S608 (our own names)
        "FROM cms_reading reading JOIN cms_release release ON release.id = reading.release_id "
        "WHERE reading.page_id = %s AND reading.public_from <= %s "
        "AND (reading.superseded_at IS NULL OR reading.superseded_at > %s)"
    )


QUERIES = {answer: _query(answer) for answer in ("html", "json")}


def current(page_id: int, answer: str) -> Current | None:
    """Return what the page's readers get now, "html" or "json"; None when nothing is public and proved."""
    row = _newest(page_id, answer)
    if row is None:
        return None
    known, found = _proved.get((page_id, answer), (None, None))
    if known != row:
        found = _prove(row, answer)
        if found is not None:
            _remember((page_id, answer), row, found)
    return found


def _newest(page_id: int, answer: str) -> tuple | None:
    if page_id > LARGEST:
        return None
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(QUERIES[answer], (page_id, now, now))
        return max(cursor.fetchall(), key=itemgetter(0), default=None)


def _prove(row: tuple, answer: str) -> Current | None:
    """Return what the row holds when the hub made all of it."""
    _number, content, release_sha256, *values = row
    facts = {field.attname: _read(field, value) for field, value in zip(FIELDS, values, strict=True)}
    reading = Reading(**facts)
    reading.release = Release(pk=reading.release_id, sha256=release_sha256)
    if not snapshots.is_genuine(reading):
        return None
    if hashlib.sha256(content).hexdigest() != getattr(reading, f"{answer}_sha256"):
        log.error("The stored %s of page %s was changed: it is not served.", answer, reading.page_id)
        return None
    return Current(bytes(content), reading.sha256, reading.superseded_at)


# Any: what a database's driver gives, and what a field makes of it, is each field's own affair.
def _read(field: Field, value: Any) -> Any:
    """Return the database's value as the model has it."""
    column = field.get_col(Reading._meta.db_table)
    for convert in (*connection.ops.get_db_converters(column), *column.get_db_converters(connection)):
        value = convert(value, column, connection)
    return value


def _remember(key: tuple[int, str], row: tuple, found: Current) -> None:
    if len(_proved) >= REMEMBERED:
        _proved.clear()
    _proved[key] = (row, found)
