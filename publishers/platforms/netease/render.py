"""Document → what NetEase accepts: docs/platforms/netease.md, sections 1 and 3. Pure."""

from cms.channels import Limits
from cms.document.model import Document, VariantText
from publishers.interface import Rendition
from publishers.rendering import Manner, rendition

NAME = "网易号"
LIMITS = Limits(title_chars=64, title_chars_min=5)
# Its editor keeps few heading levels, and clients make all of them h5. No field for a digest or an author is
# known, so both stand in the text.
MANNER = Manner(heading="h5", shows_byline=True, shows_digest=True)


def render_netease(document: Document, variant: VariantText) -> Rendition:
    # At least one picture for a cover (section 3).
    return rendition(document, variant, platform=NAME, limits=LIMITS, manner=MANNER, needs_cover=True)
