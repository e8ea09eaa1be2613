"""From lines to blocks: neighbouring list lines become one list, headings get levels that fit."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Literal

from cms.document.model import Block, Heading, ItemList, ListItem, Paragraph
from cms.ingest.anatomy.clauses import numbered
from cms.ingest.draft import Line

SENTENCE_ENDS = "。！？；：，、.!?;:,"
MAX_HEADING_CHARS = 200
HEADING_LEVELS: tuple[Literal[2, 3, 4], ...] = (2, 3, 4)


def blocks_of(items: Sequence[Line | Block], block_of: Callable[[Line], Block]) -> Iterator[Block]:
    """Yield the blocks; ``block_of`` decides about each line that is in no bulleted list."""
    for bulleted, group in groupby(items, key=lambda item: isinstance(item, Line) and item.bullet):
        if bulleted:
            yield list_of([item for item in group if isinstance(item, Line)], ordered=False)
        else:
            yield from (block_of(item) if isinstance(item, Line) else item for item in group)


def list_of(lines: Sequence[Line], *, ordered: bool) -> ItemList:
    top = min(line.level for line in lines)
    items = (ListItem(spans=line.spans, level=min(line.level - top, 3)) for line in lines)
    return ItemList(ordered=ordered, items=tuple(items))


def paragraph_of(line: Line) -> Paragraph:
    return Paragraph(spans=numbered(line).spans, align=line.align)


def heading_of(line: Line, shift: int) -> Heading | Paragraph:
    """Return the line as a heading ``shift`` levels below its own."""
    words = " ".join(numbered(line).text.split())
    if len(words) > MAX_HEADING_CHARS:
        return paragraph_of(line)
    below_highest = (line.heading or 1) + shift - HEADING_LEVELS[0]
    level = HEADING_LEVELS[max(0, min(len(HEADING_LEVELS) - 1, below_highest))]
    return Heading(level=level, text=words)


def shift_of(items: Sequence[Line | Block]) -> int:
    """Return by how much headings must move so that the highest of them is level 2."""
    levels = [item.heading for item in items if isinstance(item, Line) and item.heading]
    return 2 - min(levels) if levels else 0
