"""A table that somebody uploads (CSV or XLSX), read as text within bounds. Everything in it is hostile.

Nothing is evaluated: a formula is the text that it is written as. The first row names the columns.
"""

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _
from openpyxl import load_workbook

from cms.refusals import Refused

FILE_BYTES = 2 * 1024 * 1024
ROWS, COLUMNS, CELL_CHARS = 1000, 30, 1000
#: What an XLSX file may hold when it is unpacked; as its directory says, which zipfile holds it to.
UNPACKED_BYTES, PARTS = 20 * 1024 * 1024, 200
ENCODINGS = ("utf-8-sig", "gb18030")
DELIMITERS = ",;\t"


@dataclass(frozen=True)
class Table:
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def read_table(content: bytes) -> Table:
    """Return the table in a file. Raises Refused with a sentence: too large, no table, not readable."""
    if len(content) > FILE_BYTES:
        raise Refused(_("The file is larger than {size} MB.").format(size=FILE_BYTES // 1024**2))
    found = _workbook(content) if content.startswith(b"PK") else _text(content)
    rows = [row for row in found if any(row)]
    if len(rows) < 2:
        raise Refused(_("The file holds no table: a row with the names of the columns, then one for each."))
    if len(rows) > ROWS + 1:
        raise Refused(_("The table has more than {count} rows: divide it.").format(count=ROWS))
    width = max(at for row in rows for at, cell in enumerate(row, start=1) if cell)
    header, *lines = ((*row[:width], *[""] * (width - len(row))) for row in rows)
    return Table(header, tuple(lines))


def _text(content: bytes) -> list[tuple[str, ...]]:
    text = next(filter(None, (_decoded(content, encoding) for encoding in ENCODINGS)), "")
    if "\0" in text or not text:
        raise Refused(_("The file is neither CSV nor XLSX."))
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        return _bounded(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        raise Refused(_("The file is neither CSV nor XLSX.")) from None


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return ""


def _workbook(content: bytes) -> list[tuple[str, ...]]:
    """Return the rows of the first sheet."""
    _check_unpacked(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        try:
            return _bounded(book.worksheets[0].iter_rows(max_col=COLUMNS, values_only=True))
        finally:
            book.close()
    except Refused:
        raise
    except Exception:  # noqa: BLE001  (whatever a broken file makes the library raise)
        raise Refused(_("The file is no XLSX workbook that can be read.")) from None


def _check_unpacked(content: bytes) -> None:
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError):
        raise Refused(_("The file is no XLSX workbook that can be read.")) from None
    if len(parts) > PARTS or sum(part.file_size for part in parts) > UNPACKED_BYTES:
        raise Refused(_("The workbook is too large when it is unpacked."))


def _bounded(rows: Iterable[Iterable[object]]) -> list[tuple[str, ...]]:
    """Return at most one row more than is allowed, so that the caller sees that there are too many."""
    return [tuple(_cell(value) for value in islice(row, COLUMNS)) for row in islice(rows, ROWS + 2)]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        value = value.date()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()[:CELL_CHARS]
