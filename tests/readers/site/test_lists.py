"""Front page, sections and offices: what is public, in a bounded number of queries."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from cms.models import Office, SectionPage
from tests.factories import make_image, make_office, make_section, make_story
from tests.factories_release import approve_all, make_release, ready_for_review, submit
from tests.readers.site.shelves import fill


@pytest.fixture
def full(cast):
    """A section with fifty articles beside another one with three."""
    fill(cast.section, 50)
    fill(make_section(cast.office, title="政策解读"), 3, first_page_id=2000)
    return cast


def read(reader, address: str) -> str:
    response = reader.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_the_front_page_shows_the_newest_article_and_each_sections_newest_four(full, reader):
    html = read(reader, "/")
    assert html.count('<section class="shelf"') == 2
    assert html.count('<li class="item">') == 4 + 3 - 1, "the article on top is not shown twice"
    assert f'href="/s/{full.section.pk}/"' in html


@pytest.mark.parametrize(
    ("address", "queries"),
    [
        ("/", 5),
        ("/s/{section}/", 5),
        ("/s/{section}/?page=3", 5),
        ("/o/province/", 5),
        ("/o/province/?page=3", 5),
    ],
)
def test_lists_cost_the_same_with_fifty_articles_as_with_one(
    cast, reader, address, queries, django_assert_num_queries
):
    address = address.format(section=cast.section.pk)
    fill(cast.section, 1)
    with django_assert_num_queries(queries):
        reader.get(address)
    fill(cast.section, 50, first_page_id=3000)
    with django_assert_num_queries(queries):
        reader.get(address)


def test_a_section_is_read_page_by_page(full, reader):
    address = f"/s/{full.section.pk}/"
    first, second, third = (read(reader, f"{address}?page={number}") for number in (1, 2, 3))
    assert [html.count('<li class="item">') for html in (first, second, third)] == [20, 20, 10]
    assert 'rel="next" href="?page=2"' in first and 'rel="prev"' not in first
    assert "第 2 页" in second and "共 3 页" in second
    assert 'rel="prev" href="?page=2"' in third and 'rel="next"' not in third
    shown = [f"第{number}篇" for number in range(1000, 1050)]
    assert all((first + second + third).count(f">{title}<") == 1 for title in shown)


@pytest.mark.parametrize("number", ["0", "-1", "99", "x", "1e9", "9" * 400, "%00", ""])
def test_any_page_number_leads_somewhere(full, reader, number):
    assert '<li class="item">' in read(reader, f"/s/{full.section.pk}/?page={number}")


def test_an_office_shows_its_own_articles_whatever_section_they_stand_in(cast, reader):
    city = make_office("yunshan", name="云山市妇女联合会")
    make_release(make_story(make_section(city, title="云山故事"), title="云山的书屋"))
    make_release(make_story(cast.section, cast.editor, title="省里的书屋"))
    html = read(reader, "/o/yunshan/")
    assert "云山的书屋" in html and "云山故事" in html and "省里的书屋" not in html
    front = read(reader, "/")
    assert "云山的书屋" in front and "云山市妇女联合会" in front


def test_a_list_shows_title_digest_cover_and_the_first_date(cast, reader):
    story = make_story(
        cast.section,
        cast.editor,
        digest="一间屋子，十年灯火。",
        cover=make_image(),
        cover_alt="书架",
        cover_credit="李梅摄",
    )
    with time_machine.travel(timezone.now() - dt.timedelta(days=9), tick=True):
        release = make_release(story)
    html = read(reader, f"/s/{cast.section.pk}/")
    assert "山里的阅览室" in html and "一间屋子，十年灯火。" in html
    assert f'datetime="{timezone.localtime(release.public_from).isoformat()}"' in html
    [cover] = set(bytes(release.assets).decode().split('"')[1::2])
    assert f'src="/b/{cover}/360"' in html
    assert reader.get(f"/b/{cover}/360").status_code == 200


def test_a_correction_stays_where_the_article_was_and_shows_its_newest_title(cast, reader):
    old, new = timezone.now() - dt.timedelta(days=9), timezone.now() - dt.timedelta(days=2)
    story = make_story(cast.section, cast.editor, title="先发的")
    make_release(story, public_from=old)
    make_release(make_story(cast.section, cast.editor, title="后发的"), public_from=new)
    correct(story, cast, title="先发的（更正）")
    html = read(reader, f"/s/{cast.section.pk}/")
    assert html.index("后发的") < html.index("先发的（更正）")
    assert html.count('<li class="item">') == 2


def test_what_is_not_public_yet_is_in_no_list_and_appears_in_time(cast, reader, in_an_hour):
    story = make_story(cast.section, cast.editor, title="明早见报")
    make_release(story, public_from=in_an_hour)
    places = ("/", f"/s/{cast.section.pk}/", "/o/province/")
    assert not [place for place in places if "明早见报" in read(reader, place)]
    assert reader.get(f"/a/{story.pk}/").status_code == 404
    with time_machine.travel(in_an_hour + dt.timedelta(seconds=1), tick=False):
        assert all("明早见报" in read(reader, place) for place in places)
        assert reader.get(f"/a/{story.pk}/").status_code == 200


def test_until_a_correction_is_public_the_old_text_is_read(cast, reader, in_an_hour):
    story = make_story(cast.section, cast.editor, title="原来的题目")
    make_release(story)
    with time_machine.travel(in_an_hour - dt.timedelta(minutes=30), tick=True):
        correct(story, cast, public_from=in_an_hour, title="更正的题目")
    with time_machine.travel(in_an_hour - dt.timedelta(seconds=10), tick=False):
        response = reader.get(f"/a/{story.pk}/")
        assert "原来的题目" in response.content.decode()
        assert "max-age=10" in response["Cache-Control"], "no copy outlives the old text"
        assert "原来的题目" in read(reader, "/")
    with time_machine.travel(in_an_hour, tick=False):
        assert "更正的题目" in read(reader, f"/a/{story.pk}/")
        html = read(reader, f"/s/{cast.section.pk}/")
        assert "更正的题目" in html and "原来的题目" not in html


def test_the_front_page_shows_the_newest_of_each_section(cast, reader):
    made = fill(cast.section, 6)
    html = read(reader, "/")
    shown = sorted(
        (reading for reading in made if reading.title in html), key=lambda each: html.index(each.title)
    )
    assert shown == made[:1:-1]


def test_a_section_that_nobody_published_has_no_name_for_readers(cast, reader):
    draft = cast.office.branch.specific.add_child(instance=SectionPage(title="尚未公布的栏目", live=False))
    story = make_story(draft, cast.editor)
    make_release(story)
    assert reader.get(f"/s/{draft.pk}/").status_code == 404
    for address in ("/", "/o/province/", f"/a/{story.pk}/"):
        html = read(reader, address)
        assert "山里的阅览室" in html and "尚未公布的栏目" not in html


def test_empty_places_say_what_will_be_there(cast, reader):
    for address in ("/", f"/s/{cast.section.pk}/", "/o/province/"):
        html = read(reader, address)
        assert 'class="empty"' in html and "这里" in html


@pytest.mark.parametrize(
    "address", ["/s/1/", "/s/99999/", "/s/999999999999999999999/", "/o/nowhere/", "/a/999999999999999999999/"]
)
def test_an_address_that_is_none_is_answered_in_chinese(cast, reader, address):
    response = reader.get(address)
    assert response.status_code == 404
    html = response.content.decode()
    assert "这里没有内容" in html and 'href="/"' in html


def test_a_hub_without_its_home_page_still_answers(db, reader):
    assert not Office.objects.exists()
    assert 'class="empty"' in read(reader, "/")


def test_lists_may_be_kept_for_a_minute_and_run_no_script(full, reader):
    for address in ("/", f"/s/{full.section.pk}/", "/o/province/"):
        response = reader.get(address)
        assert "max-age=60" in response["Cache-Control"] and "public" in response["Cache-Control"]
        assert "default-src 'none'" in response["Content-Security-Policy"]
        assert response["X-Content-Type-Options"] == "nosniff"
        assert not response.cookies and "<script" not in response.content.decode()


def correct(story, cast, public_from=None, **changes):
    ready_for_review()
    story.refresh_from_db()
    page = story.get_latest_revision_as_object()
    for name, value in changes.items():
        setattr(page, name, value)
    page.go_live_at = public_from
    page.save_revision(user=cast.editor)
    submit(page, cast.editor)
    return approve_all(page)
