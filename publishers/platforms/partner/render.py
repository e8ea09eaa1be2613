"""Document → plain HTML for any partner: docs/platforms/partner-feed-contract.md. Pure."""

from dataclasses import replace

from cms.channels import Limits
from cms.document.model import Document, VariantText
from publishers.interface import Rendition
from publishers.rendering import Manner, rendition

NAME = "合作方"
# The contract states none. These are our own: what every platform that we know takes.
LIMITS = Limits(title_chars=64, digest_chars=200, author_chars=40, offers=("comments",))
# Summary and author have fields of their own, in push, feed and package alike.
MANNER = Manner()


def render_partner(document: Document, variant: VariantText) -> Rendition:
    written = rendition(document, variant, platform=NAME, limits=LIMITS, manner=MANNER)
    return replace(written, extra={"comments": variant.comments} if variant.comments else {})
