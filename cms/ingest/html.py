"""Reads HTML from anybody: cleaned first, nothing is fetched, only pictures inside the file are taken."""

import base64
import binascii
import re
from collections.abc import Iterator
from html import unescape
from io import BytesIO
from typing import BinaryIO
from urllib.parse import unquote_to_bytes

import lxml.html
import nh3
import pydantic
from django.utils.translation import gettext as _

from cms.document.model import Block, Cell, Image, ItemList, ListItem, Quote, Span, Table
from cms.ingest.draft import Align, Line, Manuscript
from cms.ingest.encoding import decode
from cms.ingest.pictures import Pictures, Unsupported
from cms.ingest.refusal import Refused
from cms.ingest.spans import plain, text_of, tidy
from cms.ingest.word.reader import left_out

HEADINGS = {f"h{level}": level for level in range(1, 7)}
MARKS = {"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "sub": "sub", "sup": "sup"}
BLOCKS = {*HEADINGS, "p", "div", "ul", "ol", "li", "table", "blockquote", "pre", "hr", "section", "article"}
BLOCKS |= {"main", "header", "footer", "figure", "figcaption", "center", "dl", "dt", "dd", "aside", "address"}
TABLES = {"thead", "tbody", "tfoot", "tr", "td", "th", "caption", "colgroup", "col"}
ALLOWED = {*BLOCKS, *TABLES, *MARKS, "a", "br", "img", "span", "font", "u"}
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
    "*": {"align", "style"},
    "a": {"href"},
    "img": {"src"},
    "td": {"colspan", "rowspan", "align", "style"},
    "th": {"colspan", "rowspan", "align", "style"},
}
TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
ALIGN = re.compile(r"text-align\s*:\s*(center|right)")
PICTURE = re.compile(r"data:image/[\w.+-]+((?:;[\w=.-]+)*),", re.IGNORECASE)
WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f“”‘’—…"
BREAK_IN_CHINESE = re.compile(rf"(?<=[{WIDE}])[ \t]*\n\s*(?=[{WIDE}])")
BLANKS = re.compile(r"[ \t\r\n\f]+")
MAX_SPAN, MAX_CELLS = 100, 20_000


def read(file: BinaryIO, pictures: Pictures) -> Manuscript:
    """Return what a reader of the page would read. Raises Refused."""
    return read_text(decode(file.read()), pictures)


def read_text(markup: str, pictures: Pictures) -> Manuscript:
    title = TITLE.search(markup)
    clean = nh3.clean(
        markup,
        tags=ALLOWED,
        clean_content_tags=DROPPED,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel", "data"},
        filter_style_properties={"text-align"},
        link_rel=None,
    )
    parser = lxml.html.HTMLParser(no_network=True, huge_tree=True)
    root = lxml.html.document_fromstring(f"<html><body>{clean}</body></html>", parser=parser)
    reader = HtmlReader(pictures)
    try:
        items = list(reader.blocks(root.find("body"), "left"))
    except RecursionError as error:
        raise Refused(_("The page is nested deeper than a text can be, and was not read.")) from error
    stated = " ".join(unescape(title[1]).split()) if title else ""
    return Manuscript(items, [left_out(reader.left_out)] if reader.left_out else [], stated)


class HtmlReader:
    """Walks cleaned HTML; text between blocks becomes Lines."""

    def __init__(self, pictures: Pictures):
        self._pictures = pictures
        self.left_out = 0

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
            if element.tag in BLOCKS or element.tag == "img":
                yield element
            elif element.tag == "br":
                yield Span(text="\v")
            else:
                inner = (
                    (*marks, MARKS[element.tag]) if MARKS.get(element.tag) not in (None, *marks) else marks
                )
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
        rows = tuple(tuple(self._cells(row, outside)) for row in found)
        if sum(map(len, rows)) > MAX_CELLS:
            raise Refused(_("A table on the page has more cells than a text can hold."))
        caption = text_of(plain(element.findtext("caption") or ""))
        if any(cell.text for row in rows for cell in row):
            yield Table(caption=caption, rows=rows)
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
        if (content := _content(source)) is not None:
            try:
                return Image(asset=self._pictures.take(BytesIO(content)), alt="", credit="")
            except Unsupported:
                pass
        self.left_out += 1
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


def _content(source: str) -> bytes | None:
    """Return the bytes of a data: picture, or None for any other address."""
    match = PICTURE.match(source)
    if match is None:
        return None
    content = unquote_to_bytes(source[match.end() :])
    if not match[1].lower().endswith(";base64"):
        return content
    try:
        return base64.b64decode(content, validate=False)
    except binascii.Error:
        return b""
