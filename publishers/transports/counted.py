"""Figures that a partner gives: docs/platforms/partner-feed-contract.md, part C."""

import datetime as dt
from collections.abc import Iterator, Mapping

from django.utils.dateparse import parse_date, parse_datetime

from cms.document.china import CHINA
from publishers.interface import Figure, Json
from publishers.transports.partner import Partner

SOURCE = "partner stats"
#: Our own rule: an article is followed for so many days.
DAYS = 30
NAMES = {"reads": "reads", "likes": "likes", "shares": "shares", "comments": "comments"}


def figures(partner: Partner, published_on: dt.date) -> list[Figure]:
    """Return the figures of what was published on that day. A row that cannot be read is left out."""
    return [figure for row in partner.figures(published_on) for figure in _of(row)]


def _of(row: Mapping[str, Json]) -> Iterator[Figure]:
    remote_id, day = str(row.get("remote_id") or ""), _day(row.get("as_of"))
    if not remote_id or day is None:
        return
    is_final = day < dt.datetime.now(CHINA).date()
    for theirs, ours in NAMES.items():
        value = _count(row.get(theirs))
        if value is not None:
            yield Figure({"remote_id": remote_id}, day, ours, value, is_final)


def _day(written: Json) -> dt.date | None:
    """Return the day in China of a date, or of a time (without an offset: China's)."""
    try:
        moment = parse_datetime(str(written))
        if moment is None:
            return parse_date(str(written))
        return (moment.replace(tzinfo=CHINA) if moment.tzinfo is None else moment.astimezone(CHINA)).date()
    except ValueError:
        return None


def _count(value: Json) -> int | None:
    """Return a whole number from JSON or CSV, None where there is none."""
    written = str(value).strip()
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 16 else None
