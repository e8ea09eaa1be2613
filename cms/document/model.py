"""The Document's types, version 1.

Everything that shows an article after sign-off reads these types and nothing else. The JSON Schema is made
from them (``manage.py document_schema``), and the canonical bytes are RFC 8785.
"""

import datetime as dt
import hashlib
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, model_validator

VERSION = 1
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Align = Literal["left", "center", "right"]
Role = Literal["body", "explanation", "original", "questions", "audience", "how_to_apply", "result"]
Url = Annotated[str, Field(pattern=r"^(https?://|mailto:|tel:)\S+$", max_length=2000)]
Mark = Literal["bold", "italic", "sub", "sup"]


class Node(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Span(Node):
    """A run of text. ``\\n`` is a line break."""

    text: str = Field(min_length=1)
    marks: tuple[Mark, ...] = ()
    href: Url | None = None


Spans = tuple[Span, ...]


class Paragraph(Node):
    type: Literal["paragraph"] = "paragraph"
    spans: Spans
    align: Align = "left"


class Heading(Node):
    type: Literal["heading"] = "heading"
    level: Literal[2, 3, 4] = 2
    text: str


class Image(Node):
    """A picture; ``alt`` and ``credit`` are required of the editor, ``caption`` is not."""

    type: Literal["image"] = "image"
    asset: Sha256
    alt: str
    credit: str
    caption: str = ""


class Gallery(Node):
    type: Literal["gallery"] = "gallery"
    images: tuple[Image, ...]


class Quote(Node):
    type: Literal["quote"] = "quote"
    text: str
    attribution: str = ""


class ListItem(Node):
    spans: Spans
    level: Annotated[int, Field(ge=0, le=3)] = 0


class ItemList(Node):
    type: Literal["list"] = "list"
    ordered: bool = False
    items: tuple[ListItem, ...]


class Cell(Node):
    """A cell of a table; a cell covered by a merged one is left out, as in HTML."""

    text: str = ""
    header: bool = False
    colspan: Annotated[int, Field(ge=1)] = 1
    rowspan: Annotated[int, Field(ge=1)] = 1
    align: Align = "left"


class Table(Node):
    type: Literal["table"] = "table"
    caption: str = ""
    rows: tuple[tuple[Cell, ...], ...]


class Callout(Node):
    type: Literal["callout"] = "callout"
    title: str = ""
    text: str


class QuestionAnswer(Node):
    type: Literal["qa"] = "qa"
    question: str
    answer: tuple[Paragraph, ...]


class Clause(Node):
    """A numbered clause: level 1 一、 · 2 （一） · 3 1. · 4 （1）. ``number`` as printed."""

    type: Literal["clause"] = "clause"
    number: str
    level: Literal[1, 2, 3, 4]
    spans: Spans


class Attachment(Node):
    type: Literal["attachment"] = "attachment"
    asset: Sha256
    title: str
    filename: str


class Video(Node):
    type: Literal["video"] = "video"
    url: Url
    title: str


class Related(Node):
    """Another article of the hub. ``page_id`` finds its current Release."""

    type: Literal["related"] = "related"
    page_id: int
    title: str


class Contact(Node):
    type: Literal["contact"] = "contact"
    name: str
    hotline: str = ""
    address: str = ""
    hours: str = ""


Block = Annotated[
    Paragraph
    | Heading
    | Image
    | Gallery
    | Quote
    | ItemList
    | Table
    | Callout
    | QuestionAnswer
    | Clause
    | Attachment
    | Video
    | Related
    | Contact,
    Field(discriminator="type"),
]


class Section(Node):
    """A part of the article. ``title`` is shown above it; empty shows none."""

    role: Role
    title: str = ""
    blocks: tuple[Block, ...]


class StoryFacts(Node):
    kind: Literal["story"] = "story"


class CommentaryFacts(Node):
    kind: Literal["commentary"] = "commentary"
    author_title: str = ""


class PolicyFacts(Node):
    kind: Literal["policy"] = "policy"
    document_number: str = ""
    issuing_body: str = ""
    addressee: str = ""
    issued_on: dt.date | None = None
    effective_on: dt.date | None = None
    expires_on: dt.date | None = None
    status: Literal["in_force", "not_yet", "amended", "expired", "repealed"] = "in_force"


class EventFacts(Node):
    kind: Literal["event"] = "event"
    starts_at: dt.datetime
    ends_at: dt.datetime | None = None
    place: str = ""
    address: str = ""
    audience: str = ""
    capacity: int | None = None
    signup_url: Url | None = None


Facts = Annotated[StoryFacts | CommentaryFacts | PolicyFacts | EventFacts, Field(discriminator="kind")]


class Source(Node):
    name: str
    url: Url | None = None
    licence: str = ""


class OfficeRef(Node):
    code: str
    name: str


class Focus(Node):
    """The point that a crop must keep, in thousandths of width and height from the top left."""

    x: Annotated[int, Field(ge=0, le=1000)] = 500
    y: Annotated[int, Field(ge=0, le=1000)] = 500


class Cover(Node):
    asset: Sha256
    alt: str = ""
    credit: str = ""
    focus: Focus = Focus()


class Asset(Node):
    """What is known of a file; ``width`` and ``height`` in pixels, for pictures only."""

    mime: str
    size: int
    width: int | None = None
    height: int | None = None


class VariantText(Node):
    """One channel's own title, digest, author and cover; None means: as in the Document.

    ``form`` and ``comments`` are choices that only some channels offer; None: as the channel does by itself.
    """

    title: str | None = None
    digest: str | None = None
    author: str | None = None
    cover: Cover | None = None
    form: Literal["pictures"] | None = None
    comments: Literal["open", "followers"] | None = None


class Document(Node):
    """One article, whole. ``assets`` describes every file that a block or cover names by its SHA-256."""

    version: Literal[1] = 1
    language: str = "zh-Hans"
    facts: Facts
    title: str
    subtitle: str = ""
    digest: str = ""
    byline: str = ""
    source: Source
    office: OfficeRef
    topics: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    cover: Cover | None = None
    sections: tuple[Section, ...]
    assets: dict[Sha256, Asset] = {}

    @model_validator(mode="after")
    def _assets_are_described(self) -> "Document":
        missing = self.named_assets() - self.assets.keys()
        if missing:
            raise ValueError(f"assets are named but not described: {sorted(missing)}")
        return self

    @property
    def kind(self) -> str:
        return self.facts.kind

    def blocks(self) -> Iterator[Block]:
        """Yield every block of every section in reading order."""
        for section in self.sections:
            yield from section.blocks

    def named_assets(self) -> set[str]:
        """Return the SHA-256 of every file that the cover or a block names."""
        names = {self.cover.asset} if self.cover else set()
        for block in self.blocks():
            if isinstance(block, Image | Attachment):
                names.add(block.asset)
            elif isinstance(block, Gallery):
                names.update(image.asset for image in block.images)
        return names

    def canonical(self) -> bytes:
        """Return the one byte form of this Document (RFC 8785; absent optional values are left out)."""
        return canonical(self.model_dump(mode="json", exclude_none=True))

    def sha256(self) -> str:
        return hashlib.sha256(self.canonical()).hexdigest()


def canonical(value: Any) -> bytes:  # rfc8785 itself refuses what is no JSON
    """Return the RFC 8785 bytes of a JSON value."""
    return rfc8785.dumps(value)


def read_document(stored: bytes) -> Document:
    """Return the Document in ``stored``, of whatever version the hub ever wrote.

    Raises pydantic.ValidationError for bytes that are no Document.
    """
    return Document.model_validate_json(stored)


if not TYPE_CHECKING:  # whoever checks types is told of a wrong name as ever

    def __getattr__(name: str) -> object:
        """Give ``read``, the name until 0.2, to plugins that were written before."""
        if name == "read":
            warnings.warn("cms.document.model.read is read_document now.", DeprecationWarning, stacklevel=2)
            return read_document
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
