"""Picture messages and comments: what an editor chooses in the variant."""

import pytest

from cms.document.model import Gallery, Image, Paragraph, Quote, Section, Span, VariantText
from publishers.interface import PermanentError, Rejected, Retry
from publishers.platforms.wechat.render import render_wechat
from publishers.testing.documents import specimen
from publishers.testing.job import RecordingJob, make_item
from publishers.testing.running import settle
from publishers.testing.server import pictures_of

PICTURES = VariantText(form="pictures")
ADD = "/cgi-bin/draft/add"


@pytest.fixture
def document(pictures):
    """Return a text of two pictures and a paragraph."""
    images = tuple(
        Image(asset=picture.sha256, alt="图", caption=caption, credit="何静 摄")
        for picture, caption in zip(pictures[1:], ("清晨", "傍晚"), strict=True)
    )
    words = Paragraph(spans=(Span(text="一天的图书室，5 < 6 & 7。"),))
    body = Section(role="body", blocks=(words, Gallery(images=images)))
    return specimen(pictures, "图书室的一天").model_copy(update={"sections": (body,)})


@pytest.fixture
def make_picture_job(plugin, server, pictures):
    def make(document, variant, granted=None):
        server.sandbox.add_account("wechat", server.account_id, "s3cret", "榕溪县女声", capabilities=granted)
        item = make_item(plugin, document, variant, "9d" * 16)
        account = server.account("appid", "secret", {"draft", "publish"})
        return RecordingJob(account, [item], {picture.sha256: picture for picture in pictures})

    return make


def drafted(server):
    [call] = server.sandbox.calls("wechat", server.account_id, ADD)[-1:]
    return call["request"]["json"]["articles"][0]


def test_a_picture_message_has_its_pictures_in_order_and_their_credits(
    plugin, server, document, make_picture_job
):
    job = make_picture_job(document, PICTURES)
    [live] = settle(plugin, job, server)
    payload = job.items[0].payload
    assert payload["article_type"] == "newspic" and "thumb_media_id" not in payload
    assert len(payload["image_info"]["image_list"]) == 2
    [seen] = server.seen()
    assert live.url == seen.url and seen.title == "图书室的一天"
    for words in ("一天的图书室，5 &lt; 6 &amp; 7。", "图1 清晨 图：何静 摄", "图2 傍晚", "来源：南粤女声"):
        assert words in payload["content"]
    assert payload["content"].endswith(job.items[0].source_url)
    assert "/cgi-bin/media/uploadimg" not in server.calls()
    assert "/cgi-bin/draft/update" not in server.calls(), "it stood in the box as it was sent"


def test_words_that_are_too_long_are_seen_before_the_draft(plugin, server, document, make_picture_job):
    words = Paragraph(spans=(Span(text="字" * 20_000),))
    body = document.sections[0]
    long = body.model_copy(update={"blocks": (words, *body.blocks)})
    job = make_picture_job(document.model_copy(update={"sections": (long,)}), PICTURES)
    with pytest.raises(Rejected):
        plugin.publish(job)
    assert ADD not in server.calls()


def test_a_picture_that_somebody_took_out_in_the_box_is_put_back(plugin, server, document, make_picture_job):
    job = make_picture_job(document, PICTURES)
    server.refuse("/cgi-bin/freepublish/submit", 45011)
    with pytest.raises(Retry):
        plugin.publish(job)
    [draft] = server.sandbox.drafts(server.account_id)
    [first, _second] = job.items[0].payload["image_info"]["image_list"]
    server.sandbox.edit_draft(
        server.account_id, draft["media_id"], 0, {"picture_ids": [first["image_media_id"]]}
    )
    assert settle(plugin, job, server)
    assert server.calls().count("/cgi-bin/draft/update") == 1


def test_the_preview_shows_the_pictures_and_the_words(document, pictures):
    rendition = render_wechat(document, PICTURES)
    wanted = [f"asset:{picture.sha256}" for picture in pictures[1:]]
    assert pictures_of(rendition.html) == wanted
    assert rendition.cover == pictures[1].sha256
    assert "5 &lt; 6" in rendition.html


@pytest.mark.parametrize("count", [0, 20, 21])
def test_one_to_twenty_pictures_are_taken(document, pictures, count):
    image = Image(asset=pictures[1].sha256, alt="图", credit="何静 摄")
    words = Paragraph(spans=(Span(text="字"),))
    body = Section(role="body", blocks=(words, *(image for _number in range(count))))
    many = document.model_copy(update={"sections": (body,)})
    if count == 20:
        assert len(pictures_of(render_wechat(many, PICTURES).html)) == 20
    else:
        with pytest.raises(Rejected, match=str(count)):
            render_wechat(many, PICTURES)


def test_a_text_that_is_more_than_pictures_is_refused_and_not_cut(document):
    body = document.sections[0]
    more = body.model_copy(update={"blocks": (*body.blocks, Quote(text="一句引文"))})
    with pytest.raises(Rejected):
        render_wechat(document.model_copy(update={"sections": (more,)}), PICTURES)


@pytest.mark.parametrize(("choice", "flags"), [(None, (0, 0)), ("open", (1, 0)), ("followers", (1, 1))])
def test_comments_are_open_as_the_editor_chose(plugin, server, pictures, make_picture_job, choice, flags):
    job = make_picture_job(specimen(pictures), VariantText(comments=choice))
    assert settle(plugin, job, server)
    sent = drafted(server)
    assert (sent["need_open_comment"], sent["only_fans_can_comment"]) == flags


def test_an_account_without_comments_gets_the_article_without_and_the_step_says_so(
    plugin, server, pictures, make_picture_job
):
    job = make_picture_job(specimen(pictures), VariantText(comments="open"), ["draft", "publish"])
    server.sandbox.fault("stall_review", platform="wechat")
    assert settle(plugin, job, server)
    assert [call for call in job.calls if "draft" in call] == ["draft", "draft without comments"]
    assert server.calls().count(ADD) == 2
    assert drafted(server)["need_open_comment"] == 0


def test_an_account_that_is_said_to_have_no_comments_without_any_goes_to_a_person(
    plugin, server, pictures, make_picture_job
):
    job = make_picture_job(specimen(pictures), VariantText(comments="open"))
    server.sandbox.fault("error", platform="wechat", path=ADD, code=88000, times=2)
    for _try in range(2):
        with pytest.raises(PermanentError) as refused:
            plugin.publish(job)
        assert refused.value.code == "88000"
        server.sandbox.fault("error", platform="wechat", path=ADD, code=88000)
