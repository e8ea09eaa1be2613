"""What Yidian's rendering keeps of docs/platforms/yidian.md: nothing is known of its limits."""

from cms.document.model import VariantText
from publishers.platforms.yidian.plugin import Yidian
from publishers.platforms.yidian.render import render_yidian
from publishers.testing.documents import hostile
from publishers.testing.server import tags_of, text_of
from tests.publishers.rendering.golden import laid_out, stored

PLAIN = VariantText()


def test_an_article_with_every_block_is_rendered_to_the_byte_as_stored(document):
    assert laid_out(render_yidian(document, PLAIN).html, document) == stored(__file__)


def test_no_limit_is_known_so_no_title_is_refused(document):
    for title in ("题", "题" * 200):
        assert render_yidian(document, VariantText(title=title)).title == title


def test_there_is_no_script_frame_form_or_link(document, pictures):
    for article in (document, hostile(pictures)):
        html = render_yidian(article, PLAIN).html
        assert not {"script", "iframe", "form", "a"} & {tag for tag, _attributes in tags_of(html)}


def test_digest_and_author_are_in_the_text_since_no_field_for_them_is_known(document):
    shown = text_of(render_yidian(document, PLAIN).html)
    assert document.digest in shown
    assert f"作者：{document.byline}" in shown


def test_pictures_are_of_the_kinds_that_its_cover_call_took():
    assert Yidian.platform.pictures.mimes == ("image/jpeg", "image/png")
