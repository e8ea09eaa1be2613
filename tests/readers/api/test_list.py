"""The list of public articles: what is in it, how it is filtered and paged, what it costs."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from cms.articles import Story
from cms.releases import withdrawals
from tests.factories import make_commentary, make_image, make_office, make_policy, make_section, make_story
from tests.factories_release import make_release
from tests.readers.site.shelves import fill


def test_a_line_says_what_an_app_needs_to_show_it(cast, partner, settings):
    settings.PUBLIC_URL = "https://hub.example.org"
    story = make_story(
        cast.section,
        cast.editor,
        digest="一间屋子，十年灯火。",
        cover=make_image(),
        cover_alt="书架",
        cover_credit="李梅摄",
    )
    release = make_release(story)
    response = partner.articles()
    assert response["Content-Type"] == "application/json; charset=utf-8"
    assert "山里的阅览室" in response.content.decode(), "as it is, not as escapes"
    [line] = response.json()["items"]
    cover = line.pop("cover")
    assert cover.startswith("https://hub.example.org/b/") and cover.endswith("/720")
    for name in ("public_from", "first_public_from"):
        assert dt.datetime.fromisoformat(line.pop(name)) == release.public_from
    assert line == {
        "page_id": story.pk,
        "kind": "story",
        "title": "山里的阅览室",
        "corrected_at": None,
        "digest": "一间屋子，十年灯火。",
        "office": {"code": "province", "name": "广东省妇联"},
        "section_id": cast.section.pk,
        "release_sha256": release.sha256,
        "article": f"https://hub.example.org/a/{story.pk}/",
        "api": f"https://hub.example.org/api/v1/articles/{story.pk}/",
    }


def test_drafts_and_texts_in_review_are_in_no_list(cast, partner):
    make_story(cast.section, cast.editor, title="草稿")
    assert partner.articles().json() == {"count": 0, "items": [], "next": None}


def test_articles_are_filtered_by_kind_office_and_section(cast, partner):
    city = make_office("yunshan", name="云山市妇女联合会")
    section = make_section(city, title="云山故事")
    make_release(make_story(section, title="云山的书屋"))
    make_release(make_policy(cast.section, cast.editor, title="政策"))
    make_release(make_commentary(cast.section, cast.editor, title="评论"))
    assert partner.titles() == ["评论", "政策", "云山的书屋"]
    assert partner.titles(kind="policy") == ["政策"]
    assert partner.titles(office="yunshan") == partner.titles(section=section.pk) == ["云山的书屋"]
    assert partner.titles(office="province", kind="commentary") == ["评论"]
    assert partner.titles(office="nowhere") == []


def test_since_gives_what_became_public_from_that_moment_on_corrections_too(cast, partner):
    monday, tuesday, wednesday = (timezone.now() - dt.timedelta(days=days) for days in (5, 4, 3))
    first = make_story(cast.section, cast.editor, title="先发的")
    released = make_release(first, public_from=monday)
    make_release(make_story(cast.section, cast.editor, title="后发的"), public_from=tuesday)
    assert partner.titles(since=tuesday.isoformat()) == ["后发的"]
    page = Story.objects.get(pk=first.pk).get_latest_revision_as_object()
    page.title = "更正"
    page.save_revision(user=cast.editor)
    corrected = make_release(page, public_from=wednesday)
    assert partner.titles(since=tuesday.isoformat()) == ["更正", "后发的"]
    line = partner.articles().json()["items"][0]
    moments = [dt.datetime.fromisoformat(line[name]) for name in ("first_public_from", "corrected_at")]
    assert moments == [released.public_from, corrected.public_from], "when readers saw it first stays"


def test_a_long_list_is_read_in_parts_that_fit_together(cast, partner):
    fill(cast.section, 45)
    first, second, third = (partner.articles(offset=offset).json() for offset in (0, 20, 40))
    assert [part["count"] for part in (first, second, third)] == [45, 45, 45]
    assert [len(part["items"]) for part in (first, second, third)] == [20, 20, 5]
    pages = [item["page_id"] for part in (first, second, third) for item in part["items"]]
    assert pages == sorted(set(pages), reverse=True) and len(pages) == 45
    assert len(partner.articles(limit=100).json()["items"]) == 45
    assert partner.articles(offset=45).json()["items"] == []


def test_the_list_costs_three_queries_however_long_it_is(cast, partner, django_assert_num_queries):
    for count, first_page_id in ((1, 1000), (50, 2000)):
        fill(cast.section, count, first_page_id=first_page_id)
        with django_assert_num_queries(3):
            partner.articles(limit=100, kind="story")


def test_a_long_list_is_read_on_by_its_cursor_while_new_articles_come(cast, partner):
    fill(cast.section, 45)
    first = partner.articles(section=cast.section.pk).json()
    fill(cast.section, 3, first_page_id=5000)
    second = partner.articles(section=cast.section.pk, cursor=first["next"]).json()
    third = partner.articles(section=cast.section.pk, cursor=second["next"]).json()
    pages = [item["page_id"] for part in (first, second, third) for item in part["items"]]
    assert [page for page in pages if page < 5000] == list(range(1044, 999, -1))
    assert first["next"] and second["next"] and third["next"] is None
    assert second["count"] == 48


def test_articles_of_one_moment_are_not_lost_between_two_pages(cast, partner):
    fill(cast.section, 25, apart=dt.timedelta())
    found, cursor = [], {}
    for _page in range(3):
        part = partner.articles(limit=10, **cursor).json()
        found += [item["page_id"] for item in part["items"]]
        cursor = {"cursor": part["next"]}
    assert part["next"] is None
    assert sorted(found) == list(range(1000, 1025))


def test_what_is_not_public_yet_comes_in_its_time(cast, partner):
    moment = timezone.now() + dt.timedelta(hours=1)
    make_release(make_story(cast.section, cast.editor, title="明早见报"), public_from=moment)
    assert partner.articles().json() == {"count": 0, "items": [], "next": None}
    with time_machine.travel(moment, tick=False):
        assert partner.titles() == ["明早见报"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "0"),
        ("limit", "101"),
        ("limit", "x"),
        ("offset", "-1"),
        ("cursor", "next"),
        ("cursor", "9" * 30 + "-1"),
        ("offset", "9" * 30),
        ("offset", str(2**63 - 1)),  # a number still, and none more can be added
        ("kind", "secret"),
        ("section", "0"),
        ("section", "9" * 30),
        ("office", "a\x00b"),
        ("office", "a" * 61),
        ("office", "'; DROP TABLE cms_reading"),
        ("since", "yesterday"),
        ("since", "2026-11-24T00:00:00"),  # without its zone
        ("since", "9" * 30),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused_by_its_name(cast, partner, name, value):
    response = partner.articles(**{name: value})
    assert response.status_code == 422
    assert name in response.json()["errors"][0]["loc"]


def test_a_cursor_beyond_every_number_is_the_end_or_the_beginning_of_the_list(cast, partner):
    fill(cast.section, 2)
    for moment, count in (("0", 0), ("9" * 17, 2)):
        part = partner.articles(cursor=f"{moment}-{'9' * 19}").json()
        assert len(part["items"]) == count


@pytest.mark.parametrize("value", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_the_ends_of_time_are_no_fault(cast, partner, value):
    assert partner.articles(since=value).status_code in (200, 422)


def test_what_is_withdrawn_is_in_no_list(cast, partner):
    story = make_story(cast.section, cast.editor)
    make_release(story)
    make_release(make_story(cast.section, cast.editor, title="还在的"))
    assert partner.titles() == ["还在的", story.title]
    withdrawals.withdraw(story, reason="数字写错了。", by=cast.duty)
    assert partner.titles() == ["还在的"] and partner.articles().json()["count"] == 1
