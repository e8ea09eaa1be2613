"""What Nanfang's rendering keeps of section 4 of docs/platforms/nanfang-plus.md."""

from cms.document.model import VariantText
from publishers.platforms.nanfang.plugin import Nanfang
from publishers.platforms.nanfang.render import render_nanfang
from publishers.testing.documents import hostile
from publishers.testing.server import tags_of, text_of
from tests.publishers.rendering.golden import laid_out, stored

PLAIN = VariantText()


def test_an_article_with_every_block_is_rendered_to_the_byte_as_stored(document):
    assert laid_out(render_nanfang(document, PLAIN).html, document) == stored(__file__)


def test_a_title_over_thirty_characters_is_warned_of_and_not_refused(document):
    assert Nanfang.platform.limits.title_chars_advised == 30
    assert render_nanfang(document, VariantText(title="题" * 31)).title == "题" * 31


def test_there_is_no_script_frame_form_or_foreign_link(document, pictures):
    for article in (document, hostile(pictures)):
        html = render_nanfang(article, PLAIN).html
        assert not {"script", "iframe", "form", "a"} & {tag for tag, _attributes in tags_of(html)}
    assert "[1]https://booking.example/?a=1&b=2" in text_of(render_nanfang(document, PLAIN).html)


def test_headings_keep_their_levels(document):
    headings = {tag for tag, _attributes in tags_of(render_nanfang(document, PLAIN).html) if tag[:1] == "h"}
    assert headings == {"h2", "h3"}


def test_digest_and_author_are_in_the_text_since_no_field_for_them_is_known(document):
    shown = text_of(render_nanfang(document, PLAIN).html)
    assert document.digest in shown
    assert f"作者：{document.byline}" in shown


def test_an_article_without_any_picture_is_taken(document):
    bare = document.model_copy(update={"cover": None, "sections": document.sections[1:]})
    assert render_nanfang(bare, PLAIN).cover is None


def test_pictures_are_jpg_or_png_of_at_most_five_megabytes():
    assert Nanfang.platform.pictures.mimes == ("image/jpeg", "image/png")
    assert Nanfang.platform.pictures.max_bytes == 5 * 1024 * 1024
