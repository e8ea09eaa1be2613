"""A Document for a platform that knows one title, one cover and plain HTML. Pure."""

from django.utils.translation import gettext as _

from cms.channels import Limits
from cms.document.model import Document, VariantText
from publishers.interface import Rejected, Rendition
from publishers.rendering.article import body, cover_of, focus_of, text_of
from publishers.rendering.lengths import check_lengths
from publishers.rendering.writer import Manner


def rendition(
    document: Document,
    variant: VariantText,
    *,
    platform: str,
    limits: Limits,
    manner: Manner,
    needs_cover: bool = False,
) -> Rendition:
    """Return the article within ``limits`` and in ``manner``; ``platform`` is the name that refusals give.

    Raises Rejected when a text is too long or too short, or a cover is needed and no picture is there.
    """
    title, digest, author = text_of(document, variant)
    check_lengths(title, digest, author, limits, len, platform)
    cover = cover_of(document, variant)
    if cover is None and needs_cover:
        raise Rejected(_("{platform} takes no article without a cover picture.").format(platform=platform))
    written = body(document, variant, manner)
    return Rendition(
        title=title,
        digest=digest,
        author=author,
        html=written.html,
        cover=cover.asset if cover else None,
        assets=written.assets,
        focus=focus_of(cover),
    )
