"""From the Document's blocks to StreamField values: how imported text enters the editor."""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any  # Any: values of StreamField, each block's own

from wagtail.models import Page

from cms.document.model import Block, Clause, Gallery, Image, Paragraph
from cms.document.rich_text import html_of, list_html, paragraph_html
from cms.document.tables import stored_table


def to_stream(
    blocks: Sequence[Block], images: Mapping[str, object], documents: Mapping[str, object] | None = None
) -> list[tuple[str, Any]]:
    """Return (block name, value) pairs to assign to a StreamField; ``build`` gives the same blocks back.

    ``images`` and ``documents`` are Wagtail's, by the SHA-256 of their bytes. Neighbouring paragraphs
    become one block, which is how a person would have typed them. Raises KeyError for an unknown file, and
    Page.DoesNotExist for a related article that is gone.
    """
    values: list[tuple[str, Any]] = []
    for is_text, group in groupby(blocks, key=lambda block: isinstance(block, Paragraph)):
        if is_text:
            texts = (block for block in group if isinstance(block, Paragraph))
            values.append(("paragraph", "".join(paragraph_html(paragraph) for paragraph in texts)))
        else:
            values.extend((block.type, _value(block, images, documents or {})) for block in group)
    return values


def _value(block: Block, images: Mapping, documents: Mapping) -> Any:
    if isinstance(block, Image):
        return _image(block, images)
    if isinstance(block, Gallery):
        return [_image(image, images) for image in block.images]
    if block.type == "attachment":
        return {"document": documents[block.asset], "title": block.title}
    return VALUES.get(block.type, _fields)(block)


def _image(block: Image, images: Mapping) -> dict:
    return {"image": images[block.asset], **block.model_dump(include={"alt", "credit", "caption"})}


def _fields(block: Block) -> dict:
    return block.model_dump(exclude={"type"})


def _clause(block: Clause) -> dict:
    return {"number": block.number, "level": block.level, "text": f"<p>{html_of(block.spans)}</p>"}


VALUES: dict[str, Callable[[Any], Any]] = {
    "list": list_html,
    "table": stored_table,
    "clause": _clause,
    "qa": lambda block: {
        "question": block.question,
        "answer": "".join(paragraph_html(paragraph) for paragraph in block.answer),
    },
    "related": lambda block: {"page": Page.objects.get(pk=block.page_id), "title": block.title},
}
