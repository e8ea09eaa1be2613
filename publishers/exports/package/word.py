"""The article as a Word file: headings, lists, tables and pictures as Word's own."""

import io
from collections.abc import Mapping, Sequence

import docx
from docx.oxml.ns import qn
from docx.shared import Cm
from docx.text.paragraph import Paragraph

from cms.document import tables
from publishers.exports.package.reading import Block, Picture, Run, Table, Text, clean
from publishers.interface import Json
from publishers.manual.handing import PictureFile

FONT = "宋体"
WIDEST = Cm(14.5)
#: A Word file is for the text; the pictures in full size lie beside it.
PICTURE_BYTES, PICTURE_WIDTH = 300_000, 1080
DEEPEST = 3  # levels that Word's own list styles have


def article(
    payload: Mapping[str, Json], blocks: Sequence[Block], pictures: Mapping[str, PictureFile]
) -> bytes:
    """Return the .docx; ``pictures`` are those of the body by their address. Raises Rejected, Forged."""
    writer = _Writer(pictures)
    writer.head(payload)
    for block in blocks:
        writer.write(block)
    writer.word.add_paragraph(f"阅读原文：{payload['source_url']}")
    written = io.BytesIO()
    writer.word.save(written)
    return written.getvalue()


class _Writer:
    def __init__(self, pictures: Mapping[str, PictureFile]):
        self.word, self._pictures = docx.Document(), pictures
        self._numbering: dict[int, int] = {}
        for name in ("Normal", "Title", "Subtitle", "Heading 1", "Heading 2", "Heading 3"):
            fonts = self.word.styles[name].element.get_or_add_rPr().get_or_add_rFonts()
            fonts.set(qn("w:eastAsia"), FONT)

    def head(self, payload: Mapping[str, Json]) -> None:
        self.word.core_properties.title = clean(payload["title"])[:255]
        self.word.core_properties.author = clean(payload["author"])[:255]
        self.word.add_paragraph(clean(payload["title"]), "Title")
        if payload["digest"]:
            self.word.add_paragraph(clean(payload["digest"]), "Subtitle")
        if payload["author"]:
            self.word.add_paragraph(f"作者：{clean(payload['author'])}")

    def write(self, block: Block) -> None:
        if isinstance(block, Table):
            self._table(block)
        elif isinstance(block, Picture):
            self._picture(block)
        elif block.kind == "item":
            self._item(block)
        else:
            styles = {"heading": f"Heading {min(max(block.level - 1, 1), 3)}", "quote": "Quote"}
            _say(self.word.add_paragraph(style=styles.get(block.kind, "Normal")), block.runs)

    def _item(self, block: Text) -> None:
        level = min(block.level + 1, DEEPEST)
        style = "List Bullet" if block.number is None else "List Number"
        paragraph = self.word.add_paragraph(style=style if level == 1 else f"{style} {level}")
        if block.number is not None:
            properties = paragraph._p.get_or_add_pPr()
            number = properties.get_or_add_numPr()  # type: ignore[attr-defined]  # python-docx makes it on loading
            number.get_or_add_numId().val = self._numbering_of(block.of, paragraph)
            number.get_or_add_ilvl().val = 0
        _say(paragraph, block.runs)

    def _numbering_of(self, of: int, paragraph: Paragraph) -> int:
        """Return Word's number for the list ``of``: each begins at 1, although they share a style."""
        if of not in self._numbering:
            definitions = self.word.part.numbering_part.numbering_definitions._numbering
            assert paragraph.style is not None  # _item gave it one
            by_style = paragraph.style.element.pPr.numPr.numId.val
            num = definitions.add_num(definitions.num_having_numId(by_style).abstractNumId.val)
            num.add_lvlOverride(ilvl=0).add_startOverride(1)
            self._numbering[of] = num.numId
        return self._numbering[of]

    def _picture(self, block: Picture) -> None:
        each = self._pictures.get(block.address)
        if each is None:
            return
        content = each.picture.jpeg(max_bytes=PICTURE_BYTES, max_width=PICTURE_WIDTH)
        shape = self.word.add_picture(io.BytesIO(content))
        shape._inline.docPr.set("descr", block.alt)
        if shape.width > WIDEST:
            shape.height, shape.width = shape.height * WIDEST // shape.width, WIDEST

    def _table(self, block: Table) -> None:
        places = tables.laid_out(block.rows)
        columns = max(column + cell.colspan for (_row, column), cell in places.items())
        table = self.word.add_table(len(block.rows), columns, "Table Grid")
        cells = table._cells  # reckoned anew at each call of table.cell
        for (row, column), cell in places.items():
            target = cells[row * columns + column]
            if cell.colspan > 1 or cell.rowspan > 1:
                last = min(row + cell.rowspan, len(block.rows)) - 1, min(column + cell.colspan, columns) - 1
                target = target.merge(cells[last[0] * columns + last[1]])
            marks = frozenset({"bold"}) if cell.header else frozenset()
            _say(target.paragraphs[0], [Run(cell.text, marks)])


def _say(paragraph: Paragraph, runs: Sequence[Run]) -> None:
    for run in runs:
        said = paragraph.add_run(run.text)
        said.bold, said.italic = "bold" in run.marks or None, "italic" in run.marks or None
        said.font.subscript, said.font.superscript = "sub" in run.marks or None, "sup" in run.marks or None
