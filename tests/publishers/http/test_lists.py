"""A list is read as far as it has to be, and what was not read is never said not to be there."""

import pytest

from publishers.http.lists import read

SIZE = 10


def pages_of(entries, later=None):
    """Return what hands out ``entries``, which are their own times; from the second page on ``later``."""
    asked = []

    def page_at(number):
        now = later if later is not None and number else entries
        asked.append(number)
        return now[number * SIZE : (number + 1) * SIZE], len(now)

    return asked, page_at


def reading(page_at, **options):
    options = {"most": 10, "since": 65.0, **options}
    return read(page_at, size=SIZE, identity=str, moment=float, **options)


NEWEST, OLDEST = list(range(99, -1, -1)), list(range(100))
MIXED = [number * 37 % 100 for number in range(100)]


@pytest.mark.parametrize(
    ("entries", "asked"), [(NEWEST, [0, 1, 2, 3]), (OLDEST, [0, 9, 8, 7, 6]), (MIXED, list(range(10)))]
)
def test_a_list_is_read_until_all_that_follows_is_older(entries, asked):
    pages, page_at = pages_of(entries)
    assert reading(page_at).decides
    assert pages == asked


@pytest.mark.parametrize("entries", [MIXED, [*range(99, 79, -1), *MIXED]])
def test_without_an_order_only_all_of_it_decides(entries):
    pages, page_at = pages_of(entries[:100])
    assert not reading(page_at, most=5).decides
    assert pages == list(range(5))


@pytest.mark.parametrize(
    ("entries", "later"),
    [(NEWEST, NEWEST[1:]), (NEWEST, [100, *NEWEST]), (MIXED, MIXED[1:])],
    ids=["one went", "one came", "one went, in no order"],
)
def test_a_list_that_changes_while_it_is_read_decides_nothing(entries, later):
    assert not reading(pages_of(entries, later)[1]).decides


@pytest.mark.parametrize("first", [[99] * 9 + [50], [99, 50]], ids=["of one time", "a short page"])
def test_an_order_that_may_be_chance_is_none(first):
    assert not reading(lambda number: ([MIXED[number]] if number else first, 300), most=9).in_order


def test_a_list_that_names_one_entry_twice_is_not_complete():
    assert not reading(pages_of(MIXED[:20], [*MIXED[:10], *MIXED[:10]])[1]).decides


def test_a_list_that_tells_no_times_is_read_whole_or_decides_nothing():
    options = {"size": SIZE, "identity": str, "moment": lambda _entry: None, "since": 65.0}
    assert read(pages_of(NEWEST)[1], most=10, **options).decides
    assert not read(pages_of(NEWEST)[1], most=9, **options).decides


def test_reading_ends_with_what_is_wanted_and_in_order_with_what_is_known():
    pages, page_at = pages_of(MIXED)
    assert 74 in reading(page_at, wanted=lambda entry: entry == 74).entries and pages == [0]
    pages, page_at = pages_of(NEWEST)
    assert reading(page_at, since=None, known={"85"}).in_order and pages == [0, 1]
    pages, page_at = pages_of(NEWEST)
    assert not reading(page_at, since=None, most_in_order=3).decides and pages == [0, 1, 2]


def test_a_list_that_promises_more_than_it_holds_comes_to_an_end():
    pages, page_at = pages_of(MIXED[:10])
    assert not reading(lambda number: (page_at(number)[0], 9999)).decides
    assert pages == [0, 1]
