"""What is said above an article on a platform: when an event is, as China's clocks show it."""

import datetime as dt

import pytest

from publishers.rendering.facts import span


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "said"),
    [
        # Of one day in China, and of two in UTC.
        ((4, 23, 30), (5, 1, 0), "2026年12月5日（周六）07:30—09:00"),
        # Of two days in China, and of one in UTC.
        ((5, 14, 0), (5, 17, 0), "2026年12月5日（周六）22:00—2026年12月6日（周日）01:00"),
        ((5, 1, 0), None, "2026年12月5日（周六）09:00"),
    ],
)
def test_an_events_days_are_those_of_china(starts_at, ends_at, said):
    start, end = (at and dt.datetime(2026, 12, *at, tzinfo=dt.UTC) for at in (starts_at, ends_at))
    assert span(start, end) == said
