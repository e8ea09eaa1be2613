"""The runs of one paragraph: marked text, links, notes and pictures, in the order in which they are read."""

import re
from dataclasses import dataclass

import pydantic
from docx.oxml.ns import nsmap, qn

from cms.document.model import Span
from cms.ingest.spans import Mark
from cms.ingest.word.styles import Styles, path, value

nsmap.setdefault("v", "urn:schemas-microsoft-com:vml")
nsmap.setdefault("mc", "http://schemas.openxmlformats.org/markup-compatibility/2006")

# What a reader of the final text does not see. A second version for old programs stands in a Fallback.
UNSEEN = {qn(f"w:{name}") for name in ("pPr", "rPr", "del", "moveFrom", "delText", "instrText", "sdtPr")}
UNSEEN |= {qn("mc:Fallback"), qn("w:rt")}  # w:rt is how a word is read aloud, beside the word itself
TEXTS = {qn("w:tab"): " ", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-", qn("w:ptab"): " "}
SWITCHES: tuple[tuple[Mark, str], ...] = (("bold", "w:b"), ("italic", "w:i"))
VERTICAL: dict[str, Mark] = {"subscript": "sub", "superscript": "sup"}
NOTES = {qn("w:footnoteReference"): "footnotes", qn("w:endnoteReference"): "endnotes"}
# Boxes to tick come from a symbol font; other signs of such fonts have no character.
SYMBOLS = {"A8": "□", "6F": "□", "71": "□", "FE": "☑", "52": "☑", "FD": "☒", "54": "☒", "FC": "✓", "6C": "●"}
CHART = re.compile(r"/(?:chart|chartex|diagram)$")
LINK_FIELD = re.compile(r'\s*HYPERLINK\s+"([^"]+)"')


@dataclass(frozen=True)
class PictureMark:
    """Where a picture stands; ``linked``: its bytes are not in the file; ``cropped``: Word hides a part."""

    relation: str
    linked: bool = False
    cropped: bool = False


@dataclass(frozen=True)
class NoteMark:
    kind: str  # footnotes or endnotes
    note: str


@dataclass(frozen=True)
class ChartMark:
    """A chart or diagram, which only Word can draw."""


@dataclass(frozen=True)
class BoxMark:
    """A text box with paragraphs of its own."""

    content: object


Piece = Span | PictureMark | NoteMark | ChartMark | BoxMark


class Runs:
    """Reads the runs of the paragraphs of one document part."""

    def __init__(self, styles: Styles, targets: dict[str, str]):
        self._styles = styles
        self._targets = targets  # addresses of links by relationship id
        self.struck = False  # whether any words were struck out

    def read(self, paragraph) -> list[Piece]:
        self._pieces: list[Piece] = []
        self._fields: list[list[str]] = []  # open fields: [instruction, address]
        self._walk(paragraph, None)
        return self._pieces

    def _walk(self, holder, href: str | None) -> None:
        for element in holder:
            if element.tag in UNSEEN:
                continue
            if element.tag == qn("w:r"):
                self._run(element, href)
            elif element.tag == qn("m:t") and element.text:
                self._pieces.append(_span(element.text, (), href))  # a formula, in one line
            elif element.tag == qn("w:hyperlink"):
                self._walk(element, self._targets.get(element.get(qn("r:id"))) or href)
            elif element.tag == qn("w:fldSimple"):
                self._walk(element, _address(element.get(qn("w:instr"), "")) or href)
            else:
                self._walk(element, href)

    def _run(self, run, href: str | None) -> None:
        if self._styles.is_on(run, "w:vanish"):
            return
        marks = self._marks(run)
        for element in run:
            if element.tag in (qn("w:fldChar"), qn("w:instrText")):
                self._field(element)
            elif element.tag == qn("w:ruby"):
                self._walk(element, href)
            elif element.tag in NOTES:
                self._pieces.append(NoteMark(NOTES[element.tag], element.get(qn("w:id"))))
            elif text := self._text(element):
                self.struck = self.struck or self._is_struck(run)
                self._pieces.append(_span(text, marks, self._field_address() or href))
            else:
                self._drawn(element)

    def _text(self, element) -> str:
        if element.tag == qn("w:t"):
            return element.text or ""
        if element.tag == qn("w:br"):
            return "\n" if element.get(qn("w:type"), "textWrapping") == "textWrapping" else ""
        if element.tag == qn("w:sym"):
            return SYMBOLS.get(element.get(qn("w:char"), "")[-2:].upper(), "")
        return TEXTS.get(element.tag, "")

    def _marks(self, run) -> tuple[Mark, ...]:
        marks = [mark for mark, tag in SWITCHES if self._styles.is_on(run, tag)]
        vertical = VERTICAL.get(value(run, "w:rPr/w:vertAlign") or "")
        return (*marks, vertical) if vertical else tuple(marks)

    def _is_struck(self, run) -> bool:
        return self._styles.is_on(run, "w:strike") or self._styles.is_on(run, "w:dstrike")

    def _drawn(self, element) -> None:
        """Note pictures, charts and text boxes inside a drawing, wherever in it they are."""
        if element.tag in UNSEEN:
            return
        if element.tag == qn("w:txbxContent"):
            self._pieces.append(BoxMark(element))
            return
        if element.tag == qn("a:blip"):
            embedded, linked = element.get(qn("r:embed")), element.get(qn("r:link"))
            if embedded or linked:
                mark = PictureMark(embedded or linked, linked=not embedded, cropped=_is_cropped(element))
                self._pieces.append(mark)
        elif element.tag == qn("a:graphicData") and CHART.search(element.get("uri", "")):
            self._pieces.append(ChartMark())
        elif element.tag == qn("v:imagedata") and element.get(qn("r:id")):
            self._pieces.append(PictureMark(element.get(qn("r:id"))))
        for inner in element:
            self._drawn(inner)

    def _field(self, element) -> None:
        if element.tag == qn("w:instrText"):
            if self._fields:
                self._fields[-1][0] += element.text or ""
            return
        kind = element.get(qn("w:fldCharType"))
        if kind == "begin":
            self._fields.append(["", ""])
        elif kind == "separate" and self._fields:
            self._fields[-1][1] = _address(self._fields[-1][0])
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _field_address(self) -> str:
        return next((address for _, address in reversed(self._fields) if address), "")


def is_mark_deleted(paragraph) -> bool:
    """Whether the end of the paragraph was deleted or moved away, so that the next one continues it."""
    return any(paragraph.find(path(f"w:pPr/w:rPr/{tag}")) is not None for tag in ("w:del", "w:moveFrom"))


def _is_cropped(blip) -> bool:
    crop = blip.getparent().find(qn("a:srcRect"))
    return crop is not None and any(crop.get(side, "0") != "0" for side in "ltrb")


def _address(instruction: str) -> str:
    match = LINK_FIELD.match(instruction)
    return match[1] if match else ""


def _span(text: str, marks: tuple[Mark, ...], href: str | None) -> Span:
    """Return the span, without a link that the Document does not take (a bookmark, javascript:)."""
    try:
        return Span(text=text, marks=marks, href=href or None)
    except pydantic.ValidationError:
        return Span(text=text, marks=marks)
