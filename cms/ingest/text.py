"""Reads plain text: each line is a paragraph."""

from typing import BinaryIO

from cms.ingest.draft import Line, Manuscript
from cms.ingest.encoding import decode
from cms.ingest.pictures import Pictures
from cms.ingest.spans import plain


def read_text(file: BinaryIO, pictures: Pictures) -> Manuscript:
    """Return the lines of the text. Raises Refused."""
    lines = (plain(line) for line in decode(file.read()).splitlines())
    return Manuscript([Line(spans) for spans in lines if spans])
