"""The micro-site as a channel: an article may have its own title, digest and cover for it."""

from collections.abc import Mapping

from cms.channels import SITE, Limits
from cms.document.model import Document, VariantText
from readers.snapshots import pictures, render


class MicroSite:
    slug = SITE
    name = "微网站"
    colour = "#B3261E"
    limits = Limits()  # it takes every article as it is
    # None: its style sheet keeps the focal point in sight, wherever a browser cuts.
    covers: tuple[tuple[int, int], ...] = ()
    themes: Mapping[str, str] = {}

    def count(self, text: str) -> int:
        return len(text)

    def body_length(self, document: Document, variant: VariantText) -> int:
        return 0  # no limit

    def preview(self, document: Document, variant: VariantText, theme: str = "") -> str:
        return render.article(document, variant, places=pictures.PLACEHOLDERS)
