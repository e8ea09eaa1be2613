"""The runs of one paragraph: marked text, links, notes and pictures, in the order in which they are read."""

import re
from dataclasses import dataclass

import pydantic
from docx.oxml.ns import nsmap, qn

from cms.document.model import Span
from cms.ingest.word.styles import Styles, path, value

nsmap.setdefault("v", "urn:schemas-microsoft-com:vml")
nsmap.setdefault("mc", "http://schemas.openxmlformats.org/markup-compatibility/2006")
NS = {**nsmap, "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"}

# What a reader of the final text does not see. A second version for old programs stands in a Fallback.
UNSEEN = {qn(f"w:{name}") for name in ("pPr", "rPr", "del", "moveFrom", "delText", "instrText", "sdtPr")}
UNSEEN.add(qn("mc:Fallback"))
TEXTS = {qn("w:tab"): " ", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-", qn("w:ptab"): " "}
NOTES = {qn("w:footnoteReference"): "footnotes", qn("w:endnoteReference"): "endnotes"}
# Boxes to tick come from a symbol font; other signs of such fonts have no character.
SYMBOLS = {"A8": "□", "6F": "□", "71": "□", "FE": "☑", "52": "☑", "FD": "☒", "54": "☒", "FC": "✓", "6C": "●"}
LINK_FIELD = re.compile(r'\s*HYPERLINK\s+"([^"]+)"')


@dataclass(frozen=True)
class PictureMark:
    """Where a picture stands; ``linked``: its bytes are not in the file."""

    relation: str
    linked: bool = False


@dataclass(frozen=True)
class NoteMark:
    kind: str  # footnotes or endnotes
    note: str


@dataclass(frozen=True)
class BoxMark:
    """A text box with paragraphs of its own."""

    content: object


Piece = Span | PictureMark | NoteMark | BoxMark


class Runs:
    """Reads the runs of the paragraphs of one document part."""

    def __init__(self, styles: Styles, targets: dict[str, str]):
        self._styles = styles
        self._targets = targets  # addresses of links by relationship id

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
            elif element.tag in NOTES:
                self._pieces.append(NoteMark(NOTES[element.tag], element.get(qn("w:id"))))
            elif text := self._text(element):
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

    def _marks(self, run) -> tuple[str, ...]:
        marks = [mark for mark, tag in (("bold", "w:b"), ("italic", "w:i")) if self._styles.is_on(run, tag)]
        vertical = {"subscript": "sub", "superscript": "sup"}.get(value(run, "w:rPr/w:vertAlign"))
        return (*marks, vertical) if vertical else tuple(marks)

    def _drawn(self, element) -> None:
        """Note pictures and text boxes inside a drawing, wherever in it they are."""
        if element.tag in UNSEEN:
            return
        if element.tag == qn("w:txbxContent"):
            self._pieces.append(BoxMark(element))
            return
        if element.tag == qn("a:blip"):
            embedded, linked = element.get(qn("r:embed")), element.get(qn("r:link"))
            if embedded or linked:
                self._pieces.append(PictureMark(embedded or linked, linked=not embedded))
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
    """Whether the end of the paragraph was deleted, so that the next one continues it."""
    return paragraph.find(path("w:pPr/w:rPr/w:del")) is not None


def _address(instruction: str) -> str:
    match = LINK_FIELD.match(instruction)
    return match[1] if match else ""


def _span(text: str, marks: tuple[str, ...], href: str | None) -> Span:
    """Return the span, without a link that the Document does not take (a bookmark, javascript:)."""
    try:
        return Span(text=text, marks=marks, href=href or None)
    except pydantic.ValidationError:
        return Span(text=text, marks=marks)
