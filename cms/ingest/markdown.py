"""Reads Markdown (CommonMark with tables), by way of the HTML that it stands for."""

from dataclasses import replace
from typing import BinaryIO

from markdown_it import MarkdownIt

from cms.ingest import html
from cms.ingest.draft import Manuscript
from cms.ingest.markup import Markup
from cms.ingest.pictures import Pictures


class WithEveryLink(MarkdownIt):
    """Pictures inside the text are decoded and checked later, like those of HTML; it would drop them."""

    def validateLink(self, url: str) -> bool:
        return True


def read_markdown(file: BinaryIO, pictures: Pictures) -> Manuscript:
    """Return what the Markdown says; HTML inside it is read as words. Raises Refused."""
    markdown = WithEveryLink("commonmark", {"html": False}).enable(["table", "strikethrough"])
    source = Markup.of(file)
    return html.read_markup(replace(source, text=markdown.render(source.text)), pictures)
