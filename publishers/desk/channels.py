"""Each platform as a channel of the content room: its limits, its count, its preview by the sending code."""

from django.template.loader import render_to_string

from cms import channels
from cms.checks.limits import body_text
from cms.document.model import Document, VariantText
from publishers import registry
from publishers.asking import PluginFails, ask
from publishers.interface import Publisher, Rejected
from publishers.models import Account


class PlatformChannel:
    """Implements ``cms.channels.Channel``."""

    def __init__(self, publisher: Publisher):
        platform = publisher.platform
        self.slug, self.name, self.colour = platform.slug, platform.name, platform.colour
        self.limits, self.covers, self.themes = platform.limits, platform.pictures.covers, platform.themes
        self._publisher = publisher

    def count(self, text: str) -> int:
        return ask(self._publisher, Publisher.count, text)

    def body_length(self, document: Document, variant: VariantText) -> int:
        length = ask(self._publisher, Publisher.body_length, document, variant, self._theme_of(document))
        return self.count(body_text(document)) if length is None else length

    def _theme_of(self, document: Document) -> str:
        """Return the theme of the account of the document's office; of several accounts, the first one's."""
        if not self.themes:
            return ""
        accounts = Account.objects.filter(platform=self.slug, office__code=document.office.code)
        theme = accounts.order_by("pk").values_list("theme", flat=True).first()
        return theme if theme is not None and theme in self.themes else ""

    def preview(self, document: Document, variant: VariantText, theme: str = "") -> str:
        """Return the page; when the platform would refuse the article, one that says why."""
        theme = theme or self._theme_of(document)
        try:
            rendition = ask(self._publisher, Publisher.render, document, variant, theme)
            return ask(self._publisher, Publisher.preview, rendition, self.name)
        except (Rejected, PluginFails) as refusal:
            context = {"channel": self, "reason": refusal.sentence}
            return render_to_string("publishers/preview_refused.html", context)


def register_all() -> None:
    for publisher in registry.all_publishers():
        channels.register(PlatformChannel(publisher))
