"""1 rendering: what every plugin makes of a Document. Pure, so no server is needed."""

import time

from cms.document.model import Paragraph, Section, Span, VariantText
from publishers.testing.given import PLAIN, Given
from publishers.testing.scenarios import scenario
from publishers.testing.server import pictures_of, text_of

SHOWN = (
    "text", "title", "caption", "credit", "attribution", "question", "number", "name", "hotline", "address",
    "hours", "filename",
)  # fmt: skip


def words_of(node) -> list[str]:
    """Return every text of a dumped Document node that a reader must find."""
    if isinstance(node, dict):
        own = [value for name, value in node.items() if name in SHOWN and isinstance(value, str) and value]
        return own + [word for value in node.values() for word in words_of(value)]
    if isinstance(node, list | tuple):
        return [word for value in node for word in words_of(value)]
    return []


class Rendering(Given):
    @scenario("1.1")
    def test_the_text_of_every_block_is_there(self, plugin, document):
        shown = text_of(plugin.render(document, PLAIN).html)
        sections = document.model_dump(mode="json")["sections"]
        assert [word for word in words_of(sections) if "".join(word.split()) not in shown] == []

    @scenario("1.2")
    def test_the_pictures_stand_in_their_order(self, plugin, document, pictures):
        rendition = plugin.render(document, PLAIN)
        wanted = [f"asset:{picture.sha256}" for picture in pictures[1:]]
        assert pictures_of(rendition.html) == wanted
        assert [f"asset:{sha256}" for sha256 in rendition.assets] == wanted
        assert rendition.cover == pictures[0].sha256

    @scenario("1.3")
    def test_the_source_is_named_at_the_end(self, plugin, document):
        last = text_of(plugin.render(document, PLAIN).html)[-120:]
        for credited in (document.source.name, document.office.name, document.source.licence):
            assert "".join(credited.split()) in last

    @scenario("1.4")
    def test_a_variant_replaces_title_digest_author_and_cover(self, plugin, document, pictures):
        cover = document.cover.model_copy(update={"asset": pictures[2].sha256})
        variant = VariantText(title="另一个标题", digest="另一段摘要", author="另一位", cover=cover)
        rendition = plugin.render(document, variant)
        assert (rendition.title, rendition.digest, rendition.author, rendition.cover) == (
            variant.title, variant.digest, variant.author, pictures[2].sha256,
        )  # fmt: skip

    @scenario("1.5")
    def test_rendering_twice_gives_the_same_bytes(self, plugin, document):
        assert plugin.render(document, PLAIN) == plugin.render(document.model_copy(), PLAIN)

    @scenario("1.6")
    def test_a_long_article_costs_a_quarter_of_a_second_at_most(self, plugin, document):
        paragraph = Paragraph(spans=(Span(text="字" * 100),))
        long = document.model_copy(update={"sections": (Section(role="body", blocks=(paragraph,) * 50),)})
        plugin.render(long, PLAIN)
        begun = time.process_time()
        plugin.render(long, PLAIN)
        assert time.process_time() - begun < 0.25

    @scenario("1.7", needs="themes")
    def test_every_theme_shows_the_same_text_and_the_first_is_the_usual_one(self, plugin, document):
        dressed = {theme: plugin.render(document, PLAIN, theme).html for theme in plugin.platform.themes}
        assert len(set(dressed.values())) == len(dressed)
        assert len({text_of(html) for html in dressed.values()}) == 1
        assert next(iter(dressed.values())) == plugin.render(document, PLAIN).html

    @scenario("1.8")
    def test_the_preview_shows_the_very_html_that_is_sent(self, plugin, document):
        rendition = plugin.render(document, PLAIN)
        page = plugin.preview(rendition, "榕溪县女声")  # a name that stands nowhere in the text
        assert rendition.html in page
        assert rendition.title in page
        assert "榕溪县女声" in page
