"""What the editor is told of her saved text, and who may ask."""

import dataclasses

import pytest
from django.urls import reverse

from cms import channels
from cms.models import Role, Variant
from cms.refusals import Refused
from cms.review.setup import ensure_workflows
from tests.factories import make_image, make_office, make_story, make_user

pytestmark = pytest.mark.django_db
LONG = "岭南省妇女联合会关于建设女性求职服务驿站的通知：去哪里、找谁办、要带什么，一次看懂"


@pytest.fixture
def story(cast):
    ensure_workflows()
    words = {"cover": make_image(), "cover_alt": "窗", "cover_credit": "本会"}
    return make_story(cast.section, cast.editor, title=LONG, variants=[Variant(channel="wechat")], **words)


def ask(client, story):
    return client.get(reverse("hub_fitting", args=[story.pk]))


def test_an_editor_hears_lengths_notes_and_the_words_for_a_digest(client, cast, story):
    client.force_login(cast.editor)
    told = ask(client, story).json()
    assert told["lengths"]["wechat"]["limit"] == "19,999"
    assert int(told["lengths"]["wechat"]["length"].replace(",", "")) > 200
    assert "微信公众号" in told["notes"] and "600" in told["notes"]
    assert told["paragraphs"] == ["她在村口办起了第一间儿童阅览室。"]


def test_a_text_just_as_long_as_a_channel_takes_is_not_too_long(client, cast, story, monkeypatch):
    channel = channels.get("wechat")
    client.force_login(cast.editor)
    length = int(ask(client, story).json()["lengths"]["wechat"]["length"].replace(",", ""))
    for limit, is_over in ((length, False), (length - 1, True)):
        monkeypatch.setattr(channel, "limits", dataclasses.replace(channel.limits, body_chars=limit))
        assert ask(client, story).json()["lengths"]["wechat"]["over"] is is_over


def test_an_incomplete_text_has_no_length_yet_and_says_why(client, cast):
    story = make_story(cast.section, cast.editor, body=[])
    client.force_login(cast.editor)
    told = ask(client, story).json()
    assert told["lengths"] == {} and "<li>" in told["notes"]


def test_its_reviewers_may_ask_and_people_of_elsewhere_may_not(client, cast, story):
    city = make_office("shaoguan", parent=cast.office)
    for person, status in (
        (cast.reviewer1, {200}),
        (cast.stranger, {302, 403}),
        (make_user("elsewhere", city, Role.AUTHOR), {302, 403}),
    ):
        client.force_login(person)
        assert ask(client, story).status_code in status
    assert client.get(reverse("hub_fitting", args=[cast.section.pk])).status_code in (302, 403)


def test_asking_costs_the_same_whatever_the_text_holds(client, cast, story, django_assert_max_num_queries):
    client.force_login(cast.editor)
    ask(client, story)
    with django_assert_max_num_queries(30):
        ask(client, story)


def shorter(client, **given):
    return client.post(reverse("hub_shorter"), given)


def test_shorter_titles_and_digests_fit_the_channel(client, cast):
    client.force_login(cast.editor)
    titles = shorter(client, channel="wechat", field="title", text=LONG).json()["texts"]
    assert titles and all(title in LONG and len(title) <= 32 for title in titles)
    texts = ["一句话。" * 40, "她在村口办起了阅览室。"]
    digests = shorter(client, channel="wechat", field="digest", text=texts).json()["texts"]
    assert digests == ["一句话。" * 30, "她在村口办起了阅览室。"]


def test_a_digest_is_made_of_the_first_three_paragraphs_and_of_no_more_than_is_read(client, cast):
    body = [("paragraph", "".join(f"<p>第{number}段。</p>" for number in range(5)))]
    story = make_story(cast.section, cast.editor, body=body)
    client.force_login(cast.editor)
    assert ask(client, story).json()["paragraphs"] == ["第0段。", "第1段。", "第2段。"]
    texts = ["很短。" + " " * 2000 + "没有读到。", "甲。", "乙。", "丙。", "丁。"]
    fitting = shorter(client, channel="wechat", field="digest", text=texts).json()["texts"]
    assert fitting == ["很短。", "甲。", "乙。"]


@pytest.mark.parametrize("variants", [0, 1])
def test_a_channel_that_cannot_count_offers_nothing_and_says_why(client, cast, variants, monkeypatch):
    def refuse(*given):
        raise Refused("这个平台无法计数。")

    monkeypatch.setattr(channels.get("wechat"), "body_length", refuse)
    story = make_story(cast.section, cast.editor, variants=[Variant(channel="wechat")][:variants])
    client.force_login(cast.editor)
    told = ask(client, story).json()
    assert "wechat" not in told["lengths"] and told["notes"].count("这个平台无法计数。") == 1
    monkeypatch.setattr(channels.get("wechat"), "count", refuse)
    assert shorter(client, channel="wechat", field="title", text=LONG).json() == {"texts": []}


def test_no_title_is_offered_that_the_channel_finds_too_short(client, cast, monkeypatch):
    channel = channels.get("wechat")
    client.force_login(cast.editor)
    for least, offered in ((2, ["夜校"]), (3, [])):
        limits = dataclasses.replace(channel.limits, title_chars=4, title_chars_min=least)
        monkeypatch.setattr(channel, "limits", limits)
        assert shorter(client, channel="wechat", field="title", text="夜校：一间教室").json() == {
            "texts": offered
        }


def test_nothing_is_offered_where_there_is_no_limit_and_nobody_outside_may_ask(client, cast):
    assert shorter(client, channel="wechat", field="title", text=LONG).status_code == 302
    client.force_login(cast.editor)
    assert shorter(client, channel="site", field="title", text=LONG).json() == {"texts": []}
    assert shorter(client, channel="nowhere", field="title", text=LONG).status_code == 404
    assert client.get(reverse("hub_shorter")).status_code == 405


def test_a_reviewer_reads_the_notes_where_she_decides(client, cast, story):
    story.get_workflow().start(story, cast.editor)
    state = story.current_workflow_task_state
    client.force_login(cast.reviewer1)
    url = reverse("wagtailadmin_pages:workflow_action", args=[story.pk, "approve", state.pk])
    shown = client.get(url, headers={"x-requested-with": "XMLHttpRequest"}).content.decode()
    assert "hub-notes" in shown and "600" in shown
