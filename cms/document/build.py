"""From a page as one revision holds it to its Document. Reads only; never the live page."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Protocol

from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext as _
from wagtail.images import get_image_model
from wagtail.images.models import AbstractImage
from wagtail.models import Page

from cms.document.files import Unreadable
from cms.document.from_stream import Reader, is_followed
from cms.document.model import (
    CommentaryFacts,
    Cover,
    Document,
    EventFacts,
    Facts,
    Focus,
    OfficeRef,
    PolicyFacts,
    Role,
    Section,
    Source,
    StoryFacts,
    VariantText,
    canonical,
)
from cms.document.rich_text import linked_pages

# (role, field, title above it) in reading order. The titles are part of the Document, which is Chinese
# whatever language the desk is read in.
PARTS: dict[str, tuple[tuple[Role, str, str], ...]] = {
    "story": (("body", "body", ""),),
    "commentary": (("body", "body", ""),),
    "event": (("body", "body", ""), ("result", "result", "活动回顾")),
    "policy": (
        ("explanation", "body", "政策解读"),
        ("audience", "audience", "适用对象"),
        ("how_to_apply", "how_to_apply", "如何办理"),
        ("questions", "questions", "政策问答"),
        ("original", "original", "政策原文"),
    ),
}


# The pictures of one article's covers, by their id.
Pictures = Mapping[int, AbstractImage]


class Covered(Protocol):
    """An article's page or one of its variants, with what is said there of its cover."""

    cover_id: int | None
    cover_alt: str
    cover_credit: str
    cover_focus: str


class Worded(Covered, Protocol):
    """A variant (``cms.models.variants``); what is empty is as in the article."""

    channel: str
    title: str
    digest: str
    author: str
    form: Literal["", "pictures"]
    comments: Literal["", "open", "followers"]

    @property
    def channel_name(self) -> str: ...


class Owner(Protocol):
    """The office that an article belongs to (``cms.models.offices``)."""

    code: str
    name: str


class Unbuildable(Exception):
    """The text is not complete. ``sentences`` tell the editor what is missing, each on its own."""

    def __init__(self, sentences: list[str]):
        super().__init__(" ".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True)
class Built:
    """A Document with its variants by channel, and every file that they name by its SHA-256.

    ``files`` has Django's FieldFiles: ``files[sha256].open("rb")`` gives the bytes that were hashed.
    """

    document: Document
    variants: Mapping[str, VariantText]
    files: Mapping[str, FieldFile]

    @cached_property
    def variants_json(self) -> dict[str, dict[str, Any]]:  # pydantic's own type
        return {slug: v.model_dump(mode="json", exclude_none=True) for slug, v in self.variants.items()}

    @cached_property
    def sha256(self) -> str:
        """What a reviewer approves: the Document and the variants in one hash."""
        document = self.document.model_dump(mode="json", exclude_none=True)
        both = canonical({"document": document, "variants": self.variants_json})
        return hashlib.sha256(both).hexdigest()


def build(page: Page, office: Owner | None = None) -> Built:
    """Return what ``page``, as ``revision.as_object()`` gives it, says.

    ``office`` is the page's own, for who knows it already.

    Raises Unbuildable with a sentence for each thing that is missing or cannot be read.
    """
    variants = list(page.variants.all())
    covers = _covers(page, variants)
    reader = Reader(_addresses(page))
    facts = _facts(page, reader.problems)
    sections = _sections(page, reader)
    cover = _cover(page, covers, reader, _("Cover"))
    texts = {v.channel: _variant(v, covers, reader, cover) for v in variants}
    source_url = _link(page, "source_url", reader.problems)
    if not sections and not reader.problems:
        reader.problems.append(_("The article has no text yet."))
    if reader.problems or facts is None:
        raise Unbuildable(reader.problems)
    office = office or page.office
    document = Document(
        facts=facts,
        title=page.title.strip(),
        subtitle=page.subtitle.strip(),
        digest=page.digest.strip(),
        byline=page.byline.strip(),
        source=Source(
            name=page.source_name.strip() or office.name,
            url=source_url,
            licence=page.source_licence.strip(),
        ),
        office=OfficeRef(code=office.code, name=office.name),
        topics=tuple(sorted(topic.name for topic in page.topics.all())),
        tags=tuple(sorted(tag.name for tag in page.tags.all())),
        cover=cover,
        sections=sections,
        assets=reader.files.assets,
    )
    return Built(document, texts, reader.files.files)


