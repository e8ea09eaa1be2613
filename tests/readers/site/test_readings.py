"""What readers get is what the hub made of a genuine Release; whatever was written past it is not served."""

import datetime as dt
import logging

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from cms import releases
from cms.articles import Story
from cms.models import Office, Release, Role
from readers.models import Reading
from readers.snapshots import snapshots
from tests.factories import make_office, make_section, make_story, make_user
from tests.factories_release import make_release
from tests.triggers import lifted

FORGED = "未经审核的文字"


def addresses(page_id: int) -> list[str]:
    return [f"/a/{page_id}/", f"/api/v1/articles/{page_id}/"]


def lists(section_id: int) -> list[str]:
    return ["/", f"/s/{section_id}/", "/o/province/", "/api/v1/articles/"]


def assert_shown(reader, story, section):
    assert [reader.get(address).status_code for address in addresses(story.pk)] == [200, 200]
    for address in lists(section.pk):
        assert story.title in reader.get(address).content.decode(), address


def assert_not_served(reader, story, section, caplog):
    with caplog.at_level(logging.ERROR):
        for address in addresses(story.pk):
            response = reader.get(address)
            assert response.status_code == 404
            assert FORGED not in response.content.decode()
        for address in lists(section.pk):
            html = reader.get(address).content.decode()
            assert FORGED not in html and f"/a/{story.pk}/" not in html, address
    assert "not what the hub made" in caplog.text


def test_the_genuine_article_is_everywhere(story, cast, reader):
    assert_shown(reader, story, cast.section)


