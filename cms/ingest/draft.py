"""What a reader finds in a file, and what the anatomy makes of it."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

from cms.document.model import Block, Spans
from cms.ingest.spans import text_of

# A book. The editor cannot work on more in one article, and nothing here was measured with more.
MAX_CHARS = 500_000

Align = Literal["left", "center", "right"]


@dataclass(frozen=True)
class Line:
    """One paragraph as the file has it, before anybody knows what it is.

    ``heading`` is 0 for a title's own style, 1 and more for headings, None for text. ``number`` is an
    automatic number as it is printed; a number that was typed is still in ``spans``.
    """

    spans: Spans
    align: Align = "left"
    heading: int | None = None
    number: str = ""
    bullet: bool = False
    level: int = 0

    @property
    def text(self) -> str:
        return text_of(self.spans)


@dataclass
class Manuscript:
    """A file's content in reading order. ``title`` is a title that the file states apart from its text."""

    items: list[Line | Block] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    title: str = ""


@dataclass
class Draft:
    """A text with its anatomy, ready to become a page. Pictures are named by their SHA-256 in ``blocks``."""

    title: str = ""
    subtitle: str = ""
    byline: str = ""
    source_name: str = ""
    document_number: str = ""
    issuing_body: str = ""
    addressee: str = ""
    issued_on: dt.date | None = None
    effective_on: dt.date | None = None
    expires_on: dt.date | None = None
    blocks: list[Block] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
