"""Each platform as a channel of the content room: its limits, its count, its preview by the sending code."""

from django.template.loader import render_to_string

from cms import channels
from cms.document.model import Document, VariantText
from cms.limits import body_text
from publishers import registry
from publishers.interface import Publisher, Rejected


class PlatformChannel:
    """Implements ``cms.channels.Channel``."""

    def __init__(self, publisher: Publisher):
        platform = publisher.platform
        self.slug, self.name, self.colour = platform.slug, platform.name, platform.colour
        self.limits = platform.limits
        self._publisher = publisher

    def count(self, text: str) -> int:
        return self._publisher.count(text)

    def body_length(self, document: Document, variant: VariantText) -> int:
        length = self._publisher.body_length(document, variant)
        return self.count(body_text(document)) if length is None else length

    def preview(self, document: Document, variant: VariantText) -> str:
        """Return the page; when the platform would refuse the article, one that says why."""
        try:
            rendition = self._publisher.render(document, variant)
        except Rejected as refusal:
            context = {"channel": self, "reason": refusal.reason}
            return render_to_string("publishers/preview_refused.html", context)
        return self._publisher.preview(rendition, self.name)


def register_all() -> None:
    for publisher in registry.all_publishers():
        channels.register(PlatformChannel(publisher))
