"""A WordFile that also takes raw WordprocessingML: what Word and WPS write and python-docx does not offer."""

from docx.opc.constants import RELATIONSHIP_TYPE as RELATION
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsmap, qn

from cms.demo.word import WordFile

NAMESPACES = {
    **nsmap,
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "v": "urn:schemas-microsoft-com:vml",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
}
DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
NOTES_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"


def element(xml: str):
    """Parse one element; its prefixes need no declaration."""
    head, sep, tail = xml.strip().partition(">")
    head, slash = (head[:-1], "/") if head.endswith("/") else (head, "")
    return parse_xml(f"{head} {DECLARED}{slash}{sep}{tail}")


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(content: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{content}</w:p>"


class RawWord(WordFile):
    def raw(self, *xml: str) -> None:
        """Add elements at the end of the text."""
        for piece in xml:
            self.document.element.body.insert_element_before(element(piece), "w:sectPr")

    def define_list(self, abstract_id: int, levels: str) -> None:
        """Add the definition of a list; ``levels`` are its ``w:lvl`` elements."""
        numbering = self.document.part.numbering_part.element
        numbering.insert(
            0, element(f'<w:abstractNum w:abstractNumId="{abstract_id}">{levels}</w:abstractNum>')
        )

    def use_list(self, abstract_id: int, overrides: str = "") -> int:
        """Add a list of that definition and return its id."""
        numbering = self.document.part.numbering_part.element
        number = 1 + max(int(num.get(qn("w:numId"))) for num in numbering.findall(qn("w:num")))
        numbering.append(
            element(f'<w:num w:numId="{number}"><w:abstractNumId w:val="{abstract_id}"/>{overrides}</w:num>')
        )
        return number

    def define_style(self, style_id: str, name: str, properties: str) -> None:
        head = f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{style_id}">'
        basis = f'<w:name w:val="{name}"/><w:basedOn w:val="Normal"/>'
        self.document.styles.element.append(element(f"{head}{basis}<w:pPr>{properties}</w:pPr></w:style>"))

    def link(self, address: str) -> str:
        """Return the id of a relationship to an address outside."""
        return self.document.part.relate_to(address, RELATION.HYPERLINK, is_external=True)

    def footnotes(self, *texts: str) -> None:
        """Add the part with the notes; they are numbered from 1."""
        notes = "".join(
            f'<w:footnote w:id="{number}">{paragraph(run(text))}</w:footnote>'
            for number, text in enumerate(texts, start=1)
        )
        xml = f"<w:footnotes {DECLARED}>{notes}</w:footnotes>".encode()
        part = Part(PackURI("/word/footnotes.xml"), NOTES_TYPE, xml, self.document.part.package)
        self.document.part.relate_to(part, RELATION.FOOTNOTES)
