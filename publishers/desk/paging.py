"""Lists page by page, each page found by the row at which the last one ended.

No list is counted, and none is read up to where the page begins: the thousandth page costs what the first one
costs. So there are pages before and after, and no numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Page
from django.db.models import Model, Q, QuerySet
from django.utils.functional import cached_property
from wagtail.admin.paginator import WagtailPaginator

AFTER, BEFORE = "after", "before"
# Of whatever model a list shows.
Rows = QuerySet[Any, Any]


class Slice(Page):
    """One page; ``before`` and ``after`` are what an address says of those beside it, empty where none is."""

    def __init__(self, found: Sequence[Model], paginator: Pages, before: str, after: str) -> None:
        super().__init__(found, 1, paginator)
        self.before, self.after = before, after

    def has_previous(self) -> bool:
        return bool(self.before)

    def has_next(self) -> bool:
        return bool(self.after)


class Pages(WagtailPaginator):
    """Pages of a list that is the sum of its ``parts``."""

    #: So many matches are counted; of more it is said that there are more.
    COUNTED = 1000
    object_list: Rows
    per_page: int
    # Read by Wagtail's view before anything is shown; what is shown is ``matches``.
    count = num_pages = None

    def parts(self) -> list[Rows]:
        """Return the parts in their order, each in an order of its own.

        That one's columns are never empty, the last is unique, and an index has them.
        """
        return [self.object_list]

    @cached_property
    def matches(self) -> int:
        """Return how many rows there are, at most one more than COUNTED."""
        return _keys(self.object_list)[: self.COUNTED + 1].count()

    def get_elided_page_range(self, page_number: object) -> list[int]:
        return []

    def get_page(self, number: Any) -> Slice:  # what stands in the address, or nothing
        """Return the page that the address names; the first one when it names none, or no row of the list."""
        place = self._place(str(number or ""))
        if place is None:
            return self._slice(self._found(), before=False)
        backwards, part, values = place
        found = self._found(part, values, backwards)
        if backwards and len(found) <= self.per_page:
            return self.get_page("")
        return self._slice(found, before=True, backwards=backwards)

    def _place(self, address: str) -> tuple[bool, int, Sequence[Any]] | None:
        """Return the direction, the part and where the named row stands in its order."""
        direction, _dot, rest = address.partition(".")
        part, _dot, key = rest.partition(".")
        if direction not in (AFTER, BEFORE) or part not in map(str, range(len(self.parts()))):
            return None
        rows, model = self.parts()[int(part)], self.object_list.model
        try:
            row = model._base_manager.filter(pk=key).values_list(*_columns(rows)).first()
        except (ValueError, ValidationError):
            return None
        return (direction == BEFORE, int(part), row) if row and None not in row else None

    def _found(
        self, part: int | None = None, values: Sequence[Any] = (), backwards: bool = False
    ) -> list[tuple[int, Any]]:
        """Return parts and keys of a page's rows beyond a place, and of one more, in the direction."""
        numbered = list(enumerate(self.parts()))
        if backwards:
            numbered.reverse()
        found: list[tuple[int, Any]] = []
        for number, rows in numbered:
            if part is not None and (number > part if backwards else number < part):
                continue
            wanted = rows.filter(_beyond(rows, values, backwards)) if number == part else rows
            keys = _keys(wanted.reverse() if backwards else wanted)
            found += [(number, key) for key in keys[: self.per_page + 1 - len(found)]]
            if len(found) > self.per_page:
                break
        return found

    def _slice(self, found: list[tuple[int, Any]], *, before: bool, backwards: bool = False) -> Slice:
        more, found = len(found) > self.per_page, found[: self.per_page]
        if backwards:
            found.reverse()
            before, more = more, True
        wanted = self.object_list.order_by().filter(pk__in=[key for _part, key in found])
        rows = {row.pk: row for row in wanted}
        there = [(part, rows[key]) for part, key in found if key in rows]
        return Slice(
            [row for _part, row in there],
            self,
            _address(BEFORE, *there[0]) if before and there else "",
            _address(AFTER, *there[-1]) if more and there else "",
        )


def _address(direction: str, part: int, row: Model) -> str:
    return f"{direction}.{part}.{row.pk}"


def _keys(rows: Rows) -> Rows:
    """Return the primary keys alone, so that an index may have all that is read."""
    return rows.select_related(None).prefetch_related(None).values_list("pk", flat=True)


def _columns(rows: Rows) -> list[str]:
    return [str(name).removeprefix("-") for name in rows.query.order_by]


def _beyond(rows: Rows, values: Sequence[Any], backwards: bool) -> Q:
    """Return the condition that a row comes after the place in its order, or before it.

    The first column is bounded by itself, which is what an index begins with.
    """
    condition = Q(pk__in=[])
    for name, value in reversed(list(zip(rows.query.order_by, values, strict=True))):
        column = str(name).removeprefix("-")
        rises = (column == name) != backwards
        further, at_least = ("gt", "gte") if rises else ("lt", "lte")
        condition = Q(**{f"{column}__{at_least}": value}) & (Q(**{f"{column}__{further}": value}) | condition)
    return condition
