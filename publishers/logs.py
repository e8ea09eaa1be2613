"""What every log line says of the delivery and the call at work, and that none holds a secret."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from pythonjsonlogger.json import JsonFormatter

from publishers.http.outbound import scrub

_about: ContextVar[dict[str, str] | None] = ContextVar("about", default=None)


@contextmanager
def about(**names: object) -> Iterator[None]:
    """Let every line that is logged inside the block carry ``names`` (delivery, attempt), as text."""
    before = _about.set((_about.get() or {}) | {name: str(value) for name, value in names.items()})
    try:
        yield
    finally:
        _about.reset(before)


class About(logging.Filter):
    """Gives each record what it is about; empty outside of a delivery."""

    def filter(self, record: logging.LogRecord) -> bool:
        known = _about.get() or {}
        record.delivery, record.attempt = known.get("delivery", ""), known.get("attempt", "")
        return True


class Line(logging.Formatter):
    """A line for people."""

    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(record))


class JsonLine(JsonFormatter):
    """A JSON object for machines, on one line. Secrets are masked in each field, before it becomes JSON."""

    def process_log_record(self, log_data: dict[str, object]) -> dict[str, object]:
        return super().process_log_record({name: _masked(value) for name, value in log_data.items()})


def _masked(value: object) -> object:
    if value is None or isinstance(value, int | float):
        return value
    return scrub(str(value))
