"""Reads Markdown (CommonMark with tables), by way of the HTML that it stands for."""

from dataclasses import replace
from typing import BinaryIO

from markdown_it import MarkdownIt

from cms.ingest import html
from cms.ingest.draft import Manuscript
from cms.ingest.markup import Markup
from cms.ingest.pictures import Pictures


def read_markdown(file: BinaryIO, pictures: Pictures) -> Manuscript:
    """Return what the Markdown says; HTML inside it is read as words. Raises Refused."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    # Pictures inside the text are decoded and checked later, like those of HTML; markdown-it would drop them.
    markdown.validateLink = lambda address: True
    source = Markup.of(file)
    return html.read_markup(replace(source, text=markdown.render(source.text)), pictures)
