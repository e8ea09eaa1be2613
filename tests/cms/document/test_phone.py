"""Which tables a phone can show."""

import pytest

from cms.document.model import Cell, Table
from cms.document.phone import is_wider_than_a_phone, table_em


def table(*texts, rows=1, **cell):
    return Table(rows=(tuple(Cell(text=text, **cell) for text in texts),) * rows)


@pytest.mark.parametrize(
    ("given", "em"),
    [
        (table("一二三", "四"), 6),
        (table("很长很长很长的一格"), 6),
        (table("ab\n一二三四"), 5),
        (table("1234"), 3.2),
        (Table(rows=((Cell(text="合并的标题很长", colspan=2),), (Cell(text="一"), Cell(text="二")))), 4),
        (Table(rows=((Cell(text="一二"),), (Cell(text="一"),))), 3),
        (
            Table(
                rows=(
                    (Cell(text="合并", colspan=2), Cell(text="一二三")),
                    (Cell(text="一"), Cell(text="二二二"), Cell(text="三")),
                )
            ),
            10,
        ),
        (Table(rows=()), 0),
    ],
)
def test_a_column_wants_its_longest_line_up_to_five_letters(given, em):
    assert table_em(given) == pytest.approx(em)


def test_four_columns_of_sentences_fit_and_five_do_not():
    assert not is_wider_than_a_phone(table(*["一句话就超过五个字"] * 4))
    assert is_wider_than_a_phone(table(*["一句话就超过五个字"] * 5))
