"""Nanfang Plus as a publisher: no interface is public, so a person publishes until there is a paper."""

from django.template.loader import render_to_string

from cms.document.model import Document, VariantText
from publishers.interface import FEED, MANUAL, PUSH, PictureRules, Platform, Publisher, Rendition
from publishers.platforms.nanfang import render


class Nanfang(Publisher):
    platform = Platform(
        slug="nanfang",
        name=render.NAME,
        colour="#b8660b",
        base_url="",
        limits=render.LIMITS,
        credentials=(),
        article_hosts=("static.nfapp.southcn.com", "static.nfnews.com", "pc.nfapp.southcn.com"),
        transports=(MANUAL, FEED, PUSH),
        # Section 4 gives kinds and size; the shape of a cover is ours, too.
        pictures=PictureRules(
            mimes=("image/jpeg", "image/png"), max_bytes=5 * 1024 * 1024, covers=((900, 600),)
        ),
    )

    def render(self, document: Document, variant: VariantText, theme: str = "") -> Rendition:
        return render.render_nanfang(document, variant)

    def preview(self, rendition: Rendition, account_name: str) -> str:
        context = {"rendition": rendition, "account_name": account_name}
        return render_to_string("publishers/nanfang/preview.html", context)
