"""Document → what Yidian gets: docs/platforms/yidian.md. Pure.

Nothing is known of its articles' limits, so none is set.
"""

from cms.channels import Limits
from cms.document.model import Document, VariantText
from publishers.interface import Rendition
from publishers.rendering import Manner, rendition

NAME = "一点号"
LIMITS = Limits()
# No field for a digest or an author is known.
MANNER = Manner(shows_byline=True, shows_digest=True)


def render_yidian(document: Document, variant: VariantText) -> Rendition:
    return rendition(document, variant, platform=NAME, limits=LIMITS, manner=MANNER)
