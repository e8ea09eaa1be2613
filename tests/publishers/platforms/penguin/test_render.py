"""What Penguin's rendering keeps of section 5 of docs/platforms/penguin.md."""

from pathlib import Path

import pytest

from cms.document.model import VariantText
from publishers.interface import Rejected
from publishers.platforms.penguin.render import render_penguin
from publishers.testing.server import tags_of, text_of

PLAIN = VariantText()
GOLDEN = Path(__file__).with_name("golden") / "policy.html"


def test_an_article_with_every_block_is_rendered_to_the_byte_as_stored(document):
    html = render_penguin(document, PLAIN).html.replace("><", ">\n<") + "\n"
    for picture, name in zip(document.assets, ("cover", "first", "second"), strict=False):
        html = html.replace(picture, name)
    assert html == GOLDEN.read_text(encoding="utf-8")


def test_the_html_is_plain_and_without_links(document):
    for tag, attributes in tags_of(render_penguin(document, PLAIN).html):
        assert tag not in ("a", "script", "iframe", "form", "style")
        assert set(attributes) <= {"src", "alt", "colspan", "rowspan", "style"}
        assert attributes.get("style") in (None, "text-align:right")


def test_digest_and_author_are_in_the_text_since_the_call_has_no_place_for_them(document):
    shown = text_of(render_penguin(document, PLAIN).html)
    assert document.digest in shown
    assert f"作者：{document.byline}" in shown


@pytest.mark.parametrize("title", ["四个字吧", ""])
def test_a_title_under_five_characters_is_refused(document, title):
    with pytest.raises(Rejected, match="5"):
        render_penguin(document, VariantText(title=title))


def test_an_article_without_any_picture_has_no_cover_and_is_refused(document):
    bare = document.model_copy(update={"cover": None, "sections": document.sections[1:]})
    with pytest.raises(Rejected):
        render_penguin(bare, PLAIN)
