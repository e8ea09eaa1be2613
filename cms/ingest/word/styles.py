"""What a paragraph has of itself and what comes from its style and the styles below it."""

import re
from functools import cache

from docx.oxml.ns import qn

from cms.document.model import Align

ALIGNMENTS: dict[str, Align] = {"center": "center", "right": "right", "end": "right"}
HEADING = re.compile(r"(?:heading|标题) ?([1-9])$", re.IGNORECASE)
TITLES = ("title", "标题")


class Styles:
    """The styles of one document, by id."""

    def __init__(self, element):
        self._styles = {}
        self._default = None
        for style in element.findall(qn("w:style")) if element is not None else ():
            self._styles[style.get(qn("w:styleId"))] = style
            if style.get(qn("w:type")) == "paragraph" and style.get(qn("w:default")) in ("1", "true"):
                self._default = style.get(qn("w:styleId"))

    def chain(self, style_id: str | None) -> list:
        """Return the style and those that it is based on, nearest first."""
        found, style = [], self._styles.get(style_id)
        while style is not None and style not in found:
            found.append(style)
            style = self._styles.get(value(style, "w:basedOn"))
        return found

    def of_paragraph(self, paragraph) -> list:
        return self.chain(value(paragraph, "w:pPr/w:pStyle") or self._default)

    def alignment(self, paragraph) -> Align:
        for holder in (paragraph, *self.of_paragraph(paragraph)):
            if align := value(holder, "w:pPr/w:jc"):
                return ALIGNMENTS.get(align, "left")
        return "left"

    def heading(self, paragraph) -> int | None:
        """Return 0 for a title, 1 to 9 for a heading, None for text."""
        chain = self.of_paragraph(paragraph)
        names = [value(style, "w:name") or "" for style in chain]
        if names and names[0].lower() in TITLES:
            return 0
        if levels := [match[1] for name in names if (match := HEADING.match(name))]:
            return int(levels[0])
        for holder in (paragraph, *chain):
            if (outline := value(holder, "w:pPr/w:outlineLvl")) is not None:
                return int(outline) + 1 if outline in "012345678" else None
        return None

    def is_contents(self, paragraph) -> bool:
        """Whether the paragraph is a line of a table of contents."""
        chain = self.of_paragraph(paragraph)
        return bool(chain) and (value(chain[0], "w:name") or "").lower().startswith("toc ")

    def is_on(self, run, tag: str) -> bool:
        """Whether a switch such as bold is on, by the run itself or its character style."""
        for holder in (run, *self.chain(value(run, "w:rPr/w:rStyle"))):
            if (switch := holder.find(path(f"w:rPr/{tag}"))) is not None:
                return is_on(switch)
        return False


def is_on(switch) -> bool:
    """Whether a switch is there and not set to off."""
    return switch is not None and switch.get(qn("w:val"), "1") not in ("0", "false", "off", "none")


@cache
def path(tags: str) -> str:
    return "/".join(qn(tag) for tag in tags.split("/"))


def value(element, tags: str) -> str | None:
    """Return ``w:val`` of the element found at ``tags``, or None."""
    found = element.find(path(tags))
    return None if found is None else found.get(qn("w:val"))
