"""Any partner as a publisher: articles travel by our signed push, by feed or by hand."""

from django.template.loader import render_to_string

from cms.document.model import Document, VariantText
from publishers.interface import FEED, MANUAL, PUSH, PictureRules, Platform, Publisher, Rendition
from publishers.platforms.partner import render


class Partner(Publisher):
    platform = Platform(
        slug="partner",
        name=render.NAME,
        colour="#4f6d5a",
        base_url="",
        limits=render.LIMITS,
        credentials=(),
        transports=(PUSH, FEED, MANUAL),
        pictures=PictureRules(covers=((900, 600),)),
    )

    def render(self, document: Document, variant: VariantText, theme: str = "") -> Rendition:
        return render.render_partner(document, variant)

    def preview(self, rendition: Rendition, account_name: str) -> str:
        context = {"rendition": rendition, "account_name": account_name}
        return render_to_string("publishers/partner/preview.html", context)
