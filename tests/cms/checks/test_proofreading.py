"""What a machine notices before review."""

from types import SimpleNamespace

import pytest
from wagtail.models import Page

from cms import channels
from cms.channels import SITE, Limits
from cms.checks.proofreading import Note, notes
from cms.models import SectionPage, Variant
from cms.refusals import Refused
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
    return channel


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
    "text",
    [
        *("点击这里", "这里", "点此处查看详情", "详情", "https://example.org/", "here", "下载"),
        *("详情>>", "点击这里。", "　更多→", "：原文》", "Click HERE", "More", "WWW.example.org"),
    ],
)
def test_a_link_must_say_where_it_leads(cast, text):
    [note] = found(cast, link(text))
    assert f"“{text}”" in note.sentence


@pytest.mark.parametrize("text", ["夜校 报名办法", "夜校　报名办法", "夜校<br/>报名办法", "长" * 2000])
def test_a_link_may_stand_on_words_of_any_length_with_blanks_between_them(cast, text):
    assert found(cast, link(text)) == []


def test_a_link_of_several_looks_is_named_once(cast):
    assert len(found(cast, link("点<b>击</b>这里"))) == 1


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


def test_a_table_is_as_wide_as_its_widest_row(cast):
    merged = {"row": 0, "col": 0, "rowspan": 1, "colspan": 5}
    grid = [["标题", "", "", "", ""], ["一格里有六个字"] * 5]
    [note] = found(cast, ("table", {"data": grid, "mergeCells": [merged]}))
    assert "5" in note.sentence


def test_a_cover_with_too_few_pixels_is_named_once_for_all_channels(cast):
    words = {"cover_alt": "窗", "cover_credit": "本会"}
    [note] = found(cast, cover=make_image(size=(899, 900)), **words)
    assert all(part in note.sentence for part in ("899", "900", "严格平台"))
    own = Variant(channel="strict", cover=make_image(size=(900, 900)), **words)
    assert found(cast, cover=make_image(size=(10, 10)), variants=[own], **words) == []


def test_every_channel_that_blurs_a_cover_is_named_and_never_the_micro_site(cast, one_channel):
    for slug, name in (("other", "另一平台"), (SITE, "微站")):
        channels.register(SimpleNamespace(**{**vars(one_channel), "slug": slug, "name": name}))
    cover = {"cover": make_image(size=(400, 400)), "cover_alt": "窗", "cover_credit": "本会"}
    [note] = found(cast, **cover)
    assert "严格平台、另一平台" in note.sentence and "微站" not in note.sentence


def test_a_title_that_just_fits_is_no_matter_and_one_of_a_variant_leads_to_the_title(cast):
    assert found(cast, title="一二三四五六七八九十") == []
    [note] = found(cast, title="一二三四五六七八九十长", variants=[Variant(channel="strict")])
    assert note.anchor == "#id_title"
    [note] = found(cast, variants=[Variant(channel="strict", form="pictures")])
    assert note.anchor == ""


def test_a_channel_that_cannot_count_says_so_itself(cast, one_channel):
    def refuse(text):
        raise Refused("严格平台无法计数。")

    one_channel.count = refuse
    assert found(cast) == [Note("严格平台无法计数。")]


def test_a_page_outside_of_every_office_is_told_to_move(cast):
    section = Page.get_first_root_node().add_child(instance=SectionPage(title="无主"))
    [note] = notes(make_story(section).latest_revision.as_object())
    assert "栏目" in note.sentence


def test_a_title_too_long_for_a_channel_without_a_variant_is_said_before_it_goes_there(cast):
    [note] = found(cast, title="一二三四五六七八九十长长长")
    assert all(part in note.sentence for part in ("3", "10", "严格平台")) and note.anchor == "#id_title"
    own = Variant(channel="strict", title="短的标题")
    assert found(cast, title="一二三四五六七八九十长长长", variants=[own]) == []


def test_what_sign_off_would_refuse_is_said_too(cast):
    image = {"image": make_image(), "alt": "", "credit": "本会", "caption": ""}
    missing, skipped = found(cast, ("image", image), heading("4", "小节"))
    assert "1" in missing.sentence and "小节" in skipped.sentence
