"""A whole Document as one platform's HTML."""

from collections.abc import Iterator
from dataclasses import dataclass

from cms.document.model import Cover, Document, Focus, Gallery, Image, Section, VariantText
from publishers.rendering import facts
from publishers.rendering.blocks import BLOCKS
from publishers.rendering.markup import NOTHING, Html, join, lines, rows
from publishers.rendering.writer import Manner, Writer


@dataclass(frozen=True)
class Body:
    """``html`` with placeholders, and the pictures that it shows in their order, each once."""

    html: str
    assets: tuple[str, ...]


def body(document: Document, variant: VariantText, manner: Manner) -> Body:
    """Return the article's body: facts, every section, footnotes, and the source at the end."""
    writer = Writer(manner)
    _title, digest, byline = text_of(document, variant)
    parts = [
        writer.paragraph("subtitle", document.subtitle) if document.subtitle else NOTHING,
        writer.paragraph("digest", lines(digest)) if digest and manner.shows_digest else NOTHING,
        _facts(writer, document),
        *(_section(writer, section) for section in document.sections),
        _source(writer, document, variant, byline if manner.shows_byline else ""),
    ]
    # Written last: only now are all links known. Shown before the source.
    parts.insert(-1, _footnotes(writer))
    # A plain text from here on: Html would escape what a plugin puts into it.
    return Body(str(writer.group("article", *parts)), tuple(writer.assets))


def text_of(document: Document, variant: VariantText) -> tuple[str, str, str]:
    """Return title, digest and author: the variant's own where it has them, else the Document's."""
    own = (variant.title, variant.digest, variant.author)
    shared = (document.title, document.digest, document.byline)
    title, digest, author = (
        theirs if mine is None else mine for mine, theirs in zip(own, shared, strict=True)
    )
    return title, digest, author


def cover_of(document: Document, variant: VariantText) -> Cover | None:
    """Return the variant's cover, the Document's, or the first picture of the body."""
    return variant.cover or document.cover or next(_covers(document), None)


def focus_of(cover: Cover | None) -> tuple[int, int]:
    """Return the cover's focal point as a Rendition has it."""
    focus = cover.focus if cover else Focus()
    return focus.x, focus.y


def _covers(document: Document) -> Iterator[Cover]:
    for block in document.blocks():
        images = block.images if isinstance(block, Gallery) else (block,)
        for image in images:
            if isinstance(image, Image):
                yield Cover(asset=image.asset, alt=image.alt, credit=image.credit)


def _section(writer: Writer, section: Section) -> Html:
    title = writer.heading(2, section.title) if section.title else NOTHING
    return join([title, *(BLOCKS[block.type](writer, block) for block in section.blocks)])


def _facts(writer: Writer, document: Document) -> Html:
    known = facts.known(document.facts)
    if not known:
        return NOTHING
    return writer.group("facts", writer.paragraph("inner", rows(f"{label}：{text}" for label, text in known)))


def _footnotes(writer: Writer) -> Html:
    if not writer.links:
        return NOTHING
    notes = (f"[{number}] {address}" for number, address in enumerate(writer.links, start=1))
    return writer.paragraph("notes", rows(("文中链接", *notes)))


def _source(writer: Writer, document: Document, variant: VariantText, byline: str) -> Html:
    """Return the lines that credit where the text comes from; no article is without them."""
    source = document.source
    cover = variant.cover or document.cover
    credits = (
        ("来源", join([source.name, writer.note(source.url) if source.url else ""])),
        ("作者", byline),
        ("单位", document.office.name),
        ("授权", source.licence),
        ("封面图", cover.credit if cover else ""),
    )
    return writer.paragraph("source", rows(join([f"{label}：", text]) for label, text in credits if text))
