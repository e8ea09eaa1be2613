"""What NetEase's rendering keeps of sections 1 and 3 of docs/platforms/netease.md."""

import pytest

from cms.document.model import VariantText
from publishers.interface import Rejected
from publishers.platforms.netease.plugin import NetEase
from publishers.platforms.netease.render import render_netease
from publishers.testing.documents import hostile
from publishers.testing.server import tags_of, text_of
from tests.publishers.rendering.golden import laid_out, stored

PLAIN = VariantText()
DROPPED = {"script", "iframe", "object", "embed", "form", "input", "link", "meta"}


def test_an_article_with_every_block_is_rendered_to_the_byte_as_stored(document):
    assert laid_out(render_netease(document, PLAIN).html, document) == stored(__file__)


def test_headings_of_every_level_become_the_one_that_its_editor_keeps(document):
    headings = [tag for tag, _attributes in tags_of(render_netease(document, PLAIN).html) if tag[:1] == "h"]
    assert headings and set(headings) == {"h5"}


def test_there_is_nothing_that_its_editor_drops(document, pictures):
    for article in (document, hostile(pictures)):
        assert not DROPPED & {tag for tag, _attributes in tags_of(render_netease(article, PLAIN).html)}


def test_foreign_links_are_unwrapped_and_their_addresses_stand_at_the_end(document):
    html = render_netease(document, PLAIN).html
    assert "a" not in {tag for tag, _attributes in tags_of(html)}
    assert "[1]https://booking.example/?a=1&b=2" in text_of(html)


def test_digest_and_author_are_in_the_text_since_no_field_for_them_is_known(document):
    shown = text_of(render_netease(document, PLAIN).html)
    assert document.digest in shown
    assert f"作者：{document.byline}" in shown


@pytest.mark.parametrize("title", ["四个字吧", ""])
def test_a_title_under_five_characters_is_refused(document, title):
    with pytest.raises(Rejected, match="5"):
        render_netease(document, VariantText(title=title))


def test_a_title_of_sixty_four_characters_is_accepted(document):
    assert render_netease(document, VariantText(title="题" * 64)).title == "题" * 64


def test_an_article_without_any_picture_has_no_cover_and_is_refused(document):
    bare = document.model_copy(update={"cover": None, "sections": document.sections[1:]})
    with pytest.raises(Rejected, match="网易号"):
        render_netease(bare, PLAIN)


def test_pictures_may_be_jpg_png_and_gif():
    assert NetEase.platform.pictures.mimes == ("image/jpeg", "image/png", "image/gif")
