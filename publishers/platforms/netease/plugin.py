"""NetEase as a publisher: no interface is known, so articles travel by hand, by feed or by our push."""

from django.template.loader import render_to_string

from cms.document.model import Document, VariantText
from publishers.interface import FEED, MANUAL, PUSH, PictureRules, Platform, Publisher, Rendition
from publishers.platforms.netease import render


class NetEase(Publisher):
    platform = Platform(
        slug="netease",
        name=render.NAME,
        colour="#8c2332",
        base_url="",
        limits=render.LIMITS,
        credentials=(),
        article_hosts=("www.163.com",),
        console="https://mp.163.com/",
        transports=(MANUAL, FEED, PUSH),
        # Size and number of pictures are not known, nor the shape of a cover: those are ours.
        pictures=PictureRules(mimes=("image/jpeg", "image/png", "image/gif"), covers=((900, 600),)),
    )

    def render(self, document: Document, variant: VariantText, theme: str = "") -> Rendition:
        return render.render_netease(document, variant)

    def preview(self, rendition: Rendition, account_name: str) -> str:
        context = {"rendition": rendition, "account_name": account_name}
        return render_to_string("publishers/netease/preview.html", context)
