"""Reads .docx: paragraphs with their automatic numbers, tables, pictures, notes, in reading order."""

import logging
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

import docx
from django.utils.translation import gettext as _
from docx.opc.constants import RELATIONSHIP_TYPE as RELATION
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from lxml import etree

from cms.document.model import Block, Image, Span, Spans
from cms.ingest.draft import Line, Manuscript
from cms.ingest.pictures import Pictures, Unsupported
from cms.ingest.sentences import charts_left_out, cropped, drawings_left_out, pictures_left_out, struck_out
from cms.ingest.spans import tidy
from cms.ingest.word.numbering import Label, Numbering
from cms.ingest.word.package import DAMAGES, Package, damaged
from cms.ingest.word.runs import BoxMark, ChartMark, NoteMark, PictureMark, Runs, is_mark_deleted
from cms.ingest.word.styles import Styles
from cms.ingest.word.tables import cells_of, rows_of, table_of

logger = logging.getLogger(__name__)

NOTE_KINDS = {"footnotes": RELATION.FOOTNOTES, "endnotes": RELATION.ENDNOTES}
# python-docx takes parts, relationships and numbers for granted; a file without them raises any of these.
MISSED = (PackageNotFoundError, LookupError, ValueError, TypeError, AttributeError, etree.XMLSyntaxError)
# Wrappers around paragraphs and tables: content controls, insertions, what is moved here, smart tags.
WRAPPERS = {qn(f"w:{name}") for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag")}
SENTENCES = {
    "drawing": drawings_left_out,
    "linked": pictures_left_out,
    "chart": charts_left_out,
    "cropped": cropped,
}


def read_word(file: BinaryIO, pictures: Pictures) -> Manuscript:
    """Return what stands in the Word file. Raises Refused."""
    package = Package(file)
    try:
        document = docx.Document(package.skeleton)
        return WordReader(document.part, package, pictures).read()
    except (*DAMAGES, *MISSED) as error:
        logger.debug("A Word file could not be read.", exc_info=error)
        raise damaged() from error
    finally:
        package.close()


class WordReader:
    """Reads one document from its first paragraph to its last."""

    def __init__(self, part, package: Package, pictures: Pictures):
        self._part, self._package, self._pictures = part, package, pictures
        self._styles = Styles(_root(part, RELATION.STYLES))
        self._numbering = Numbering(_root(part, RELATION.NUMBERING), self._styles)
        links = {key: rel.target_ref for key, rel in part.rels.items() if rel.reltype == RELATION.HYPERLINK}
        self._runs = Runs(self._styles, links)
        self._notes: list[NoteMark] = []
        self._seen: Counter[str] = Counter()

    def read(self) -> Manuscript:
        items = list(self._blocks(self._part.element.body))
        items.extend(self._notes_at_the_end())
        return Manuscript(items, self._warnings())

    def _blocks(self, holder) -> Iterator[Line | Block]:
        begun: list[Span] = []
        for element in holder:
            if element.tag == qn("w:p"):
                paragraph = list(self._paragraph(element, begun))
                if is_mark_deleted(element):
                    begun = [span for item in paragraph if isinstance(item, Line) for span in item.spans]
                    yield from (item for item in paragraph if not isinstance(item, Line))
                else:
                    begun = []
                    yield from paragraph
            elif element.tag == qn("w:tbl"):
                yield from _left(begun)
                begun = []
                yield from self._table(element)
            elif element.tag in WRAPPERS and not _is_contents(element):
                yield from self._blocks(element)
        yield from _left(begun)

    def _paragraph(self, paragraph, begun: list[Span]) -> Iterator[Line | Block]:
        """Yield the paragraph and the pictures in it; a picture between two texts parts them."""
        if self._styles.is_contents(paragraph):
            return
        # Word counts an empty paragraph too, and one whose end was deleted not at all.
        label = None if is_mark_deleted(paragraph) else self._numbering.label(paragraph)
        parts: list[Line | Block | list[Span]] = []
        spans = list(begun)
        for piece in self._runs.read(paragraph):
            if isinstance(piece, Span):
                spans.append(piece)
            elif isinstance(piece, NoteMark):
                self._notes.append(piece)
                spans.append(Span(text=f"[{len(self._notes)}]", marks=("sup",)))
            elif inside := list(self._inside(piece)):
                parts += [spans, *inside]
                spans = []
        for part in [*parts, spans]:
            if not isinstance(part, list):
                yield part
            elif found := tidy(part):
                yield self._line(paragraph, found, label)
                label = None

    def _line(self, paragraph, spans: Spans, label: Label | None) -> Line:
        return Line(
            spans=spans,
            align=self._styles.alignment(paragraph),
            heading=self._styles.heading(paragraph),
            number=label.text if label else "",
            bullet=bool(label and label.bullet),
            level=label.level if label else 0,
        )

    def _inside(self, piece: PictureMark | ChartMark | BoxMark) -> Iterator[Line | Block]:
        if isinstance(piece, BoxMark):
            yield from self._blocks(piece.content)
        elif isinstance(piece, ChartMark):
            self._seen["chart"] += 1
        elif image := self._picture(piece):
            yield image

    def _picture(self, mark: PictureMark) -> Image | None:
        relation = self._part.rels.get(mark.relation)
        if mark.linked or relation is None or relation.is_external:
            self._seen["linked"] += 1
            return None
        self._seen["cropped"] += mark.cropped
        try:
            with self._package.open(str(relation.target_part.partname).lstrip("/")) as stream:
                return Image(asset=self._pictures.take(stream), alt="", credit="")
        except Unsupported:
            self._seen["drawing"] += 1
            return None

    def _table(self, element) -> Iterator[Line | Block]:
        rows = rows_of(element)
        if len(rows) == 1 and len(cells := cells_of(rows[0])) == 1:
            yield from self._blocks(cells[0])  # a frame around text, no table
            return
        outside: list[Block] = []
        table = table_of(element, lambda cell: self._cell(cell, outside))
        if any(cell.text for row in table.rows for cell in row):
            yield table
        yield from outside

    def _cell(self, cell, outside: list[Block]) -> list[Line]:
        """Return the lines of a cell; pictures in it go ``outside``, below the table."""
        lines = []
        for item in self._blocks(cell):
            if isinstance(item, Line):
                lines.append(item)
            else:
                outside.append(item)
        return lines

    def _notes_at_the_end(self) -> Iterator[Line]:
        roots = {kind: _root(self._part, relation) for kind, relation in NOTE_KINDS.items()}
        for number, mark in enumerate(self._notes, start=1):
            note = _note(roots[mark.kind], mark.note)
            lines = (
                [item for item in self._blocks(note) if isinstance(item, Line)] if note is not None else []
            )
            spans = [span for line in lines for span in line.spans]
            if spans:
                yield Line(tidy([Span(text=f"[{number}] "), *spans]))

    def _warnings(self) -> list[str]:
        sentences = [sentence(self._seen[what]) for what, sentence in SENTENCES.items() if self._seen[what]]
        if self._runs.struck:
            sentences.append(struck_out())
        if self._notes:
            sentences.append(_("Footnotes stand at the end of the text."))
        return sentences


def _left(begun: list[Span]) -> Iterator[Line]:
    """Yield the text of paragraphs whose end was deleted, where no paragraph follows that continues them."""
    if found := tidy(begun):
        yield Line(found)


def _root(part, relation: str):
    """Return the parsed root of the part related to ``part`` in that way, or None."""
    for rel in part.rels.values():
        if rel.reltype == relation and not rel.is_external:
            target = rel.target_part
            return target.element if hasattr(target, "element") else parse_xml(target.blob)
    return None


def _note(root, note_id: str):
    found = root if root is not None else ()
    return next((note for note in found if note.get(qn("w:id")) == note_id), None)


def _is_contents(control) -> bool:
    """Whether a content control is a table of contents."""
    gallery = control.find(f"{qn('w:sdtPr')}/{qn('w:docPartObj')}/{qn('w:docPartGallery')}")
    return gallery is not None and gallery.get(qn("w:val")) == "Table of Contents"
