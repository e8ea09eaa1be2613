"""Document → what Penguin accepts: docs/platforms/penguin.md, section 5. Pure.

No rule about elements is public, so the HTML is plain: no styles, scripts or links, which are footnotes.
"""

from django.utils.translation import gettext as _

from cms.channels import Limits
from cms.document.model import Document, VariantText
from publishers.interface import Rejected, Rendition
from publishers.rendering import Manner, body, check_lengths, cover_of, text_of

NAME = "企鹅号"
# What the web console shows today; a client of 2017 had 6–30.
LIMITS = Limits(title_chars=64, title_chars_min=5)
# The call has no field for a digest, and none for an author that is known to be shown.
MANNER = Manner(shows_byline=True, shows_digest=True)


def render_penguin(document: Document, variant: VariantText) -> Rendition:
    title, digest, author = text_of(document, variant)
    check_lengths(title, digest, author, LIMITS, len, NAME)
    cover = cover_of(document, variant)
    if cover is None:
        raise Rejected(_("Penguin takes no article without a cover picture."))
    written = body(document, variant, MANNER)
    return Rendition(
        title=title,
        digest=digest,
        author=author,
        html=written.html,
        cover=cover.asset,
        assets=written.assets,
        # Separated as a video's tags are; of an article's the sheet says only "tag string".
        extra={"original_platform": document.office.name, "tag": " ".join(document.tags)},
    )
