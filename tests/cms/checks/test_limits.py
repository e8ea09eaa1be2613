from types import SimpleNamespace

import pytest

from cms import channels
from cms.channels import Limits
from cms.checks import limits
from cms.document.build import build
from cms.models import Variant
from cms.refusals import Refused
from tests.factories import make_image, make_policy, make_story

pytestmark = pytest.mark.django_db


@pytest.fixture
def strict(monkeypatch):
    """A channel that takes titles of 5 to 10, digests of 8 and texts of 20 characters; ASCII counts half."""
    channel = SimpleNamespace(
        slug="strict",
        name="严格平台",
        limits=Limits(title_chars=10, title_chars_min=5, digest_chars=8, author_chars=4, body_chars=20),
        count=lambda text: sum(1 if ord(c) > 127 else 0.5 for c in text).__ceil__(),
        covers=((900, 383),),
        themes={},
        preview=lambda document, variant: f"<p>{variant.title or document.title}</p>",
        body_length=lambda document, variant: len(limits.body_text(document)),
    )
    monkeypatch.setattr(channels, "_channels", {})
    channels.register(channel)
    return channel


def found(section, *variants, **fields):
    story = make_story(section, variants=list(variants), **fields)
    return {(p.field, p.sentence) for p in limits.problems(build(story.latest_revision.as_object()))}


def fields(problems):
    return sorted(field for field, _ in problems)


def test_only_channels_with_a_variant_are_asked(cast, strict):
    assert found(cast.section, title="很长" * 20) == set()


def test_a_title_too_long_is_said_by_how_much(cast, strict):
    ((field, sentence),) = found(cast.section, Variant(channel="strict"), title="一二三四五六七八九十abcd")
    assert field == "title"
    assert all(part in sentence for part in ("2", "10", "严格平台"))


def test_the_variants_own_words_count_instead_of_the_articles(cast, strict):
    variant = Variant(channel="strict", title="短而恰好的题", digest="摘要", author="李梅")
    assert found(cast.section, variant, title="很长" * 20, digest="长" * 9, byline="长" * 5) == set()


@pytest.mark.parametrize("title", ["恰好五个字", "恰好十个字的一个题目"])
def test_what_is_exactly_as_long_or_as_short_as_the_channel_takes_goes_out(cast, strict, title):
    body = [("paragraph", f"<p>{'长' * 20}</p>")]
    words = {"title": title, "digest": "摘" * 8, "byline": "四个字名", "body": body}
    assert found(cast.section, Variant(channel="strict"), **words) == set()


def refuse(text):
    raise Refused("严格平台无法计数。")


def test_a_channel_that_cannot_count_says_so_itself_and_has_no_live_counters(cast, strict):
    broken = SimpleNamespace(**{**vars(strict), "slug": "broken", "count": refuse})
    channels.register(broken)
    assert found(cast.section, Variant(channel="broken")) == {("channel", "严格平台无法计数。")}
    assert list(limits.for_editor()) == ["strict"]


def test_all_words_of_the_text_count_and_none_that_are_only_about_it(cast):
    contact = {"name": "庚", "hotline": "辛", "address": "壬", "hours": "癸"}
    picture = {"image": make_image(), "alt": "无", "credit": "无", "caption": "乙"}
    body = [
        ("heading", {"level": 2, "text": "甲"}),
        ("image", picture),
        ("quote", {"text": "丙", "attribution": "丁"}),
        ("qa", {"question": "戊", "answer": "<p>己</p>"}),
        ("contact", contact),
        ("callout", {"title": "子", "text": "丑"}),
        ("table", {"data": [["寅"]], "table_caption": "卯"}),
    ]
    original = [("clause", {"number": "一、", "level": 1, "text": "<p>辰</p>"})]
    policy = make_policy(cast.section, body=body, original=original)
    text = limits.body_text(build(policy.latest_revision.as_object()).document)
    assert sorted(text) == sorted("甲乙丙丁戊己庚辛壬癸子丑寅卯一、辰")


def test_every_limit_is_held_against_the_text(cast, strict):
    text = [("paragraph", f"<p>{'长' * 15}</p>"), ("quote", {"text": "长" * 6, "attribution": ""})]
    variant = Variant(channel="strict", title="短")
    assert fields(found(cast.section, variant, digest="长" * 9, byline="长" * 5, body=text)) == [
        "author",
        "body",
        "digest",
        "title",
    ]


def test_a_variant_of_a_channel_that_is_not_installed_is_a_problem(cast, strict):
    assert fields(found(cast.section, Variant(channel="gone"))) == ["channel"]


def test_the_editor_learns_from_the_channel_how_it_counts_and_what_it_takes(strict):
    assert limits.for_editor()["strict"] == {
        "name": "严格平台",
        "covers": ((900, 383),),
        "title": 10,
        "titleMin": 5,
        "titleAdvised": None,
        "digest": 8,
        "author": 4,
        "weights": [0.5, 1, 1],
    }


def test_the_micro_site_has_no_variant_of_its_own(strict):
    channels.register(SimpleNamespace(**{**vars(strict), "slug": channels.SITE}))
    assert limits.choices() == [("strict", "严格平台")]


@pytest.mark.parametrize(
    ("choice", "offer"), [({"form": "pictures"}, "pictures"), ({"comments": "open"}, "comments")]
)
def test_a_choice_that_the_channel_does_not_offer_is_said(cast, strict, choice, offer):
    variant = Variant(channel="strict", title="恰好的题目", **choice)
    assert fields(found(cast.section, variant, body=[("paragraph", "<p>短</p>")])) == [offer]
    strict.limits = Limits(offers=(offer,))
    assert found(cast.section, variant, body=[("paragraph", "<p>短</p>")]) == set()


def test_a_title_longer_than_advised_is_no_problem_and_the_editor_learns_of_it(cast, strict):
    strict.limits = Limits(title_chars_advised=6)
    assert found(cast.section, Variant(channel="strict"), title="一二三四五六七八九十") == set()
    assert limits.for_editor()["strict"]["titleAdvised"] == 6
