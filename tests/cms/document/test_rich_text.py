"""What an editor's text and tables become, whatever form Wagtail or a paste gave them."""

import pytest

from cms.document.model import Cell, ItemList, ListItem, Span, Table
from cms.document.rich_text import blocks_of, list_html
from cms.document.tables import stored_table, table_of


def read(source: str) -> list:
    return list(blocks_of(source, lambda given, _text: given.get("href")))


@pytest.mark.parametrize(
    ("source", "spans"),
    [
        ("没有段落的字", [("没有段落的字", ())]),
        (
            "<p>一\n行<br/>二\n行<b>重\n点</b>尾\n巴</p>",
            [("一 行\n二 行", ()), ("重 点", ("bold",)), ("尾 巴", ())],
        ),
        ("<p><i><b>字</b></i></p>", [("字", ("bold", "italic"))]),
        ("<p><b><i>字</i></b></p>", [("字", ("bold", "italic"))]),
        ("<p><b>重<strong>点</strong></b></p>", [("重点", ("bold",))]),
        ("<p><strong>重</strong><em>斜</em></p>", [("重", ("bold",)), ("斜", ("italic",))]),
        ("<p><b>　 </b>　字 <i> 　</i></p>", [("字", ())]),
    ],
)
def test_one_text_has_one_form_however_it_was_typed(source, spans):
    [paragraph] = read(source)
    assert [(span.text, span.marks) for span in paragraph.spans] == spans


@pytest.mark.parametrize(
    "source", ["", " \n", "<p></p>", "<p>　　</p>", "<p><b> </b></p>", "<ul><li> </li></ul>"]
)
def test_what_holds_no_word_is_no_block(source):
    assert read(source) == []


@pytest.mark.parametrize(
    ("levels", "shown"), [([0, 3, 1], [0, 1, 1]), ([2, 2], [0, 1]), ([0, 1, 2, 0, 1], [0, 1, 2, 0, 1])]
)
def test_an_item_goes_at_most_one_level_deeper_than_the_one_before(levels, shown):
    items = tuple(ListItem(spans=(Span(text="字"),), level=level) for level in levels)
    [block] = read(list_html(ItemList(items=items)))
    assert [item.level for item in block.items] == shown


GRID = {"data": [["甲", " 乙 "], ["丙", None]], "table_caption": " 标准 "}


@pytest.mark.parametrize(
    ("choice", "headers"),
    [
        ("row", [[True, True], [False, False]]),
        ("column", [[True, False], [True, False]]),
        ("both", [[True, True], [True, False]]),
        ("neither", [[False, False], [False, False]]),
    ],
)
def test_headers_of_a_table_are_those_that_its_editor_chose_and_are_chosen_again(choice, headers):
    table = table_of({**GRID, "table_header_choice": choice})
    assert [[cell.header for cell in row] for row in table.rows] == headers
    stored = stored_table(table)
    assert stored["table_header_choice"] == choice
    shown = (stored["first_row_is_table_header"], stored["first_col_is_header"])
    assert shown == (choice in ("row", "both"), choice in ("column", "both"))


def test_words_of_a_table_have_no_outer_blanks_and_a_table_without_words_is_none():
    table = table_of(GRID)
    assert table.caption == "标准"
    assert [[cell.text for cell in row] for row in table.rows] == [["甲", "乙"], ["丙", ""]]
    assert table_of({"data": [["", None]], "table_caption": "标准"}) is None


@pytest.mark.parametrize(
    ("merged", "rows"),
    [
        ({"rowspan": 1, "colspan": 2}, [["甲"], ["丙", "丁"]]),
        ({"rowspan": 2, "colspan": 1}, [["甲", "乙"], ["丁"]]),
        ({"rowspan": 2, "colspan": 2}, [["甲"], []]),
    ],
)
def test_what_a_merged_cell_covers_is_left_out(merged, rows):
    table = table_of({"data": [["甲", "乙"], ["丙", "丁"]], "mergeCells": [{"row": 0, "col": 0, **merged}]})
    assert [[cell.text for cell in row] for row in table.rows] == rows


def test_a_cell_beside_a_merged_one_is_stored_in_its_own_column():
    rows = ((Cell(text="甲", rowspan=2), Cell(text="乙")), (Cell(text="丙", align="right"),))
    stored = stored_table(Table(rows=rows))
    assert stored["data"] == [["甲", "乙"], ["", "丙"]]
    assert stored["cell"] == [{"row": 1, "col": 1, "className": "htRight"}]
