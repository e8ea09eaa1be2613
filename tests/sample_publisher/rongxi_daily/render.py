"""Document → what the newspaper takes: CONTRACT.md, section 2. Pure."""

from cms.channels import Limits
from cms.document.model import Document, VariantText
from publishers.interface import Rendition
from publishers.rendering import Manner, rendition

NAME = "榕溪日报"
LIMITS = Limits(title_chars=40, digest_chars=80, author_chars=12)


def render(document: Document, variant: VariantText) -> Rendition:
    return rendition(document, variant, platform=NAME, limits=LIMITS, manner=Manner())
