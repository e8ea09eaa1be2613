"""Writes Word files as an office writes them: numbers counted by Word, title centred, signature right."""

from collections.abc import Sequence
from pathlib import Path

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt
from docx.table import Table
from docx.text.paragraph import Paragraph

#: The levels of an official document: format and text of each level's number.
OFFICIAL_LEVELS = (
    ("chineseCountingThousand", "%1、"),
    ("chineseCountingThousand", "（%2）"),
    ("decimal", "%3．"),
    ("decimal", "（%4）"),
)


class WordFile:
    """A .docx in the making; ``document`` is python-docx's."""

    def __init__(self) -> None:
        self.document = docx.Document()
        style = self.document.styles["Normal"]
        style.font.name, style.font.size = "Times New Roman", Pt(16)
        style.element.rPr.rFonts.set(qn("w:eastAsia"), "仿宋")

    def save(self, path: Path) -> None:
        self.document.save(str(path))

    def paragraph(self, text: str = "", *, align: str = "left", bold: bool = False) -> Paragraph:
        paragraph = self.document.add_paragraph()
        paragraph.alignment = getattr(WD_ALIGN_PARAGRAPH, align.upper())
        if text:
            paragraph.add_run(text).bold = bold or None
        return paragraph

    def numbering(self, levels: Sequence[tuple[str, str]] = OFFICIAL_LEVELS) -> int:
        """Define a list with these levels (format, text) and return its id."""
        numbering = self.document.part.numbering_part.element
        number = 1 + max((int(num.get(qn("w:numId"))) for num in numbering.findall(qn("w:num"))), default=0)
        abstract = parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{number + 100}"/>')
        for level, (number_format, text) in enumerate(levels):
            abstract.append(
                parse_xml(
                    f'<w:lvl {nsdecls("w")} w:ilvl="{level}"><w:start w:val="1"/>'
                    f'<w:numFmt w:val="{number_format}"/><w:suff w:val="nothing"/>'
                    f'<w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/></w:lvl>'
                )
            )
        numbering.insert(0, abstract)  # definitions stand before the lists that use them
        numbering.append(
            parse_xml(
                f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="{number + 100}"/></w:num>'
            )
        )
        return number

    def clause(self, numbering: int, level: int, text: str, *, bold: bool = False) -> Paragraph:
        """Add a paragraph that Word numbers at ``level`` (0 is the highest)."""
        paragraph = self.paragraph(text, bold=bold)
        properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()  # type: ignore[attr-defined]  # python-docx makes it on loading
        properties.get_or_add_ilvl().val = level
        properties.get_or_add_numId().val = numbering
        return paragraph

    def picture(self, path: Path, width_cm: float = 14.5) -> None:
        paragraph = self.paragraph(align="center")
        paragraph.add_run().add_picture(str(path), width=Cm(width_cm))

    def table(self, rows: Sequence[Sequence[str]], merged: Sequence[tuple[int, int, int, int]] = ()) -> Table:
        """Add a table with a header row; ``merged`` are (row, column, last row, last column)."""
        table = self.document.add_table(len(rows), len(rows[0]), style="Table Grid")
        for row, words in zip(table.rows, rows, strict=True):
            for cell, text in zip(row.cells, words, strict=True):
                cell.text = text
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        for row, column, last_row, last_column in merged:
            kept = table.cell(row, column).text
            table.cell(row, column).merge(table.cell(last_row, last_column)).text = kept
        return table
