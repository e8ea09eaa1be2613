"""From an opened file to a Manuscript, by the reader of its kind."""

from typing import BinaryIO

from cms.ingest import html, markdown, text
from cms.ingest.draft import Manuscript
from cms.ingest.pictures import Pictures
from cms.ingest.sniffing import kind_of
from cms.ingest.word import reader as docx

READERS = {
    "docx": docx.read_word,
    "text": text.read_text,
    "markdown": markdown.read_markdown,
    "html": html.read_html,
}


def read_manuscript(file: BinaryIO, filename: str, pictures: Pictures) -> Manuscript:
    """Return what is in the file; its pictures go into ``pictures``. Raises Refused."""
    return READERS[kind_of(file, filename)](file, pictures)
