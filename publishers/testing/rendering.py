"""What every plugin's rendering promises."""

import time

import pytest

from cms.document.model import Document, Paragraph, Section, Span, VariantText
from publishers.interface import Publisher, Rejected
from publishers.testing.documents import hostile, specimen
from publishers.testing.pictures import MemoryPicture
from publishers.testing.server import pictures_of, tags_of, text_of

SHOWN = (
    "text", "title", "caption", "credit", "attribution", "question", "number", "name", "hotline", "address",
    "hours", "filename",
)  # fmt: skip
PLAIN = VariantText()


def words_of(node) -> list[str]:
    """Return every text of a dumped Document node that a reader must find."""
    if isinstance(node, dict):
        own = [value for name, value in node.items() if name in SHOWN and isinstance(value, str) and value]
        return own + [word for value in node.values() for word in words_of(value)]
    if isinstance(node, list | tuple):
        return [word for value in node for word in words_of(value)]
    return []


class RenderingPromises:
    """Inherit this and give the fixture ``plugin``."""

    @pytest.fixture
    def plugin(self) -> Publisher:
        raise NotImplementedError("Give a fixture `plugin` that returns an instance of your Publisher.")

    @pytest.fixture
    def pictures(self) -> list[MemoryPicture]:
        return [MemoryPicture("darkred"), MemoryPicture("teal"), MemoryPicture("olive")]

    @pytest.fixture
    def document(self, pictures) -> Document:
        return specimen(pictures)

    def test_the_text_of_every_block_is_there(self, plugin, document):
        shown = text_of(plugin.render(document, PLAIN).html)
        sections = document.model_dump(mode="json")["sections"]
        assert [word for word in words_of(sections) if "".join(word.split()) not in shown] == []

    def test_the_pictures_stand_in_their_order(self, plugin, document, pictures):
        rendition = plugin.render(document, PLAIN)
        wanted = [f"asset:{picture.sha256}" for picture in pictures[1:]]
        assert pictures_of(rendition.html) == wanted
        assert [f"asset:{sha256}" for sha256 in rendition.assets] == wanted
        assert rendition.cover == pictures[0].sha256

    def test_the_source_is_named_at_the_end(self, plugin, document):
        last = text_of(plugin.render(document, PLAIN).html)[-120:]
        for credited in (document.source.name, document.office.name, document.source.licence):
            assert "".join(credited.split()) in last

    def test_a_variant_replaces_title_digest_author_and_cover(self, plugin, document, pictures):
        cover = document.cover.model_copy(update={"asset": pictures[2].sha256})
        variant = VariantText(title="另一个标题", digest="另一段摘要", author="另一位", cover=cover)
        rendition = plugin.render(document, variant)
        assert (rendition.title, rendition.digest, rendition.author, rendition.cover) == (
            variant.title, variant.digest, variant.author, pictures[2].sha256,
        )  # fmt: skip

    def test_rendering_twice_gives_the_same_bytes(self, plugin, document):
        assert plugin.render(document, PLAIN) == plugin.render(document.model_copy(), PLAIN)

    def test_a_long_article_is_rendered_in_a_quarter_of_a_second(self, plugin, document):
        paragraph = Paragraph(spans=(Span(text="字" * 100),))
        long = document.model_copy(update={"sections": (Section(role="body", blocks=(paragraph,) * 50),)})
        plugin.render(long, PLAIN)
        begun = time.perf_counter()
        plugin.render(long, PLAIN)
        assert time.perf_counter() - begun < 0.25

    @pytest.mark.parametrize("field", ["title", "digest", "author"])
    def test_what_is_too_long_is_refused_and_never_cut(self, plugin, document, field):
        limit = getattr(plugin.platform.limits, f"{field}_chars")
        if limit is None:
            pytest.skip(f"{plugin.platform.name} states no limit for the {field}.")
        fits = VariantText(**{field: "长" * limit})
        assert getattr(plugin.render(document, fits), field) == "长" * limit
        with pytest.raises(Rejected) as refused:
            plugin.render(document, VariantText(**{field: "长" * (limit + 3)}))
        assert "3" in refused.value.reason
        assert str(limit) in refused.value.reason
        assert plugin.platform.name in refused.value.reason

    def test_markup_in_a_text_stays_text(self, plugin, pictures):
        html = plugin.render(hostile(pictures), PLAIN).html
        assert "<script>alert(1)</script>" in "".join(text_of(html).split())
        for tag, attributes in tags_of(html):
            assert tag not in ("script", "iframe", "form", "object", "embed", "style")
            assert not [name for name in attributes if name.startswith("on")]

    def test_an_address_that_runs_a_script_never_becomes_a_link(self, plugin, pictures):
        html = plugin.render(hostile(pictures), PLAIN).html
        addresses = [value for _tag, attributes in tags_of(html) for value in attributes.values()]
        assert not [value for value in addresses if value and "javascript:" in value]

    def test_the_preview_shows_the_very_html_that_is_sent(self, plugin, document):
        rendition = plugin.render(document, PLAIN)
        page = plugin.preview(rendition, "南粤女声")
        assert rendition.html in page
        assert rendition.title in page
        assert "南粤女声" in page

    def test_the_preview_of_a_hostile_title_runs_nothing(self, plugin, document):
        variant = VariantText(title='"><script>alert(1)</script>')
        assert "<script>" not in plugin.preview(plugin.render(document, variant), "<script>")
