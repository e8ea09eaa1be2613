"""How one platform wants its HTML, and the state that one article's writing has: its footnotes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cms.document.model import Span
from publishers.rendering.markup import Html, join, lines, tag

MARKS = {"bold": "strong", "italic": "em", "sub": "sub", "sup": "sup"}


@dataclass(frozen=True)
class Manner:
    """What differs between platforms.

    ``styles`` gives the inline style of a role ("paragraph", "caption" …; see a platform's article.css), none
    means that the platform's own look is wanted. ``group`` is the element that holds several others.
    ``shows_byline`` puts the author under the article where the platform has no line for it, ``shows_digest``
    the digest above it. ``heading`` is the one element that headings of every level become, empty: each its
    own.
    """

    styles: Mapping[str, str] = field(default_factory=dict)
    group: str = "div"
    shows_byline: bool = False
    shows_digest: bool = False
    heading: str = ""


class Writer:
    """Writes one article in one manner and collects the addresses that its text links to."""

    def __init__(self, manner: Manner):
        self.manner = manner
        self.links: list[str] = []
        self.assets: dict[str, None] = {}

    def element(self, name: str, role: str, *children: str, style: str = "", **attributes) -> Html:
        styles = (self.manner.styles.get(role, ""), style)
        return tag(name, *children, **attributes, style=";".join(part for part in styles if part))

    def group(self, role: str, *children: str, style: str = "") -> Html:
        return self.element(self.manner.group, role, *children, style=style)

    def heading(self, level: int, text: str) -> Html:
        return self.element(self.manner.heading or f"h{level}", f"heading-{level}", text)

    def paragraph(self, role: str, *children: str, **attributes) -> Html:
        return self.element("p", role, *children, **attributes)

    def picture(self, sha256: str, alt: str) -> Html:
        self.assets[sha256] = None
        return self.element("img", "picture", src=f"asset:{sha256}", alt=alt)

    def spans(self, spans: Sequence[Span]) -> Html:
        """Return running text. No platform keeps foreign links, so an address becomes a footnote."""
        parts = []
        for at, span in enumerate(spans):
            parts.append(self._marked(span))
            linked_on = at + 1 < len(spans) and spans[at + 1].href == span.href
            if span.href and not linked_on and span.href not in span.text:
                parts.append(self.note(span.href))
        return join(parts)

    def note(self, address: str) -> Html:
        """Return the mark of the footnote that gives ``address``."""
        if address not in self.links:
            self.links.append(address)
        return self.element("sup", "mark", f"[{self.links.index(address) + 1}]")

    def _marked(self, span: Span) -> Html:
        html = lines(span.text)
        for mark in span.marks:
            html = tag(MARKS[mark], html)
        return html
