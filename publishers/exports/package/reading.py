"""An article's HTML as the few kinds of blocks that a Word file and a plain text know."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import lxml.etree
import lxml.html

#: What neither XML nor a text file may hold.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SPACE = re.compile(r"[ \t\r\n\f]+")
_BLOCKS = re.compile(
    r"address|article|aside|blockquote|dd|div|dl|dt|figcaption|figure|footer|h[1-6]|header|hr|li|main|nav|ol|p|"
    r"pre|section|table|ul"
)
_UNREAD = ("script", "style", "noscript", "template")
_MARKS = {"strong": "bold", "b": "bold", "em": "italic", "i": "italic", "sub": "sub", "sup": "sup"}


@dataclass(frozen=True)
class Run:
    """A run of text in one manner; ``\\n`` is a line break. ``marks``: bold, italic, sub, sup."""

    text: str
    marks: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Text:
    """A paragraph (``kind`` paragraph or quote), a heading of ``level``, or an item of a list.

    An item's ``level`` is its depth, from 0; ``of`` tells one list from another, ``number`` is an ordered
    one's.
    """

    kind: str
    runs: tuple[Run, ...]
    level: int = 0
    of: int = 0
    number: int | None = None

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True)
class Picture:
    address: str
    alt: str


@dataclass(frozen=True)
class Cell:
    text: str
    colspan: int = 1
    rowspan: int = 1
    header: bool = False


@dataclass(frozen=True)
class Table:
    rows: tuple[tuple[Cell, ...], ...]


Block = Text | Picture | Table


def clean(text: str) -> str:
    """Return ``text`` without the characters that no file takes."""
    return _CONTROLS.sub("", text)


def blocks(html: str) -> list[Block]:
    """Return what a reader reads, in order. Never raises for what the markup is."""
    parser = lxml.html.HTMLParser(encoding="utf-8")
    try:
        tree = lxml.html.document_fromstring(f"<div>{clean(html)}</div>".encode(), parser=parser)
    except lxml.etree.ParserError:
        return []
    lxml.etree.strip_elements(tree, *_UNREAD, lxml.etree.Comment, with_tail=False)
    reader = _Reader()
    reader.read(tree)
    reader.end()
    return reader.blocks


class _Reader:
    def __init__(self):
        self.blocks: list[Block] = []
        self._runs: list[Run] = []
        self._as = Text("paragraph", ())
        self._marks: frozenset[str] = frozenset()
        self._depth = self._lists = 0

    def read(self, element) -> None:
        name = element.tag if isinstance(element.tag, str) else ""
        if name == "table":
            self._table(element)
        elif name == "img":
            self.end()
            self.blocks.append(Picture(element.get("src", ""), clean(element.get("alt", ""))))
        elif name == "br":
            self._runs.append(Run("\n", self._marks))
        elif _BLOCKS.fullmatch(name):
            self.end()
            self._block(name, element)
            self.end()
        else:
            self._inline(name, element)

    def end(self) -> None:
        """End the paragraph that is being read."""
        runs = _trimmed(self._runs)
        self._runs = []
        if runs:
            self.blocks.append(replace(self._as, runs=tuple(runs)))
            if self._as.kind == "item":
                # What follows in the same item has no mark of its own.
                self._as = Text("paragraph", ())

    def _inline(self, name: str, element) -> None:
        before = self._marks
        self._marks |= {_MARKS[name]} if name in _MARKS else set()
        self._children(element)
        self._marks = before
        href = element.get("href", "") if name == "a" else ""
        if href and href not in element.text_content():
            self._say(f"（{href}）")

    def _block(self, name: str, element) -> None:
        before = self._as
        if name in ("ul", "ol"):
            self._list(name, element)
        else:
            if name[0] == "h" and name[1:].isdecimal():
                self._as = Text("heading", (), level=int(name[1:]))
            elif name == "blockquote":
                self._as = Text("quote", ())
            self._children(element)
        self.end()
        self._as = before

    def _list(self, name: str, element) -> None:
        self._lists += 1
        of, number = self._lists, 0
        for child in element:
            self.end()
            number += child.tag == "li"
            numbered = number if name == "ol" else None
            self._as = Text("item", (), level=self._depth, of=of, number=numbered)
            self._depth += 1
            self._children(child)
            self.end()
            self._depth -= 1

    def _children(self, element) -> None:
        self._say(element.text)
        for child in element:
            self.read(child)
            self._say(child.tail)

    def _say(self, text: str | None) -> None:
        if text:
            self._runs.append(Run(_SPACE.sub(" ", text), self._marks))

    def _table(self, table) -> None:
        self.end()
        rows = tuple(tuple(_cells(row)) for row in table.iter("tr"))
        if any(rows):
            self.blocks.append(Table(rows))
        for image in table.iter("img"):
            self.read(image)


def _cells(row) -> Iterator[Cell]:
    for cell in row:
        if cell.tag in ("td", "th"):
            yield Cell(_text(cell), _span(cell, "colspan"), _span(cell, "rowspan"), cell.tag == "th")


def _text(cell) -> str:
    inner = _Reader()
    inner._children(cell)
    inner.end()
    return "\n".join(block.text for block in inner.blocks if isinstance(block, Text))


def _span(cell, name: str) -> int:
    given = cell.get(name, "1").strip()
    return max(1, min(int(given), 100)) if given.isdecimal() else 1


def _trimmed(runs: list[Run]) -> list[Run]:
    """Return ``runs`` without space at the ends; none when nothing is left."""
    runs = [run for run in runs if run.text]
    while runs and not runs[0].text.strip():
        runs = runs[1:]
    while runs and not runs[-1].text.strip():
        runs = runs[:-1]
    if runs:
        runs[0] = replace(runs[0], text=runs[0].text.lstrip())
        runs[-1] = replace(runs[-1], text=runs[-1].text.rstrip())
    return runs
