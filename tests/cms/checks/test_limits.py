from types import SimpleNamespace

import pytest

from cms import channels
from cms.channels import Limits
from cms.checks import limits
from cms.document.build import build
from cms.models import Variant
from tests.factories import make_story

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


def test_the_editor_learns_from_the_channel_how_it_counts(strict):
    assert limits.for_editor()["strict"]["weights"] == [0.5, 1, 1]


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
