"""How wide a table has to be for its words to be read, against the width of a phone. Pure."""

from cms.document.model import Table

#: A phone of 390 pixels, its margins taken off, in letters of 15 pixels.
PHONE_EM = 24
#: A column wants its longest line, but no more than this: longer lines wrap. Its padding comes on top.
COLUMN_EM, PADDING_EM = 5.0, 1.0


def table_em(table: Table) -> float:
    """Return the width in letters at which no column of ``table`` is squeezed."""
    wanted: dict[int, float] = {}
    for row in table.rows:
        column = 0
        for cell in row:
            # What is merged over several columns sets the width of none, nor shifts what it covers below it.
            if cell.colspan == 1:
                wanted[column] = max(wanted.get(column, 0.0), _longest(cell.text))
            column += cell.colspan
    return sum(min(em, COLUMN_EM) + PADDING_EM for em in wanted.values())


def is_wider_than_a_phone(table: Table) -> bool:
    return table_em(table) > PHONE_EM


def _longest(text: str) -> float:
    return max(sum(0.55 if letter.isascii() else 1 for letter in line) for line in text.split("\n"))
