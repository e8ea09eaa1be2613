"""StreamField values to the Document's blocks. What is missing becomes a sentence for the editor."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar  # Any: what sentences are filled with

from django.utils.translation import gettext as _
from wagtail.blocks import StreamValue, StructValue
from wagtail.blocks.list_block import ListValue
from wagtail.documents.models import AbstractDocument
from wagtail.images.models import AbstractImage
from wagtail.rich_text import RichText

from cms.document.files import Files, Unreadable
from cms.document.model import (
    Attachment,
    Block,
    Callout,
    Clause,
    Contact,
    Gallery,
    Heading,
    Image,
    ItemList,
    Paragraph,
    QuestionAnswer,
    Quote,
    Related,
    Table,
    Video,
)
from cms.document.rich_text import blocks_of, paragraphs_of
from cms.document.tables import table_of

# What the Document's Url accepts.
LINK = re.compile(r"(https?://|mailto:|tel:)\S{1,1990}")


# A file as Wagtail keeps it, with a title.
Kept = TypeVar("Kept", AbstractImage, AbstractDocument)


def is_followed(link: str) -> bool:
    """True for an address that a reader can follow."""
    return LINK.fullmatch(link) is not None


@dataclass
class Reader:
    """Reads the streams of one article; gathers its files and what is wrong with it."""

    addresses: Mapping[int, str]  # of the hub's own pages that the text links to
    files: Files = field(default_factory=Files)
    problems: list[str] = field(default_factory=list)
    _place: dict[str, Any] = field(default_factory=dict)

    def read(self, part: str, stream: StreamValue) -> Iterator[Block]:
        """Yield the blocks of one stream; ``part`` is its name in sentences."""
        for number, child in enumerate(stream, start=1):
            self._place = {"part": part, "number": number, "kind": child.block.label}
            if child.value is not None:
                yield from getattr(self, f"_{child.block_type}")(child.value)

    def _complete(self, value: StructValue) -> bool:
        """Say which required fields are empty; True when none is."""
        empty = [
            block.label
            for name, block in value.block.child_blocks.items()
            if block.required and not str(value[name] or "").strip()
        ]
        for label in empty:
            sentence = _("{part}, block {number} ({kind}): “{field}” is empty.")
            self.problems.append(sentence.format(field=label, **self._place))
        return not empty

    def address(self, attributes: Mapping[str, str], text: str) -> str | None:
        """Return where a link leads; a link that readers cannot follow is a problem."""
        href = attributes.get("href", "")
        if attributes.get("linktype") == "page":
            href = self.addresses.get(int(attributes.get("id") or 0), "")
        if is_followed(href):
            return href
        self._dead_link(text)
        return None

    def _dead_link(self, text: str) -> None:
        sentence = _("{part}, block {number} ({kind}): the link on “{text}” leads nowhere.")
        self.problems.append(sentence.format(text=text, **self._place))

    # One method for each block; its name is the block's.

    def _paragraph(self, value: RichText) -> Iterator[Paragraph | ItemList]:
        return blocks_of(value.source, self.address)

    _list = _paragraph

    def _heading(self, value: StructValue) -> Iterator[Heading]:
        if self._complete(value):
            yield Heading(level=value["level"], text=value["text"].strip())

    def _quote(self, value: StructValue) -> Iterator[Quote]:
        if self._complete(value):
            yield Quote(text=value["text"].strip(), attribution=value["attribution"].strip())

    def _callout(self, value: StructValue) -> Iterator[Callout]:
        if self._complete(value):
            yield Callout(title=value["title"].strip(), text=value["text"].strip())

    def _table(self, value: dict) -> Iterator[Table]:
        if table := table_of(value):
            yield table

    def _qa(self, value: StructValue) -> Iterator[QuestionAnswer]:
        if self._complete(value):
            answer = paragraphs_of(value["answer"].source, self.address)
            yield QuestionAnswer(question=value["question"].strip(), answer=answer)

    def _clause(self, value: StructValue) -> Iterator[Clause | Paragraph]:
        if not self._complete(value):
            return
        paragraphs = paragraphs_of(value["text"].source, self.address)
        if paragraphs:
            first, *rest = paragraphs
            yield Clause(number=value["number"].strip(), level=value["level"], spans=first.spans)
            yield from rest

    def _contact(self, value: StructValue) -> Iterator[Contact]:
        if self._complete(value):
            yield Contact(**{name: value[name].strip() for name in ("name", "hotline", "address", "hours")})

    def _video(self, value: StructValue) -> Iterator[Video]:
        if not self._complete(value):
            return
        if is_followed(value["url"]):
            yield Video(url=value["url"], title=value["title"].strip())
        else:
            self._dead_link(value["title"])

    def _related(self, value: StructValue) -> Iterator[Related]:
        if self._complete(value):
            yield Related(page_id=value["page"].pk, title=value["title"].strip())

    def _image(self, value: StructValue) -> Iterator[Image]:
        if image := self._picture(value):
            yield image

    def _gallery(self, value: ListValue) -> Iterator[Gallery]:
        if images := tuple(image for item in value if (image := self._picture(item))):
            yield Gallery(images=images)

    def _picture(self, value: StructValue) -> Image | None:
        if not self._complete(value):
            return None
        asset = self._kept(self.files.add_picture, value["image"])
        words = {name: value[name].strip() for name in ("alt", "credit", "caption")}
        return Image(asset=asset, **words) if asset else None

    def _attachment(self, value: StructValue) -> Iterator[Attachment]:
        if not self._complete(value):
            return
        document = value["document"]
        if asset := self._kept(self.files.add_document, document):
            title = value["title"].strip() or document.title
            yield Attachment(asset=asset, title=title, filename=document.filename)

    def _kept(self, add: Callable[[Kept], str], file: Kept) -> str | None:
        try:
            return add(file)
        except Unreadable:
            sentence = _("{part}, block {number} ({kind}): the file of “{title}” cannot be read.")
            self.problems.append(sentence.format(title=file.title, **self._place))
            return None
