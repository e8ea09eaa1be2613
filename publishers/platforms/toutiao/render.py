"""Document → what Toutiao accepts: docs/platforms/toutiao.md, sections 2 and 3. Pure."""

from dataclasses import replace

from cms.channels import Limits
from cms.document.model import Document, VariantText
from publishers.interface import Rendition
from publishers.rendering import Manner, rendition

NAME = "头条号"
# The console's 2–30 (section 3); clients of the old call cut the summary at 140 (section 2), we never do.
LIMITS = Limits(title_chars=30, title_chars_min=2, digest_chars=140)
# The summary has a place of its own, the author none. What clients remove, links and scripts, is never there.
MANNER = Manner(shows_byline=True)
#: The list of articles shows one cover or three (section 3).
COVERS = 3


def render_toutiao(document: Document, variant: VariantText) -> Rendition:
    written = rendition(document, variant, platform=NAME, limits=LIMITS, manner=MANNER, needs_cover=True)
    assert written.cover is not None  # needed
    return replace(written, extra={"covers": covers(written.cover, written.assets)})


def covers(cover: str, assets: tuple[str, ...]) -> list[str]:
    """Return the pictures of the list of articles, the cover first: three where there are as many."""
    shown = list(dict.fromkeys((cover, *assets)))
    return shown[:COVERS] if len(shown) >= COVERS else [cover]
