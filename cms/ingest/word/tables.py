"""Tables of a Word file: merged cells, alignment, headers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from docx.oxml.ns import qn

from cms.document.model import Cell, Table
from cms.ingest.tables import table
from cms.ingest.word.styles import is_on, path, value

MAX_SPAN = 63  # Word's own limit of columns


@dataclass
class Corner:
    """Where a cell begins, and what it covers; without an element it only holds a place."""

    element: object | None
    columns: int
    rows: int = 1


def table_of(element, paragraphs_of: Callable[[object], list]) -> Table:
    """Return the table; ``paragraphs_of`` gives the Lines of a cell. Raises Refused when it is too large."""
    rows = rows_of(element)
    return table(
        [
            [_cell(corner, header, paragraphs_of) for corner in corners]
            for header, corners in zip(map(_is_header, rows), _corners(rows), strict=True)
        ]
    )


def rows_of(element) -> list:
    """Return the rows, also those inside content controls and insertions; deleted rows are left out."""
    found = [row for row in element.iter(qn("w:tr")) if _owner(row, qn("w:tbl")) is element]
    return [row for row in found if row.find(path("w:trPr/w:del")) is None]


def cells_of(row) -> list:
    return [cell for cell in row.iter(qn("w:tc")) if _owner(cell, qn("w:tr")) is row]


def _owner(element, tag: str):
    return next(element.iterancestors(tag))


def _corners(rows: list) -> list[list[Corner]]:
    """Return the cells that each row begins; one that continues another only makes that one higher."""
    found: list[list[Corner]] = []
    merging: dict[tuple[int, int], Corner] = {}  # by column and width
    for row in rows:
        corners: list[Corner] = []
        going_on: dict[tuple[int, int], Corner] = {}
        for column, span, cell in _placed(row):
            merge = _merge(cell)
            corner = merging.get((column, span)) if merge == "continue" else None
            if corner:
                corner.rows += 1
            else:
                corners.append(corner := Corner(cell, span))
            if merge:
                going_on[column, span] = corner
        merging = going_on
        found.append(corners)
    return found


def _placed(row) -> Iterator[tuple[int, int, object]]:
    """Yield (column, columns wide, cell) for each cell of a row; None holds the place before a late one."""
    column = _span(value(row, "w:trPr/w:gridBefore") or 0)
    if column:
        yield 0, column, None
    for cell in cells_of(row):
        span = max(1, _span(value(cell, "w:tcPr/w:gridSpan") or 1))
        yield column, span, cell
        column += span


def _span(stated: str | int) -> int:
    return max(0, min(MAX_SPAN, int(stated)))


def _merge(cell) -> str | None:
    """Return restart where a vertical merge begins, continue where a cell is covered by it."""
    merge = None if cell is None else cell.find(path("w:tcPr/w:vMerge"))
    return None if merge is None else merge.get(qn("w:val"), "continue")


def _is_header(row) -> bool:
    return is_on(row.find(path("w:trPr/w:tblHeader")))


def _cell(corner: Corner, header: bool, paragraphs_of: Callable[[object], list]) -> Cell:
    lines = [] if corner.element is None else paragraphs_of(corner.element)
    return Cell(
        text="\n".join(line.number + line.text for line in lines if line.text),
        header=header,
        colspan=corner.columns,
        rowspan=corner.rows,
        align=lines[0].align if lines else "left",
    )
