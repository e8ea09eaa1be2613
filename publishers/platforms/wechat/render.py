"""Document → what WeChat accepts: docs/platforms/wechat.md, sections 4.1 and 8. Pure."""

from dataclasses import replace

from django.utils.translation import gettext as _

from cms.channels import Limits
from cms.document.model import Asset, Cover, Document, VariantText
from cms.media.crops import crop
from publishers.interface import PictureRules, Rejected, Rendition
from publishers.platforms.wechat import pictures, themes
from publishers.rendering import body, check_lengths, cover_of, focus_of, text_of

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
# The crops that draft/add takes; of what size WeChat shows them is not known [?], of what shape is.
CROPS = {"pic_crop_235_1": (940, 400), "pic_crop_1_1": (400, 400)}
#: Pictures of the body (section 3, uploadimg); covers may be larger.
PICTURES = PictureRules(max_bytes=999_999, max_width=1080, covers=tuple(CROPS.values()))


def render_wechat(document: Document, variant: VariantText, theme: str = "") -> Rendition:
    title, digest, author = text_of(document, variant)
    check_lengths(title, digest, author, LIMITS, len, NAME)
    if variant.form == "pictures":
        return _with_comments(pictures.render_picture_message(document, variant), variant)
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
        focus=focus_of(cover),
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


def shown_covers(rendition: Rendition) -> list[tuple[str, str]]:
    """Return each cut of the cover as CSS for a picture that fills its box: aspect-ratio, object-position."""
    return [
        (f"{width} / {height}", _position(rendition.extra["crops"].get(name, "0_0_1_1")))
        for name, (width, height) in CROPS.items()
    ]


def _position(corners: str) -> str:
    left, top, right, bottom = map(float, corners.split("_"))
    parts = ((left, 1 - (right - left)), (top, 1 - (bottom - top)))
    return " ".join(f"{100 * edge / room:.1f}%" if room > 0 else "50%" for edge, room in parts)


def crops(cover: Cover, asset: Asset | None) -> dict[str, str]:
    """Return the corners of each crop, in parts of the picture (section 4.1, ``pic_crop_…``)."""
    if asset is None or not asset.width or not asset.height:
        return {}
    boxes = {name: crop(asset.width, asset.height, cover.focus, shape) for name, shape in CROPS.items()}
    return {
        name: "_".join(f"{round(edge, 6):g}" for edge in (box.left, box.top, box.right, box.bottom))
        for name, box in boxes.items()
    }
