"""Document → what WeChat accepts: docs/platforms/wechat.md, sections 4.1 and 8. Pure."""

from dataclasses import replace

from django.utils.translation import gettext as _

from cms.channels import Limits
from cms.document.model import Asset, Cover, Document, VariantText
from publishers.interface import Rejected, Rendition
from publishers.rendering import body, check_lengths, cover_of, text_of
from publishers.wechat import pictures, themes

NAME = "微信公众号"
CONTENT_CHARS, CONTENT_BYTES = 20_000, 1_000_000  # of the final HTML, both exclusive
# What an address at mmbiz.qpic.cn takes at most, as far as seen [?]; what goes out is measured again.
ADDRESS_CHARS = 160
# An article of text alone is too long from here on; what its HTML adds is counted by check_content.
LIMITS = Limits(
    title_chars=32,
    digest_chars=120,
    author_chars=16,
    body_chars=CONTENT_CHARS - 1,
    offers=("pictures", "comments"),
)
# The crops that draft/add takes: name → width to height.
CROPS = {"pic_crop_235_1": 2.35, "pic_crop_1_1": 1.0}


def render(document: Document, variant: VariantText, theme: str = "") -> Rendition:
    title, digest, author = text_of(document, variant)
    check_lengths(title, digest, author, LIMITS, len, NAME)
    if variant.form == "pictures":
        return _with_comments(pictures.render(document, variant), variant)
    if not any(document.blocks()):
        raise Rejected(_("WeChat takes no article without a text."))
    written = body(document, variant, themes.manner(theme))
    check_content(written.html)
    cover = cover_of(document, variant)
    if cover is None:
        raise Rejected(_("WeChat takes no article without a cover picture."))
    rendition = Rendition(
        title=title,
        digest=digest,
        author=author,
        html=written.html,
        cover=cover.asset,
        assets=written.assets,
        extra={"crops": crops(cover, document.assets.get(cover.asset))},
    )
    return _with_comments(rendition, variant)


def _with_comments(rendition: Rendition, variant: VariantText) -> Rendition:
    if variant.comments is None:
        return rendition
    return replace(rendition, extra={**rendition.extra, "comments": variant.comments})


def body_length(document: Document, variant: VariantText, theme: str = "") -> int:
    """Return the length of the final HTML: WeChat's limit is one of markup and text together."""
    if variant.form == "pictures":
        return len(pictures.text_below(document, variant))
    return final_length(body(document, variant, themes.manner(theme)).html)


def final_length(html: str) -> int:
    """Return how long ``html`` is when each picture has WeChat's address instead of its placeholder."""
    return len(html) + html.count('src="asset:') * (ADDRESS_CHARS - len("asset:") - 64)


def check_content(html: str) -> None:
    """Raise Rejected when the HTML is as long as WeChat's limit, or longer."""
    if len(html) >= CONTENT_CHARS or len(html.encode()) >= CONTENT_BYTES:
        raise Rejected(
            _(
                "The article is too long for WeChat: its HTML has {length} characters and must stay under "
                "{limit}. Shorten it or split it in two."
            ).format(length=len(html), limit=CONTENT_CHARS)
        )


def crops(cover: Cover, asset: Asset | None) -> dict[str, str]:
    """Return the largest crop of each ratio that keeps the focal point as near its middle as it can."""
    if asset is None or not asset.width or not asset.height:
        return {}
    own = asset.width / asset.height
    focus = (cover.focus.x / 1000, cover.focus.y / 1000)
    return {name: _crop(focus, min(1.0, ratio / own), min(1.0, own / ratio)) for name, ratio in CROPS.items()}


def _crop(focus: tuple[float, float], width: float, height: float) -> str:
    left = min(max(focus[0] - width / 2, 0), 1 - width)
    top = min(max(focus[1] - height / 2, 0), 1 - height)
    edges = (left, top, left + width, top + height)
    return "_".join(f"{round(min(edge, 1.0), 6):g}" for edge in edges)
