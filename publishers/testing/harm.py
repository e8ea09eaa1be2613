"""3 hostile content: what an enemy wrote into any field stays text, in the article and in its preview."""

from cms.document.model import VariantText
from publishers.testing.documents import hostile
from publishers.testing.given import PLAIN, Given
from publishers.testing.scenarios import scenario
from publishers.testing.server import tags_of, text_of

RUNNING = ("script", "iframe", "form", "object", "embed", "style")


class Harm(Given):
    @scenario("3.1")
    def test_markup_in_a_text_stays_text(self, plugin, pictures):
        html = plugin.render(hostile(pictures), PLAIN).html
        assert "<script>alert(1)</script>" in text_of(html)
        assert _running(html) == []

    @scenario("3.2")
    def test_an_address_that_runs_a_script_never_becomes_a_link(self, plugin, pictures):
        html = plugin.render(hostile(pictures), PLAIN).html
        addresses = [value for _tag, attributes in tags_of(html) for value in attributes.values()]
        assert not [value for value in addresses if value and "javascript:" in value]

    @scenario("3.3")
    def test_the_preview_of_a_hostile_title_runs_nothing(self, plugin, document):
        variant = VariantText(title='"><script>alert(1)</script>')
        assert "<script>" not in plugin.preview(plugin.render(document, variant), "<script>")


def _running(html: str) -> list[str]:
    """Return the elements that run something, or carry what does."""
    return [
        tag
        for tag, attributes in tags_of(html)
        if tag in RUNNING or any(name.startswith("on") for name in attributes)
    ]