def _addresses(page: Page) -> dict[int, str]:
    """Return the addresses of the hub's own pages that the text links to, in one query."""
    stored = "".join(
        json.dumps(list(getattr(page, field).raw_data), default=str)
        for _role, field, _title in PARTS[page.kind]
    )
    ids = linked_pages(stored)
    pages = Page.objects.filter(pk__in=ids) if ids else ()
    return {linked.pk: linked.specific_deferred.full_url or "" for linked in pages}


def _sections(page: Page, reader: Reader) -> tuple[Section, ...]:
    sections = []
    for role, field, title in PARTS[page.kind]:
        part = str(page._meta.get_field(field).verbose_name)
        if blocks := tuple(reader.read(part, getattr(page, field))):
            sections.append(Section(role=role, title=title, blocks=blocks))
    return tuple(sections)


def _covers(page: Page, variants: Sequence[Worded]) -> Pictures:
    ids = {holder.cover_id for holder in [page, *variants] if holder.cover_id}
    return get_image_model().objects.in_bulk(ids) if ids else {}


def _cover(holder: Covered, covers: Pictures, reader: Reader, name: str) -> Cover | None:
    """Return the cover of an article or a variant; ``name`` is what sentences call it."""
    image = covers.get(holder.cover_id) if holder.cover_id else None
    if image is None:
        return None
    if not holder.cover_alt.strip():
        reader.problems.append(_("{cover}: say what it shows.").format(cover=name))
    if not holder.cover_credit.strip():
        reader.problems.append(_("{cover}: the credit is missing.").format(cover=name))
    try:
        asset = reader.files.add_picture(image)
    except Unreadable:
        reader.problems.append(_("{cover}: the file cannot be read.").format(cover=name))
        return None
    return Cover(
        asset=asset,
        alt=holder.cover_alt.strip(),
        credit=holder.cover_credit.strip(),
        focus=_focus(holder, image),
    )


def _focus(holder: Covered, image: AbstractImage) -> Focus:
    """Return the point that the editor set here; else the picture's own, which other articles share."""
    return _point(holder.cover_focus) if holder.cover_focus else focus_of(image)


def focus_of(image: AbstractImage) -> Focus:
    """Return the picture's own focal point."""
    if not image.has_focal_point():
        return Focus()
    return Focus(
        x=min(1000, round(1000 * image.focal_point_x / image.width)),
        y=min(1000, round(1000 * image.focal_point_y / image.height)),
    )


def _point(written: str) -> Focus:
    x, y = written.split(",")
    return Focus(x=int(x), y=int(y))


def _variant(variant: Worded, covers: Pictures, reader: Reader, shared: Cover | None) -> VariantText:
    """Return the variant; ``shared`` is the article's cover, of which it may show another part."""
    name = _("Cover for {channel}").format(channel=variant.channel_name)
    cover = _cover(variant, covers, reader, name)
    if cover is None and shared is not None and variant.cover_focus:
        cover = shared.model_copy(update={"focus": _point(variant.cover_focus)})
    return VariantText(
        title=variant.title.strip() or None,
        digest=variant.digest.strip() or None,
        author=variant.author.strip() or None,
        cover=cover,
        form=variant.form or None,
        comments=variant.comments or None,
    )


def _facts(page: Page, problems: list[str]) -> Facts | None:
    if page.kind == "policy":
        names = ("document_number", "issuing_body", "addressee")
        words = {name: getattr(page, name).strip() for name in names}
        dates = {name: getattr(page, name) for name in ("issued_on", "effective_on", "expires_on")}
        return PolicyFacts(status=page.status, **words, **dates)
    if page.kind == "event":
        return _event_facts(page, problems)
    if page.kind == "commentary":
        return CommentaryFacts(author_title=page.author_title.strip())
    return StoryFacts()


def _event_facts(page: Page, problems: list[str]) -> EventFacts | None:
    if page.starts_at is None:
        problems.append(_("Say when the event begins."))
        return None
    # In UTC, so that one moment has one form.
    times = {name: at.astimezone(dt.UTC) for name in ("starts_at", "ends_at") if (at := getattr(page, name))}
    words = {name: getattr(page, name).strip() for name in ("place", "address", "audience")}
    signup_url = _link(page, "signup_url", problems)
    return EventFacts(capacity=page.capacity, signup_url=signup_url, **times, **words)


def _link(page: Page, field: str, problems: list[str]) -> str | None:
    link = getattr(page, field)
    if not link or is_followed(link):
        return link or None
    name = page._meta.get_field(field).verbose_name
    problems.append(
        _("“{field}” must be an address that begins with http:// or https://.").format(field=name)
    )
    return None
