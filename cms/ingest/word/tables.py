"""Tables of a Word file: merged cells, alignment, headers."""

from collections.abc import Callable, Iterator

from docx.oxml.ns import qn

from cms.document.model import Cell, Table
from cms.ingest.word.styles import path, value

MAX_SPAN = 63  # Word's own limit of columns


def table_of(element, paragraphs_of: Callable[[object], list]) -> Table:
    """Return the table; ``paragraphs_of`` gives the Lines of a cell."""
    rows = [list(_placed(row)) for row in rows_of(element)]
    return Table(
        rows=tuple(
            tuple(
                _cell(cell, span, _height(rows, number, column), _is_header(row_element), paragraphs_of)
                for column, span, cell in row
                if _merge(cell) != "continue" or number == 0
            )
            for number, (row, row_element) in enumerate(zip(rows, rows_of(element), strict=True))
        )
    )


def rows_of(element) -> list:
    """Return the rows, also those inside content controls and insertions; deleted rows are left out."""
    found = [row for row in element.iter(qn("w:tr")) if _owner(row, qn("w:tbl")) is element]
    return [row for row in found if row.find(path("w:trPr/w:del")) is None]


def cells_of(row) -> list:
    return [cell for cell in row.iter(qn("w:tc")) if _owner(cell, qn("w:tr")) is row]


def _owner(element, tag: str):
    return next(element.iterancestors(tag))


def _placed(row) -> Iterator[tuple[int, int, object]]:
    """Yield (column, columns wide, cell) for each cell of a row."""
    column = int(value(row, "w:trPr/w:gridBefore") or 0)
    for cell in cells_of(row):
        span = max(1, min(MAX_SPAN, int(value(cell, "w:tcPr/w:gridSpan") or 1)))
        yield column, span, cell
        column += span


def _merge(cell) -> str | None:
    """Return restart where a vertical merge begins, continue where a cell is covered by it."""
    merge = cell.find(path("w:tcPr/w:vMerge"))
    return None if merge is None else merge.get(qn("w:val"), "continue")


def _height(rows: list, number: int, column: int) -> int:
    """Return how many rows the cell at this place covers."""
    height = 1
    for below in rows[number + 1 :]:
        under = next((cell for at, _, cell in below if at == column), None)
        if under is None or _merge(under) != "continue":
            break
        height += 1
    return height


def _is_header(row) -> bool:
    header = row.find(path("w:trPr/w:tblHeader"))
    return header is not None and header.get(qn("w:val"), "1") not in ("0", "false", "off")


def _cell(cell, span: int, height: int, header: bool, paragraphs_of: Callable[[object], list]) -> Cell:
    lines = paragraphs_of(cell)
    return Cell(
        text="\n".join(line.number + line.text for line in lines if line.text),
        header=header,
        colspan=span,
        rowspan=height,
        align=lines[0].align if lines else "left",
    )
