"""What a machine notices before review."""

from types import SimpleNamespace

import pytest

from cms import channels
from cms.channels import Limits
from cms.checks.proofreading import notes
from cms.models import Variant
from tests.factories import make_image, make_policy, make_story

pytestmark = pytest.mark.django_db
PLAIN = ("paragraph", "<p>一段话。</p>")


@pytest.fixture(autouse=True)
def one_channel(monkeypatch):
    channel = SimpleNamespace(
        slug="strict",
        name="严格平台",
        limits=Limits(title_chars=10),
        covers=((900, 400), (400, 400)),
        themes={},
        count=len,
        body_length=lambda document, variant: 0,
    )
    monkeypatch.setattr(channels, "_channels", {})
    channels.register(channel)


def found(cast, *body, make=make_story, **fields):
    page = make(cast.section, cast.editor, body=list(body) or [PLAIN], **fields)
    return notes(page.latest_revision.as_object())


def heading(level, text="小标题"):
    return ("heading", {"level": level, "text": text})


def link(text):
    return ("paragraph", f'<p>报名请看<a href="https://example.org/">{text}</a>。</p>')


def table(columns):
    return ("table", {"data": [["一格里有六个字"] * columns], "mergeCells": [], "table_header_choice": "row"})


def test_a_plain_text_has_nothing_to_notice(cast):
    cover = {"cover": make_image(size=(900, 400)), "cover_alt": "窗", "cover_credit": "本会"}
    body = [heading("2"), heading("3"), heading("4"), heading("2"), link("报名办法"), table(4)]
    assert found(cast, PLAIN, *body, **cover) == []


@pytest.mark.parametrize("levels", [["3"], ["2", "4"], ["2", "3", "2", "4"]])
def test_a_level_of_headings_that_was_skipped_is_named(cast, levels):
    [note] = found(cast, PLAIN, *[heading(level, f"第{level}级") for level in levels])
    assert f"第{levels[-1]}级" in note.sentence


def test_each_part_begins_its_headings_anew(cast):
    body = [PLAIN, heading("2"), heading("3")]
    assert found(cast, *body, make=make_policy, original=[heading("2"), PLAIN]) == []
    [note] = found(cast, *body, make=make_policy, original=[heading("3"), PLAIN])
    assert note.anchor


@pytest.mark.parametrize(
    "text", ["点击这里", "这里", "点此处查看详情", "详情", "https://example.org/", "here", "下载"]
)
def test_a_link_must_say_where_it_leads(cast, text):
    [note] = found(cast, link(text))
    assert f"“{text}”" in note.sentence


@pytest.mark.parametrize("text", ["夜校 报名办法", "夜校　报名办法", "夜校<br/>报名办法", "长" * 2000])
def test_a_link_may_stand_on_words_of_any_length_with_blanks_between_them(cast, text):
    assert found(cast, link(text)) == []


def test_links_in_lists_clauses_and_answers_are_read_as_well(cast):
    rich = '<p><a href="https://example.org/">点击这里</a></p>'
    body = [
        ("list", '<ul><li><a href="https://example.org/">点击这里</a></li></ul>'),
        ("clause", {"level": "1", "number": "一、", "text": rich}),
        ("qa", {"question": "怎么报名？", "answer": rich}),
    ]
    assert len(found(cast, *body)) == 3


def test_a_table_wider_than_a_phone_is_named_with_its_place(cast):
    story = make_story(cast.section, cast.editor, body=[PLAIN, table(5)])
    draft = story.latest_revision.as_object()
    [note] = notes(draft)
    assert "5" in note.sentence and note.anchor == f"#block-{draft.body[1].id}-section"


def test_a_cover_with_too_few_pixels_is_named_once_for_all_channels(cast):
    words = {"cover_alt": "窗", "cover_credit": "本会"}
    [note] = found(cast, cover=make_image(size=(899, 900)), **words)
    assert all(part in note.sentence for part in ("899", "900", "严格平台"))
    own = Variant(channel="strict", cover=make_image(size=(900, 900)), **words)
    assert found(cast, cover=make_image(size=(10, 10)), variants=[own], **words) == []


def test_a_title_too_long_for_a_channel_without_a_variant_is_said_before_it_goes_there(cast):
    [note] = found(cast, title="一二三四五六七八九十长长长")
    assert all(part in note.sentence for part in ("3", "10", "严格平台")) and note.anchor == "#id_title"
    own = Variant(channel="strict", title="短的标题")
    assert found(cast, title="一二三四五六七八九十长长长", variants=[own]) == []


def test_what_sign_off_would_refuse_is_said_too(cast):
    image = {"image": make_image(), "alt": "", "credit": "本会", "caption": ""}
    [note] = found(cast, ("image", image))
    assert "1" in note.sentence
