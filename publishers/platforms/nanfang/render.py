"""Document → what Nanfang Plus gets: docs/platforms/nanfang-plus.md, section 4. Pure.

Its own limits are not public: all of these are our careful defaults.
"""

from cms.channels import Limits
from cms.document.model import Document, VariantText
from publishers.interface import Rendition
from publishers.rendering import Manner, rendition

NAME = "南方号"
LIMITS = Limits(title_chars_advised=30)
# No script, iframe, form or foreign link: the writer makes none. No field for a digest or author is known.
MANNER = Manner(shows_byline=True, shows_digest=True)


def render_nanfang(document: Document, variant: VariantText) -> Rendition:
    return rendition(document, variant, platform=NAME, limits=LIMITS, manner=MANNER)
