"""Tables that people upload are read as text, within bounds, whatever is in them."""

import datetime as dt
import io
import zipfile

import pytest
from openpyxl import Workbook

from cms.refusals import Refused
from publishers.statistics import spreadsheet
from publishers.statistics.spreadsheet import CELL_CHARS, COLUMNS, FILE_BYTES, ROWS, read_table

HEADER, LINE = ("标题", "阅读量"), ("夜校的灯", "12")


def workbook(*rows) -> bytes:
    book, written = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(written)
    return written.getvalue()


def with_part(name: str, content: bytes) -> bytes:
    """Return a workbook one of whose parts is replaced."""
    written = io.BytesIO()
    given = zipfile.ZipFile(io.BytesIO(workbook(HEADER, LINE)))
    with given, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        for part in given.namelist():
            made.writestr(part, content if part == name else given.read(part))
    return written.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv_is_read_as_consoles_write_it(encoding, delimiter, end):
    content = end.join(delimiter.join(row) for row in (HEADER, LINE)).encode(encoding)
    table = read_table(content)
    assert (table.header, table.rows) == (HEADER, (LINE,))


def test_a_quoted_cell_may_hold_a_delimiter_and_a_line():
    assert read_table('标题,阅读量\n"夜校,\n的灯","1,234"\n'.encode()).rows == (("夜校,\n的灯", "1,234"),)


def test_a_workbook_is_read_with_its_numbers_and_days():
    table = read_table(workbook(("标题", "日期", "阅读量"), ("夜校的灯", dt.date(2026, 11, 24), 12.0)))
    assert table.rows == (("夜校的灯", "2026-11-24", "12"),)


def test_a_formula_is_the_text_that_it_is_written_as():
    assert read_table(workbook(HEADER, ("夜校的灯", "=1+1"))).rows[0][1] == "=1+1"


def test_empty_rows_are_left_out_and_short_ones_filled():
    assert read_table("标题,阅读量\n,\n夜校的灯\n".encode()).rows == (("夜校的灯", ""),)


@pytest.mark.parametrize(
    "content",
    [b"", b"\0\1\2", "标题,阅读量\n".encode(), b"PK\x03\x04 no zip", b"\xff\xfe\x00\x00", b"%PDF-1.4"],
)
def test_what_is_no_table_is_refused_with_a_sentence(content):
    with pytest.raises(Refused):
        read_table(content)


def test_another_zip_is_no_workbook():
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as made:
        made.writestr("a.txt", "a")
    with pytest.raises(Refused):
        read_table(written.getvalue())


def test_too_large_a_file_is_refused_before_it_is_read():
    with pytest.raises(Refused, match="2 MB"):
        read_table(b"a," * FILE_BYTES)


def csv_of(*rows) -> bytes:
    return "\n".join(map(",".join, rows)).encode()


@pytest.mark.parametrize("make", [csv_of, workbook])
def test_too_many_rows_are_refused_and_as_many_as_allowed_are_not(make):
    assert len(read_table(make(HEADER, *[LINE] * ROWS)).rows) == ROWS
    with pytest.raises(Refused, match=str(ROWS)):
        read_table(make(HEADER, *[LINE] * (ROWS + 1)))


@pytest.mark.parametrize("make", [csv_of, workbook])
def test_what_is_wider_or_longer_than_allowed_is_cut_off_the_table(make):
    table = read_table(make(("标题", *map(str, range(100))), ("长" * (CELL_CHARS + 9), "12")))
    assert len(table.header) == COLUMNS
    assert table.rows[0][:2] == ("长" * CELL_CHARS, "12")


def test_a_bomb_is_not_unpacked():
    bomb = with_part("xl/worksheets/sheet1.xml", b"0" * (spreadsheet.UNPACKED_BYTES + 1))
    assert len(bomb) < FILE_BYTES
    with pytest.raises(Refused, match=r"(?i)unpacked|解压"):
        read_table(bomb)


def test_a_workbook_of_too_many_parts_is_not_opened():
    written = io.BytesIO(workbook(HEADER, LINE))
    with zipfile.ZipFile(written, "a") as made:
        for number in range(spreadsheet.PARTS):
            made.writestr(f"part{number}", "")
    with pytest.raises(Refused):
        read_table(written.getvalue())


def test_entities_are_not_laughed_at():
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    evil = (
        f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY l0 "ha">{laughs}<!ENTITY f SYSTEM "file:///etc/passwd">]>'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>&f;&l9;</t></is></c></row>'
        '<row r="2"><c r="A2" t="inlineStr"><is><t>x</t></is></c></row></sheetData></worksheet>'
    )
    try:
        table = read_table(with_part("xl/worksheets/sheet1.xml", evil.encode()))
    except Refused:
        return
    assert "root:" not in str(table) and len(str(table)) < 10_000


def test_a_row_that_claims_to_be_the_last_of_all_costs_no_more_than_is_allowed():
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="XFD1" t="inlineStr"><is><t>x</t></is></c></row>'
        '<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData></worksheet>'
    )
    with pytest.raises(Refused):
        read_table(with_part("xl/worksheets/sheet1.xml", sheet.encode()))
