"""Looking for something in a platform's list in few pages: the newest first, where it shows its order."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Listed = TypeVar("Listed")


@dataclass
class Reading(Generic[Listed]):
    """What was read of a list, and whether that is enough to say what is not in it.

    ``is_complete``: all of it, and nothing moved meanwhile. ``in_order``: what was read, the newest first.
    ``goes_back``: in order down to what is older than what is looked for.
    """

    entries: list[Listed] = field(default_factory=list)
    pages: int = 0
    is_complete: bool = False
    in_order: bool = False
    goes_back: bool = False

    @property
    def decides(self) -> bool:
        """Whether what it does not show is not there."""
        return self.is_complete or self.goes_back


def read(
    page_at: Callable[[int], tuple[Sequence[Listed], int]],
    *,
    size: int,
    most: int,
    most_in_order: int | None = None,
    identity: Callable[[Listed], str],
    moment: Callable[[Listed], float | None],
    since: float | None = None,
    wanted: Callable[[Listed], bool] = lambda _entry: False,
    known: Collection[str] = (),
) -> Reading[Listed]:
    """Read pages until an entry is ``wanted``, the order is past ``since``, or ``most`` pages were read.

    A list in order is read as far as an entry that is ``known`` already, and for ``most_in_order`` pages.
    ``page_at`` returns a page of ``size`` entries, counted from 0, and how many entries there are in all.
    ``moment`` tells when an entry was last changed; None where the list does not say it.
    """
    reading: Reading[Listed] = Reading()
    first, total = page_at(0)
    # An order that a few entries show may be chance.
    order = _order([moment(entry) for entry in first]) if len(first) >= min(size, total) else 0
    seen: set[str] = set()
    last: float | None = None
    reading.in_order, moved = order != 0, False
    for page, counted in _pages(page_at, list(first), total, size, order):
        reading.pages += 1
        reading.entries += page
        seen.update(identity(entry) for entry in page)
        moved = moved or counted != total
        if any(wanted(entry) for entry in page):
            return reading
        if not page:
            break
        # Of a list that begins with the oldest, the first page was read only to learn that.
        if order >= 0 or reading.pages > 1:
            moments = [moment(entry) for entry in page]
            reading.in_order = reading.in_order and _falls(moments if last is None else [last, *moments])
            last = moments[-1]
        if reading.in_order and last is not None:
            reading.goes_back = not moved and since is not None and last < since
            is_known = any(identity(entry) in known for entry in page)
            if reading.goes_back or is_known or reading.pages >= (most_in_order or most):
                break
        if reading.pages >= most:
            break
    reading.is_complete = not moved and len(seen) == total
    return reading


def _pages(
    page_at: Callable[[int], tuple[Sequence[Listed], int]],
    first: list[Listed],
    total: int,
    size: int,
    order: int,
) -> Iterator[tuple[list[Listed], int]]:
    yield first, total
    others = range(1, -(-total // size))
    for number in reversed(others) if order < 0 else others:
        page, counted = page_at(number)
        yield list(reversed(page)) if order < 0 else list(page), counted


def _order(moments: Sequence[float | None]) -> int:
    """Return 1 where the newest come first, -1 where the oldest do, 0 where no order is to be seen."""
    falls, rises = _falls(moments), _falls(moments[::-1])
    return falls - rises if 2 * len(set(moments)) > len(moments) else 0


def _falls(moments: Sequence[float | None]) -> bool:
    told = [each for each in moments if each is not None]
    return len(told) == len(moments) and told == sorted(told, reverse=True)
