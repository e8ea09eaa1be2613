"""A Document as the micro-site's article page: the same code for readers and for the preview."""

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from cms.document.china import CHINA
from cms.document.model import (
    Attachment,
    Block,
    Clause,
    Contact,
    Document,
    EventFacts,
    Gallery,
    Image,
    ItemList,
    Paragraph,
    QuestionAnswer,
    Section,
    Table,
    VariantText,
    Video,
)
from readers.snapshots import markup
from readers.snapshots.pictures import STORED, Picture, Placeholders, Stored

# Readers get one page whoever signs it off, in whatever language and zone that person works.
LANGUAGE = "zh-hans"
SHORT_CLAUSE_CHARS = 40
COLUMNS_ON_A_PHONE = 3

KINDS = {
    "story": _("Story"),
    "policy": _("Policy interpretation"),
    "event": _("Event"),
    "commentary": _("Commentary"),
}
STATUS = {
    "in_force": _("In force"),
    "not_yet": _("Not yet in force"),
    "amended": _("Amended"),
    "expired": _("Expired"),
    "repealed": _("Repealed"),
}


@dataclass(frozen=True)
class Imprint:
    """What the page says about its Release: which one, since when, and where it stands."""

    page_id: int
    number: int
    sha256: str
    signed_at: dt.datetime
    public_from: dt.datetime
    first_public_from: dt.datetime
    section_id: int | None = None
    section_title: str = ""

    @property
    def corrected_at(self) -> dt.datetime | None:
        """Return since when readers see a corrected text; None while they see what they saw first."""
        return self.public_from if self.public_from > self.first_public_from else None


def article(
    document: Document,
    variant: VariantText,
    imprint: Imprint | None = None,
    places: Stored | Placeholders = STORED,
) -> str:
    """Return the whole page. Pure but for the templates; without ``imprint`` it is a preview.

    Nothing in it depends on who asks or when: no request, no clock, no user's language.
    """
    with translation.override(LANGUAGE), timezone.override(CHINA):
        return render_to_string("site/article.html", _Page(document, variant, imprint, places).context())


class _Page:
    def __init__(
        self,
        document: Document,
        variant: VariantText,
        imprint: Imprint | None,
        places: Stored | Placeholders,
    ) -> None:
        self.document, self.variant, self.imprint, self.places = document, variant, imprint, places

    def context(self) -> dict[str, object]:
        document, variant = self.document, self.variant
        cover = variant.cover or document.cover
        return {
            "document": document,
            "title": variant.title or document.title,
            "digest": variant.digest or document.digest,
            "byline": variant.author or document.byline,
            "kind": KINDS[document.kind],
            "cover": cover,
            "cover_picture": self._picture(cover.asset) if cover else None,
            "shows_cover": cover is not None and cover.asset not in self._pictures(),
            "facts": render_to_string(f"site/facts/{document.kind}.html", self._facts()),
            "sections": [self._section(section) for section in document.sections],
            "contents": [section for section in document.sections if section.title],
            "hotline": self._hotline(),
            "imprint": self.imprint,
            "public_url": settings.PUBLIC_URL,
            "site_name": settings.WAGTAIL_SITE_NAME,
        }

    def _pictures(self) -> set[str]:
        """Return the pictures that the text itself shows; the cover of an imported text is its first one."""
        images = (block.images if block.type == "gallery" else [block] for block in self.document.blocks())
        return {image.asset for group in images for image in group if image.type == "image"}

    def _hotline(self) -> SafeString | None:
        """Return the first number of the first contact card, so that who needs help finds it at once."""
        cards = (block for block in self.document.blocks() if block.type == "contact")
        return next(filter(None, (markup.first_phone(card.hotline) for card in cards)), None)

    def _picture(self, sha256: str) -> Picture:
        return self.places.picture(sha256, self.document.assets[sha256])

    def _facts(self) -> dict[str, object]:
        facts = self.document.facts
        context: dict[str, object] = {"facts": facts}
        if facts.kind == "policy":
            context["status"] = STATUS[facts.status]
        if isinstance(facts, EventFacts) and facts.ends_at:
            context["ends_same_day"] = (
                facts.starts_at.astimezone(CHINA).date() == facts.ends_at.astimezone(CHINA).date()
            )
        return context

    def _section(self, section: Section) -> dict[str, object]:
        # Under a section's own title its headings are one level deeper.
        deeper = 1 if section.title else 0
        return {
            "role": section.role,
            "title": section.title,
            "blocks": [self._block(block, deeper) for block in section.blocks],
        }

    def _block(self, block: Block, deeper: int) -> SafeString:
        prepare = getattr(self, f"_{block.type}", None)
        context = {"block": block, "deeper": deeper, **(prepare(block) if prepare else {})}
        return render_to_string(f"site/blocks/{block.type}.html", context)

    # One method for each block that needs more than its own fields.

    def _paragraph(self, block: Paragraph) -> dict[str, object]:
        return {"text": markup.spans(block.spans)}

    def _clause(self, block: Clause) -> dict[str, object]:
        characters = "".join(run.text for run in block.spans)
        is_title = (
            block.level <= 2 and len(characters) <= SHORT_CLAUSE_CHARS and characters[-1:] not in "。；;："
        )
        return {"text": markup.spans(block.spans), "is_title": is_title}

    def _list(self, block: ItemList) -> dict[str, object]:
        return {"list": markup.nested_list(block.items, block.ordered)}

    def _image(self, block: Image) -> dict[str, object]:
        return {"picture": self._picture(block.asset)}

    def _gallery(self, block: Gallery) -> dict[str, object]:
        return {"entries": [(image, self._picture(image.asset)) for image in block.images]}

    def _table(self, block: Table) -> dict[str, object]:
        """Mark the first column: it stays in sight while a wide table is pushed to and fro on a phone."""
        is_wide = max(sum(cell.colspan for cell in row) for row in block.rows) > COLUMNS_ON_A_PHONE
        rows, covered = [], 0  # by a cell above that reaches down
        for row in block.rows:
            rows.append([(cell, is_wide and place == 0 and not covered) for place, cell in enumerate(row)])
            covered = covered - 1 if covered else (row[0].rowspan - 1 if row else 0)
        return {"rows": rows, "is_wide": is_wide}

    def _qa(self, block: QuestionAnswer) -> dict[str, object]:
        return {"answer": [(paragraph, markup.spans(paragraph.spans)) for paragraph in block.answer]}

    def _attachment(self, block: Attachment) -> dict[str, object]:
        asset = self.document.assets[block.asset]
        extension = block.filename.rpartition(".")[2].upper()[:5] if "." in block.filename else ""
        return {"address": self.places.file(block.asset), "size": asset.size, "extension": extension}

    def _video(self, block: Video) -> dict[str, object]:
        return {"host": urlsplit(block.url).hostname or ""}

    def _contact(self, block: Contact) -> dict[str, object]:
        return {"hotline": markup.phones(block.hotline)}