@pytest.mark.parametrize(
    "change",
    [
        {"title": FORGED},
        {"digest": FORGED},
        {"office_name": FORGED},
        {"kind": "policy"},
        {"cover_sha256": "a" * 64},
        {"assets": {"a" * 64: {"mime": "image/png", "filename": ""}}},
        {"html_sha256": "0" * 64},
        {"json_sha256": "0" * 64},
        {"sha256": "0" * 64},
        {"signature": b"x" * 64},
        {"key_id": "0" * 16},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_edited_reading_is_not_served_and_that_is_noted(story, cast, reader, caplog, change):
    assert_shown(reader, story, cast.section)  # and is remembered as genuine
    Reading.objects.update(**change)
    assert_not_served(reader, story, cast.section, caplog)


@pytest.mark.parametrize(
    "change",
    [{"section_id": 99999}, {"office_code": "elsewhere"}, {"first_public_from": timezone.now()}],
    ids=lambda change: next(iter(change)),
)
def test_a_reading_that_was_put_elsewhere_is_not_served_there_either(story, cast, reader, change):
    Reading.objects.update(**change)
    assert [reader.get(address).status_code for address in addresses(story.pk)] == [404, 404]


def test_what_is_not_due_does_not_become_due_by_an_edited_date(cast, reader, in_an_hour, caplog):
    story = make_story(cast.section, cast.editor)
    make_release(story, public_from=in_an_hour)
    Reading.objects.update(public_from=timezone.now() - dt.timedelta(days=1))
    assert_not_served(reader, story, cast.section, caplog)


@pytest.mark.parametrize("answer", ["html", "json"])
def test_an_edited_answer_is_not_served_and_that_is_noted(story, reader, caplog, answer):
    address = dict(zip(("html", "json"), addresses(story.pk), strict=True))[answer]
    stored = bytes(getattr(Reading.objects.get(), answer))
    assert reader.get(address).content == stored
    Reading.objects.update(**{answer: stored.replace("山里".encode(), "别处".encode())})
    with caplog.at_level(logging.ERROR):
        assert reader.get(address).status_code == 404
    assert "was changed" in caplog.text


def test_a_reading_written_by_hand_is_not_served(story, cast, reader, caplog):
    own = Reading.objects.get()
    Reading.objects.filter(pk=own.pk).delete()
    own.pk, own._state.adding = None, True
    own.title, own.html = FORGED, FORGED.encode()
    own.save()
    assert_not_served(reader, story, cast.section, caplog)


def test_a_reading_under_another_release_is_not_served(story, cast, reader, caplog):
    other = make_story(cast.section, cast.editor, title="另一篇")
    make_release(other)
    mine, theirs = Reading.objects.get(page_id=story.pk), Reading.objects.get(page_id=other.pk)
    theirs.delete()
    Reading.objects.filter(pk=mine.pk).update(release=theirs.release, page_id=other.pk)
    assert_not_served(reader, other, cast.section, caplog)


@pytest.mark.parametrize(
    "change", [{"document": b'{"title":"%s"}' % FORGED.encode()}, {"title": FORGED}, {"variants": b"{}  "}]
)
def test_an_edited_release_reaches_no_reader(story, cast, reader, change):
    with lifted():
        Release.objects.update(**change)
    for address in addresses(story.pk) + lists(cast.section.pk):
        html = reader.get(address).content.decode()
        assert story.title in html and FORGED not in html, "what was signed is still what is read"
    with pytest.raises(releases.Forged):
        snapshots.make(Release.objects.get(), section_id=cast.section.pk)


def test_a_release_under_another_hash_takes_its_reading_with_it(story, cast, reader, caplog):
    with lifted():
        Release.objects.update(sha256="0" * 64)
    assert_not_served(reader, story, cast.section, caplog)


def test_a_release_signed_by_another_key_makes_no_reading(story, cast):
    release = Release.objects.get()
    Reading.objects.all().delete()
    release.signature = b"x" * 64
    with pytest.raises(releases.Forged):
        snapshots.make(release, section_id=cast.section.pk)
    assert not Reading.objects.exists()


def test_readings_are_made_again_as_they_were(story, reader, capsys):
    told = ("html", "json", "sha256", "section_id")
    before = Reading.objects.values_list(*told).get()
    Reading.objects.update(title=FORGED, html=FORGED.encode())
    call_command("remake_readings")
    assert Reading.objects.values_list(*told).get() == before
    assert capsys.readouterr().out == "已生成 1 个读者页，0 个未通过核验。\n"


def test_making_again_leaves_out_what_is_not_genuine_and_says_so(story, cast, capsys):
    make_release(make_story(cast.section, cast.editor, title="另一篇"))
    with lifted():
        Release.objects.filter(page_id=story.pk).update(document=b"{}")
    call_command("remake_readings")
    said = capsys.readouterr()
    assert str(Release.objects.get(page_id=story.pk).id) in said.err
    assert said.out == "已生成 1 个读者页，1 个未通过核验。\n"
    assert Reading.objects.count() == 2


def test_an_article_that_is_moved_is_found_in_its_new_section(story, cast, reader):
    city = make_office("yunshan", name="云山市妇女联合会")
    section = make_section(city, title="云山故事")
    story.move(section, pos="last-child")
    assert story.title in reader.get(f"/s/{section.pk}/").content.decode()
    assert story.title not in reader.get(f"/s/{cast.section.pk}/").content.decode()
    html = reader.get(f"/a/{story.pk}/").content.decode()
    assert "云山故事" in html
    assert reader.get(f"/api/v1/articles/{story.pk}/").json()["section_id"] == section.pk
    assert Release.objects.get().office_code == "province", "whose it is stays as it was signed"


def test_an_article_that_is_moved_while_a_correction_waits_is_there_at_once_and_afterwards(
    story, cast, reader, in_an_hour
):
    page = Story.objects.get().get_latest_revision_as_object()
    page.save_revision(user=cast.editor)
    make_release(page, public_from=in_an_hour)
    section = make_section(cast.office, title="资料")
    Story.objects.get().move(section, pos="last-child")
    for moment in (in_an_hour - dt.timedelta(seconds=1), in_an_hour):
        with time_machine.travel(moment, tick=False):
            assert_shown(reader, story, section)
            assert story.title not in reader.get(f"/s/{cast.section.pk}/").content.decode()


def test_a_page_is_moved_though_one_of_its_releases_is_not_what_was_signed(story, cast, reader, caplog):
    page = Story.objects.get().get_latest_revision_as_object()
    page.save_revision(user=cast.editor)
    make_release(page)
    with lifted():
        Release.objects.filter(number=1).update(document=b"{}")
    section = make_section(cast.office, title="资料")
    Story.objects.get().move(section, pos="last-child")
    assert_shown(reader, story, section)
    assert "stays in its old section" in caplog.text


def test_moving_a_draft_shows_nobody_anything(cast, reader):
    draft = make_story(cast.section, cast.editor, title=FORGED)
    section = make_section(cast.office, title="别的栏目")
    draft.move(section, pos="last-child")
    assert FORGED not in reader.get(f"/s/{section.pk}/").content.decode()


def test_an_article_that_is_unpublished_is_gone_for_readers_until_it_is_signed_off_again(story, cast, reader):
    story.refresh_from_db()
    story.unpublish(user=cast.admin)
    for address in addresses(story.pk):
        assert reader.get(address).status_code == 404
    for address in lists(cast.section.pk):
        assert story.title not in reader.get(address).content.decode()
    call_command("remake_readings")
    Story.objects.get().move(make_section(Office.objects.get(), title="资料"), pos="last-child")
    assert reader.get(f"/a/{story.pk}/").status_code == 404, "making it again does not bring it back"
    again = Story.objects.get().get_latest_revision_as_object()
    again.save_revision(user=make_user("second", cast.office, Role.AUTHOR))
    make_release(again)
    assert_shown(reader, story, Story.objects.get().get_parent())


def test_what_was_unpublished_is_not_read_again_before_its_next_text_is(story, cast, reader, in_an_hour):
    Story.objects.get().unpublish(user=cast.admin)
    again = Story.objects.get().get_latest_revision_as_object()
    again.save_revision(user=cast.editor)
    make_release(again, public_from=in_an_hour)
    with time_machine.travel(in_an_hour - dt.timedelta(seconds=1), tick=False):
        assert [reader.get(address).status_code for address in addresses(story.pk)] == [404, 404]
        for address in lists(cast.section.pk):
            assert story.title not in reader.get(address).content.decode(), address
    with time_machine.travel(in_an_hour, tick=False):
        assert_shown(reader, story, cast.section)


def test_unpublishing_takes_a_correction_that_was_to_come_with_it(story, cast, reader, in_an_hour):
    page = Story.objects.get().get_latest_revision_as_object()
    page.save_revision(user=cast.editor)
    make_release(page, public_from=in_an_hour)
    Story.objects.get().unpublish(user=cast.admin)
    assert not snapshots.public(in_an_hour + dt.timedelta(days=1)).exists()
