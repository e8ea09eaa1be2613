"""Document → picture message (``newspic``): docs/platforms/wechat.md, section 4.1. Pure.

Pictures to leaf through, with plain text below. What is said of each picture stays with its number.
"""

from collections.abc import Iterator
from html import escape

from django.utils.translation import gettext as _

from cms.document.model import Document, Gallery, Heading, Image, Paragraph, VariantText
from publishers.interface import Rejected, Rendition
from publishers.rendering import text_of
from publishers.rendering.markup import Html, join, lines, tag

PICTURES = 20


def render_picture_message(document: Document, variant: VariantText) -> Rendition:
    """Return the rendition; ``extra["text"]`` is what stands below the pictures. Raises Rejected."""
    title, digest, author = text_of(document, variant)
    images = list(_images(document))
    if not 1 <= len(images) <= PICTURES:
        raise Rejected(
            _("A picture message has 1 to {limit} pictures; the text has {count}.").format(
                limit=PICTURES, count=len(images)
            )
        )
    text = text_below(document, variant)
    shown = join([*(_shown(image) for image in images), tag("p", lines(text))])
    return Rendition(
        title=title,
        digest=digest,
        author=author,
        html=str(tag("section", shown)),
        cover=images[0].asset,
        assets=tuple(dict.fromkeys(image.asset for image in images)),
        extra={"form": "pictures", "text": escape(text, quote=False)},
    )


def text_below(document: Document, variant: VariantText) -> str:
    _title, _digest, author = text_of(document, variant)
    credits = _credits(list(_images(document)))
    return "\n".join((*_words(document), *credits, *_source(document, author)))


def _images(document: Document) -> Iterator[Image]:
    for block in document.blocks():
        if isinstance(block, Gallery):
            yield from block.images
        elif isinstance(block, Image):
            yield block


def _words(document: Document) -> Iterator[str]:
    for section in document.sections:
        if section.title:
            yield section.title
        for block in section.blocks:
            if isinstance(block, Heading):
                yield block.text
            elif isinstance(block, Paragraph):
                yield "".join(span.text for span in block.spans)
            elif not isinstance(block, Image | Gallery):
                raise Rejected(
                    _(
                        "A picture message takes only pictures, paragraphs and headings: leave out the rest, "
                        "or let the article go as usual."
                    )
                )


def _credits(images: list[Image]) -> Iterator[str]:
    for number, image in enumerate(images, start=1):
        said = " ".join(part for part in (image.caption, image.credit and f"图：{image.credit}") if part)
        if said:
            yield f"图{number} {said}"


def _source(document: Document, author: str) -> Iterator[str]:
    yield f"来源：{document.source.name}"
    if author:
        yield f"作者：{author}"
    yield f"单位：{document.office.name}"


def _shown(image: Image) -> Html:
    return tag("img", src=f"asset:{image.asset}", alt=image.alt, style="display:block;width:100%")
