"""Wagtail's stored table (a grid, merged cells, classes for alignment) to rows of cells, and back."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from cms.document.model import Align, Cell, Table

ALIGNS: dict[str, Align] = {"htCenter": "center", "htRight": "right"}
CLASSES = {align: name for name, align in ALIGNS.items()}


def table_of(value: dict) -> Table | None:
    """Return the table, or None when no cell holds a word."""
    grid = value.get("data") or []
    if not any(text for row in grid for text in row):
        return None
    spans = {(m["row"], m["col"]): (m["rowspan"], m["colspan"]) for m in value.get("mergeCells") or []}
    covered = {
        (row + down, col + right)
        for (row, col), (rowspan, colspan) in spans.items()
        for down in range(rowspan)
        for right in range(colspan)
        if down or right
    }
    aligns = {(c["row"], c["col"]): _align(c.get("className") or "") for c in value.get("cell") or []}
    choice = value.get("table_header_choice")
    rows = tuple(
        tuple(
            Cell(
                text=str(text or "").strip(),
                header=(r == 0 and choice in ("row", "both")) or (c == 0 and choice in ("column", "both")),
                rowspan=spans.get((r, c), (1, 1))[0],
                colspan=spans.get((r, c), (1, 1))[1],
                align=aligns.get((r, c), "left"),
            )
            for c, text in enumerate(row)
            if (r, c) not in covered
        )
        for r, row in enumerate(grid)
    )
    return Table(caption=(value.get("table_caption") or "").strip(), rows=rows)


def _align(classes: str) -> Align:
    return next((ALIGNS[name] for name in classes.split() if name in ALIGNS), "left")


def stored_table(table: Table) -> dict:
    """Return the table as Wagtail's TableBlock stores it.

    Wagtail knows headers as the first row, the first column or both; other header cells become plain.
    """
    placed = laid_out(table.rows)
    height = len(table.rows)
    width = max((col + cell.colspan for (_, col), cell in placed.items()), default=0)
    choice = _header_choice(placed)
    return {
        "data": [
            [placed[row, col].text if (row, col) in placed else "" for col in range(width)]
            for row in range(height)
        ],
        "cell": [
            {"row": row, "col": col, "className": CLASSES[cell.align]}
            for (row, col), cell in placed.items()
            if cell.align in CLASSES
        ],
        "mergeCells": [
            {"row": row, "col": col, "rowspan": cell.rowspan, "colspan": cell.colspan}
            for (row, col), cell in placed.items()
            if cell.rowspan > 1 or cell.colspan > 1
        ],
        "table_caption": table.caption,
        "table_header_choice": choice,
        "first_row_is_table_header": choice in ("row", "both"),
        "first_col_is_header": choice in ("column", "both"),
    }


class Spanning(Protocol):
    """A cell of any table that is laid out as HTML lays one out."""

    @property
    def rowspan(self) -> int: ...
    @property
    def colspan(self) -> int: ...


Spans = TypeVar("Spans", bound=Spanning)


def laid_out(rows: Iterable[Iterable[Spans]]) -> dict[tuple[int, int], Spans]:
    """Return each cell by the row and column of its corner, as HTML lays a table out."""
    found: dict[tuple[int, int], Spans] = {}
    taken: set[tuple[int, int]] = set()
    for row, cells in enumerate(rows):
        col = 0
        for cell in cells:
            while (row, col) in taken:
                col += 1
            found[row, col] = cell
            taken.update((row + d, col + r) for d in range(cell.rowspan) for r in range(cell.colspan))
            col += cell.colspan
    return found


def _header_choice(placed: dict[tuple[int, int], Cell]) -> str:
    row = all(cell.header for (r, _), cell in placed.items() if r == 0)
    column = all(cell.header for (_, c), cell in placed.items() if c == 0)
    return {(True, True): "both", (True, False): "row", (False, True): "column"}.get((row, column), "neither")
