"""Who may ask: anybody, and whoever has a key is known; a wrong key is told, not taken for nobody."""

import pytest
from wagtail.models import APIToken

from tests.factories import make_story
from tests.factories_release import make_release
from tests.readers.api.conftest import Partner


@pytest.fixture
def key(cast) -> str:
    _token, key = APIToken.create_token(name="partner", user=cast.stranger)
    return key


@pytest.fixture
def story(cast):
    story = make_story(cast.section, cast.editor)
    make_release(story)
    make_story(cast.section, cast.editor, title="草稿")
    return story


def test_with_and_without_a_key_one_reads_the_same(story, partner, key):
    known = Partner(key)
    assert known.articles().content == partner.articles().content
    assert known.article(story.pk).content == partner.article(story.pk).content


def test_a_key_opens_no_draft_whoever_it_belongs_to(story, cast):
    for user in (cast.admin, cast.editor):
        known = Partner(APIToken.create_token(name="own", user=user)[1])
        assert known.titles() == [story.title]


def test_an_answer_with_a_key_costs_three_queries_at_most(story, key, django_assert_max_num_queries):
    for _ in range(2):
        with django_assert_max_num_queries(3):
            assert Partner(key).article(story.pk).status_code == 200


def test_a_wrong_a_revoked_and_a_left_persons_key_are_refused(story, cast, key):
    revoked, revoked_key = APIToken.create_token(name="old", user=cast.stranger)
    revoked.revoke()
    for wrong in ("x", revoked_key, key + "x"):
        assert Partner(wrong).articles().status_code == 401
        assert Partner(wrong).article(story.pk).status_code == 401
    cast.stranger.is_active = False
    cast.stranger.save()
    assert Partner(key).articles().status_code == 401


@pytest.mark.parametrize("header", ["Basic eDp5", "Bearer", "x"])
def test_credentials_of_another_kind_are_refused(story, header):
    partner = Partner()
    partner.headers = {"authorization": header}
    assert partner.article(story.pk).status_code == 401


def test_a_session_of_the_desk_means_nothing_here(story, cast, partner):
    partner.client.force_login(cast.admin)
    assert partner.titles() == [story.title]
    assert not partner.articles().cookies
