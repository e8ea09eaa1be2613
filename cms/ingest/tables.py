"""Tables from any kind of file, within what the editor can show."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from cms.document.model import Cell, Table
from cms.refusals import Refused

MAX_PLACES = 20_000


def table(rows: Sequence[Sequence[Cell]], caption: str = "") -> Table:
    """Return the table, merged cells ending where it ends. Raises Refused when it is too large."""
    ending = [
        [cell.model_copy(update={"rowspan": min(cell.rowspan, len(rows) - number)}) for cell in row]
        for number, row in enumerate(rows)
    ]
    if _places(ending) > MAX_PLACES:
        raise Refused(_("A table on the page has more cells than a text can hold."))
    return Table(caption=caption, rows=tuple(map(tuple, ending)))


def _places(rows: Sequence[Sequence[Cell]]) -> int:
    """Return the size of the grid that the cells span, or at least something that is too large."""
    spanned = sum(cell.colspan * cell.rowspan for row in rows for cell in row)
    if spanned > MAX_PLACES:
        return spanned
    widths = [0] * len(rows)
    for number, row in enumerate(rows):
        for cell in row:
            for down in range(cell.rowspan):
                widths[number + down] += cell.colspan
    return len(rows) * max(widths, default=0)
