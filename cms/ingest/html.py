"""Reads HTML from anybody: cleaned first, nothing is fetched, only pictures inside the file are taken."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO

import lxml.html
import nh3
import pydantic
from django.utils.translation import gettext as _

from cms.document.model import Block, Cell, Image, ItemList, ListItem, Quote, Span
from cms.ingest.draft import Align, Line, Manuscript
from cms.ingest.markup import Markup
from cms.ingest.pictures import Pictures, Unsupported
from cms.ingest.sentences import pictures_left_out, struck_out
from cms.ingest.spans import plain, text_of, tidy
from cms.ingest.tables import table
from cms.refusals import Refused

HEADINGS = {f"h{level}": level for level in range(1, 7)}
MARKS = {"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "sub": "sub", "sup": "sup"}
BLOCKS = {*HEADINGS, "p", "div", "ul", "ol", "li", "table", "blockquote", "pre", "hr", "section", "article"}
BLOCKS |= {"main", "header", "footer", "figure", "figcaption", "center", "dl", "dt", "dd", "aside", "address"}
TABLES = {"thead", "tbody", "tfoot", "tr", "td", "th", "caption", "colgroup", "col"}
STRUCK = {"s", "strike", "del"}
ALLOWED = {*BLOCKS, *TABLES, *MARKS, *STRUCK, "a", "br", "img", "span", "font", "u"}
# Their content is no text of the article.
DROPPED = {
    "script",
    "style",
    "title",
    "noscript",
    "template",
    "iframe",
    "object",
    "svg",
    "math",
    "select",
    "textarea",
    "nav",
}
ATTRIBUTES = {
    "*": {"align", "style", "hidden"},
    "a": {"href"},
    "img": {"src"},
    "td": {"colspan", "rowspan", "align", "style"},
    "th": {"colspan", "rowspan", "align", "style"},
}
ALIGN = re.compile(r"text-align\s*:\s*(center|right)")
HIDDEN = re.compile(r"display\s*:\s*none")
WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f“”‘’—…"
BREAK_IN_CHINESE = re.compile(rf"(?<=[{WIDE}])[ \t]*\n\s*(?=[{WIDE}])")
BLANKS = re.compile(r"[ \t\r\n\f]+")
MAX_SPAN = 100


def read_html(file: BinaryIO, pictures: Pictures) -> Manuscript:
    """Return what a reader of the page would read. Raises Refused."""
    return read_markup(Markup.of(file), pictures)


def read_markup(markup: Markup, pictures: Pictures) -> Manuscript:
    whole = _tree(markup.text)
    stated = " ".join((whole.findtext(".//title") or "").split())
    reader = HtmlReader(pictures, markup)
    try:
        items = list(reader.blocks(_tree(f"<body>{cleaned(whole)}</body>").find("body"), "left"))
    except RecursionError as error:
        raise _too_deep() from error
    return Manuscript(items, reader.warnings(), stated)


def cleaned(whole) -> str:
    """Return the page's markup with what a text is made of, and nothing that a browser would carry out.

    The Document refuses the same once more: neither relies on the other.
    """
    return nh3.clean(
        lxml.html.tostring(whole, encoding="unicode"),
        tags=ALLOWED,
        clean_content_tags=DROPPED,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel", "data"},
        filter_style_properties={"text-align", "display"},
        link_rel=None,
    )


def _tree(markup: str):
    """Parse with a bound on the depth, which nh3 lacks: its time grows with the square of it."""
    parser = lxml.html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True, remove_comments=True)
    root = lxml.html.document_fromstring(f"<html>{markup}".encode(), parser=parser)
    if any(error.level_name == "FATAL" for error in parser.error_log):
        raise _too_deep()  # what stood further inside is not in the tree
    return root


def _too_deep() -> Refused:
    return Refused(_("The page is nested deeper than a text can be, and was not read."))


class HtmlReader:
    """Walks cleaned HTML; text between blocks becomes Lines."""

    def __init__(self, pictures: Pictures, markup: Markup):
        self._pictures, self._markup = pictures, markup
        self._left_out = 0
        self._struck = False

    def warnings(self) -> list[str]:
        return [
            *([pictures_left_out(self._left_out)] if self._left_out else []),
            *([struck_out()] if self._struck else []),
        ]

    def blocks(self, holder, align: Align) -> Iterator[Line | Block]:
        """Yield what ``holder`` holds: its own words as Lines, the blocks in it as what they are."""
        align = _align(holder) or align
        heading = HEADINGS.get(holder.tag)
        spans: list[Span] = []
        for piece in self._pieces(holder, (), None):
            if isinstance(piece, Span):
                spans.append(piece)
                continue
            yield from _line(spans, align, heading)
            spans = []
            yield from self._block(piece, align)
        yield from _line(spans, align, heading)

    def _pieces(self, holder, marks: tuple, href: str | None) -> Iterator:
        """Yield Spans and, in between, the elements that are blocks or pictures."""
        if holder.text:
            yield from _spans(holder.text, marks, href)
        for element in holder:
            if _is_hidden(element):
                pass
            elif element.tag in BLOCKS or element.tag == "img":
                yield element
            elif element.tag == "br":
                yield Span(text="\v")
            else:
                mark = MARKS.get(element.tag)
                inner = marks if mark in (None, *marks) else (*marks, mark)
                self._struck = self._struck or element.tag in STRUCK
                yield from self._pieces(element, inner, element.get("href") or href)
            if element.tail:
                yield from _spans(element.tail, marks, href)

    def _block(self, element, align: Align) -> Iterator[Line | Block]:
        if element.tag == "img":
            if image := self._picture(element.get("src", "")):
                yield image
        elif element.tag in ("ul", "ol"):
            outside: list[Block] = []
            if items := tuple(self._items(element, outside)):
                yield ItemList(ordered=element.tag == "ol", items=items)
            yield from outside
        elif element.tag == "table":
            yield from self._table(element)
        elif element.tag == "blockquote":
            yield from self._quote(element)
        else:
            yield from self.blocks(element, align)

    def _quote(self, element) -> Iterator[Block]:
        lines, outside = _parted(self.blocks(element, "left"))
        if text := "\n".join(line.text for line in lines):
            yield Quote(text=text)
        yield from outside

    def _items(self, holder, outside: list[Block]) -> Iterator[ListItem]:
        for item in holder.iterchildren("li"):
            words: list[Span] = []
            below: list[ListItem] = []
            for block in self.blocks(item, "left"):
                if isinstance(block, Line):
                    words += [Span(text="\n"), *block.spans] if words else block.spans
                elif isinstance(block, ItemList):
                    below += (
                        inner.model_copy(update={"level": min(inner.level + 1, 3)}) for inner in block.items
                    )
                else:
                    outside.append(block)
            if spans := tidy(words):
                yield ListItem(spans=spans)
            yield from below

    def _table(self, element) -> Iterator[Line | Block]:
        found = [row for row in element.iter("tr") if next(row.iterancestors("table")) is element]
        outside: list[Block] = []
        rows = [list(self._cells(row, outside)) for row in found]
        if any(cell.text for row in rows for cell in row):
            yield table(rows, caption=text_of(plain(element.findtext("caption") or "")))
        yield from outside

    def _cells(self, row, outside: list[Block]) -> Iterator[Cell]:
        for cell in row:
            if cell.tag not in ("td", "th"):
                continue
            lines, others = _parted(self.blocks(cell, _align(cell) or "left"))
            outside.extend(others)
            yield Cell(
                text="\n".join(line.text for line in lines),
                header=cell.tag == "th",
                colspan=_span_of(cell, "colspan"),
                rowspan=_span_of(cell, "rowspan"),
                align=lines[0].align if lines else "left",
            )

    def _picture(self, source: str) -> Image | None:
        """Take a picture whose bytes are in the file; others are counted and never fetched."""
        if (content := self._markup.picture(source)) is not None:
            try:
                return Image(asset=self._pictures.take(BytesIO(content)), alt="", credit="")
            except Unsupported:
                pass
        self._left_out += 1
        return None


def _spans(text: str, marks: tuple, href: str | None) -> Iterator[Span]:
    # A line break inside Chinese is no blank.
    collapsed = BLANKS.sub(" ", BREAK_IN_CHINESE.sub("", text))
    try:
        yield Span(text=collapsed, marks=marks, href=href)
    except pydantic.ValidationError:  # a link that the Document does not take: inside the page, or a script
        yield Span(text=collapsed, marks=marks)


def _line(spans: list[Span], align: Align, heading: int | None) -> Iterator[Line]:
    broken = [span.model_copy(update={"text": span.text.replace("\v", "\n")}) for span in spans]
    if found := tidy(broken):
        yield Line(found, align=align, heading=heading)


def _parted(items: Iterator[Line | Block]) -> tuple[list[Line], list[Block]]:
    found = list(items)
    lines = [item for item in found if isinstance(item, Line)]
    return lines, [item for item in found if not isinstance(item, Line)]


def _is_hidden(element) -> bool:
    return element.get("hidden") is not None or bool(HIDDEN.search(element.get("style", "")))


def _align(element) -> Align | None:
    stated = element.get("align", "").lower()
    if match := ALIGN.search(element.get("style", "")):
        stated = match[1]
    if element.tag == "center":
        stated = "center"
    return stated if stated in ("left", "center", "right") else None


def _span_of(cell, name: str) -> int:
    stated = cell.get(name, "1").strip()
    return max(1, min(MAX_SPAN, int(stated))) if stated.isascii() and stated.isdigit() else 1
