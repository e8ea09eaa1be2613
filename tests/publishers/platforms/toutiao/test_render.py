"""What Toutiao's rendering keeps of sections 2 and 3 of docs/platforms/toutiao.md."""

import pytest

from cms.document.model import Cover, VariantText
from publishers.interface import Rejected
from publishers.platforms.toutiao.plugin import Toutiao
from publishers.platforms.toutiao.render import render_toutiao
from publishers.testing.documents import specimen
from publishers.testing.job import MemoryAccount, RecordingJob, make_item
from publishers.testing.pictures import MemoryPicture
from publishers.testing.server import tags_of, text_of
from publishers.transports.article import article
from tests.publishers.rendering.golden import laid_out, stored

PLAIN = VariantText()


def test_an_article_with_every_block_is_rendered_to_the_byte_as_stored(document):
    assert laid_out(render_toutiao(document, PLAIN).html, document) == stored(__file__)


def test_every_link_is_taken_out_and_its_address_stands_at_the_end(document):
    html = render_toutiao(document, PLAIN).html
    assert not [tag for tag, _attributes in tags_of(html) if tag in ("a", "script", "iframe")]
    assert "[1]https://booking.example/?a=1&b=2" in text_of(html)


def test_the_summary_has_a_place_of_its_own_and_does_not_stand_in_the_text(document):
    rendition = render_toutiao(document, PLAIN)
    assert rendition.digest == document.digest
    assert document.digest not in text_of(rendition.html)


@pytest.mark.parametrize("title", ["女", ""])
def test_a_title_under_two_characters_is_refused(document, title):
    with pytest.raises(Rejected, match="2"):
        render_toutiao(document, VariantText(title=title))


def test_three_covers_are_shown_where_there_are_three_pictures(document):
    cover, first, second, *_files = document.assets
    assert render_toutiao(document, PLAIN).extra["covers"] == [cover, first, second]


def test_with_fewer_than_three_pictures_one_cover_is_shown(document):
    cover, first, *_others = document.assets
    variant = VariantText(cover=Cover(asset=first, alt="封面"))
    assert render_toutiao(document, variant).extra["covers"] == [first]
    bare = document.model_copy(update={"sections": document.sections[1:]})
    assert render_toutiao(bare, PLAIN).extra["covers"] == [cover]


def test_an_article_without_any_picture_has_no_cover_and_is_refused(document):
    bare = document.model_copy(update={"cover": None, "sections": document.sections[1:]})
    with pytest.raises(Rejected, match="头条号"):
        render_toutiao(bare, PLAIN)


def test_a_partner_who_is_pushed_or_reads_the_feed_gets_all_three_covers():
    pictures = [MemoryPicture(colour) for colour in ("darkred", "teal", "olive")]
    item = make_item(Toutiao(), specimen(pictures), PLAIN, "7b" * 16)
    job = RecordingJob(MemoryAccount("清溪女声", "", {}), [item], {each.sha256: each for each in pictures})
    covers = article(job, item, Toutiao.platform.pictures)["cover_images"]
    assert [each["sha256"] for each in covers] == item.rendition.extra["covers"]
