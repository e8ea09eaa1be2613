"""What all ways have in common: the article looks as the platform's own plugin makes it."""

import dataclasses
from typing import Any

from cms.document.model import Document, VariantText
from publishers.interface import Publisher, Rendition

#: What only the platform's own interface can do.
BARE = {
    "base_url": "", "credentials": (), "capabilities": ("publish",), "edition_size": 1, "can_correct": False,
    "can_withdraw": False, "can_look": False, "can_receive": False, "quotas": (), "notifying": None,
    "figure_source": "", "figure_days": 0, "can_connect": False, "steps": {},
}  # fmt: skip


class OverTransport(Publisher):
    """A Publisher around another; a subclass says in ``abilities`` what it can, and carries."""

    #: Fields of ``Platform`` that are the way's own, over BARE.
    abilities: dict[str, Any] = {}  # each field has a type of its own

    def __init__(self, of: Publisher):
        self.of = of
        self.platform = dataclasses.replace(of.platform, **{**BARE, **self.abilities})

    def count(self, text: str) -> int:
        return self.of.count(text)

    def render(self, document: Document, variant: VariantText, theme: str = "") -> Rendition:
        return self.of.render(document, variant, theme)

    def body_length(self, document: Document, variant: VariantText, theme: str = "") -> int | None:
        return self.of.body_length(document, variant, theme)

    def preview(self, rendition: Rendition, account_name: str) -> str:
        return self.of.preview(rendition, account_name)
