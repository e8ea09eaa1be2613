"""A withdrawal takes an article from all readers at once, by one signed decision of a duty editor."""

import datetime as dt

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.utils import timezone
from wagtail.models import Page

from cms import releases
from cms.models import Release, Role, Withdrawal
from cms.refusals import Refused
from cms.releases import withdrawals
from tests.factories import make_office, make_section, make_story, make_user
from tests.factories_release import make_release
from tests.triggers import lifted

pytestmark = pytest.mark.django_db


@pytest.fixture
def release(cast):
    return make_release(cast=cast)


@pytest.fixture
def page(release):
    return Page.objects.get(pk=release.page_id).specific


def withdraw(page, by, **said):
    return withdrawals.withdraw(page, **{"reason": "数字写错了。", **said}, by=by)


def correct(page, cast, title="更正：山里的阅览室", public_from=None):
    page.refresh_from_db()
    page.title = title
    page.save_revision(user=cast.editor)
    return make_release(page, public_from=public_from)


def test_readers_get_a_notice_instead_of_the_article(page, cast, client):
    withdraw(page, cast.duty, notice="更正后的文章随后发布。")
    answer = client.get(f"/a/{page.pk}/")
    shown = answer.content.decode()
    assert answer.status_code == 410
    assert "撤" in shown and page.title in shown and "更正后的文章随后发布。" in shown
    assert "儿童阅览室" not in shown and "数字写错了" not in shown


def test_readers_and_partners_are_told_the_moment_by_chinas_clocks(page, cast, client):
    with time_machine.travel(dt.datetime(2031, 3, 1, 16, 30, tzinfo=dt.UTC), tick=False):
        withdraw(page, cast.duty)
        assert "2031年3月2日 00:30" in client.get(f"/a/{page.pk}/").content.decode()
        detail = client.get(f"/api/v1/articles/{page.pk}/").json()["detail"]
        assert "2031-03-02T00:30:00+08:00" in detail


def test_partners_are_told_when_it_went_and_lists_name_it_no_more(page, cast, client):
    assert client.get("/api/v1/articles/").json()["count"] == 1
    withdraw(page, cast.duty)
    answer = client.get(f"/api/v1/articles/{page.pk}/")
    assert answer.status_code == 410 and page.title in answer.json()["detail"]
    assert client.get("/api/v1/articles/").json()["count"] == 0
    for address in ("/", f"/s/{cast.section.pk}/"):
        assert page.title not in client.get(address).content.decode()


def test_another_text_of_the_page_is_shown_after_another_review(page, cast, client):
    withdraw(page, cast.duty)
    correct(page, cast)
    answer = client.get(f"/a/{page.pk}/")
    assert answer.status_code == 200 and "更正：山里的阅览室" in answer.content.decode()


def test_what_was_withdrawn_is_not_read_again_before_its_next_text_is(page, cast, client):
    tomorrow = timezone.now().replace(microsecond=0) + dt.timedelta(days=1)
    places = ("/", f"/s/{cast.section.pk}/", "/o/province/", "/api/v1/articles/")
    addresses = (*places, f"/a/{page.pk}/", f"/api/v1/articles/{page.pk}/")
    withdraw(page, cast.duty)
    correct(page, cast, title="换了题目", public_from=tomorrow)
    with time_machine.travel(tomorrow - dt.timedelta(seconds=1), tick=False):
        for address in addresses:
            shown = client.get(address).content.decode()
            assert "儿童阅览室" not in shown and "换了题目" not in shown, address
            assert address not in places or "山里的阅览室" not in shown, address
    with time_machine.travel(tomorrow, tick=False):
        assert all("换了题目" in client.get(address).content.decode() for address in addresses)


def test_what_is_on_its_way_is_withdrawn_before_any_reader_sees_it(cast, client):
    tomorrow = timezone.now().replace(microsecond=0) + dt.timedelta(days=1)
    page = make_story(cast.section, cast.editor)
    make_release(page, public_from=tomorrow)
    withdraw(page, cast.duty)
    with time_machine.travel(tomorrow, tick=False):
        assert client.get("/api/v1/articles/").json()["count"] == 0
        assert client.get(f"/a/{page.pk}/").status_code == 410


def test_a_text_that_no_reader_saw_is_not_corrected_by_the_next(cast, client):
    soon, later = (timezone.now().replace(microsecond=0) + dt.timedelta(days=days) for days in (1, 2))
    page = make_story(cast.section, cast.editor)
    make_release(page, public_from=soon)
    withdraw(page, cast.duty)
    correct(page, cast, title="换了题目", public_from=later)
    call_command("remake_readings")
    with time_machine.travel(later, tick=False):
        answer = client.get(f"/api/v1/articles/{page.pk}/").json()
        assert answer["first_public_from"] == answer["public_from"] and "corrected_at" not in answer
        [line] = client.get("/api/v1/articles/").json()["items"]
        assert line["first_public_from"] == line["public_from"] and line["corrected_at"] is None
        assert "更正" not in client.get(f"/a/{page.pk}/").content.decode()


def test_the_notice_stays_until_another_text_of_the_page_is_public(page, cast, client):
    tomorrow = timezone.now().replace(microsecond=0) + dt.timedelta(days=1)
    withdraw(page, cast.duty, notice="更正后的文章随后发布。")
    correct(page, cast, public_from=tomorrow)
    addresses = (f"/a/{page.pk}/", f"/api/v1/articles/{page.pk}/")
    with time_machine.travel(tomorrow - dt.timedelta(seconds=1), tick=False):
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code == 410, address
            assert "更正后的文章随后发布。" in answer.content.decode(), address
    with time_machine.travel(tomorrow, tick=False):
        assert [client.get(address).status_code for address in addresses] == [200, 200]


def test_what_is_unpublished_after_it_came_back_has_no_notice_of_before(page, cast, client):
    withdraw(page, cast.duty)
    correct(page, cast)
    Page.objects.get(pk=page.pk).specific.unpublish(user=cast.admin)
    for address in (f"/a/{page.pk}/", f"/api/v1/articles/{page.pk}/"):
        assert client.get(address).status_code == 404, address


@pytest.mark.parametrize("days", [0, 1], ids=["before", "for later"])
def test_a_text_that_was_corrected_is_withdrawn_with_a_notice_too(days, page, cast, client):
    correct(page, cast, public_from=timezone.now() + dt.timedelta(days=days) if days else None)
    withdraw(page, cast.duty, notice="全文撤回。")
    for address in (f"/a/{page.pk}/", f"/api/v1/articles/{page.pk}/"):
        answer = client.get(address)
        assert answer.status_code == 410, address
        assert "更正：山里的阅览室" in answer.content.decode() and "全文撤回。" in answer.content.decode()


def test_of_two_withdrawals_of_a_page_readers_are_told_the_second(page, cast, client):
    withdraw(page, cast.duty, notice="第一次撤回。")
    correct(page, cast)
    withdraw(page, cast.duty, notice="第二次撤回。")
    for address in (f"/a/{page.pk}/", f"/api/v1/articles/{page.pk}/"):
        answer = client.get(address)
        assert answer.status_code == 410, address
        assert "第二次撤回。" in answer.content.decode() and "第一次" not in answer.content.decode()


@pytest.mark.parametrize("who", ["editor", "reviewer1", "liaison", "admin", "stranger"])
def test_only_a_duty_editor_withdraws(who, page, cast, client):
    with pytest.raises(PermissionDenied):
        withdraw(page, getattr(cast, who))
    assert client.get(f"/a/{page.pk}/").status_code == 200


def test_a_duty_editor_of_another_office_does_not(page, cast):
    elsewhere = make_user("elsewhere", make_office("city"), Role.DUTY_EDITOR)
    with pytest.raises(PermissionDenied):
        withdraw(page, elsewhere)


def test_a_duty_editor_of_an_office_above_does_and_one_of_an_office_below_does_not(release, page, cast):
    city = make_office("city")
    of_city = make_user("of_city", city, Role.DUTY_EDITOR)
    with pytest.raises(PermissionDenied):
        withdraw(page, of_city)
    theirs = make_release(make_story(make_section(city), make_user("their_author", city, Role.AUTHOR)))
    assert withdraw(Page.objects.get(pk=theirs.page_id), cast.duty).page_id == theirs.page_id


def test_of_a_page_that_stands_in_no_branch_any_more_the_first_office_withdraws(page, cast):
    of_city = make_user("of_city", make_office("city"), Role.DUTY_EDITOR)
    page.move(Page.get_first_root_node(), pos="last-child")
    page = Page.objects.get(pk=page.pk)
    with pytest.raises(PermissionDenied):
        withdraw(page, of_city)
    assert withdraw(page, cast.duty).page_id == page.pk


def test_who_has_left_does_not(page, cast):
    cast.duty.is_active = False
    cast.duty.save()
    with pytest.raises(PermissionDenied):
        withdraw(page, cast.duty)


def test_a_reason_is_asked_for_and_there_must_be_something_to_withdraw(page, cast):
    with pytest.raises(Refused):
        withdraw(page, cast.duty, reason=" ")
    withdraw(page, cast.duty, reason=" 数字写错了。\n", notice=" 更正随后。 ")
    with pytest.raises(Refused):
        withdraw(page, cast.duty)
    made = Withdrawal.objects.get()
    assert (made.reason, made.notice) == ("数字写错了。", "更正随后。")


def test_a_withdrawal_is_frozen_and_a_changed_one_is_not_shown(page, cast, client):
    made = withdraw(page, cast.duty)
    with pytest.raises(DatabaseError), transaction.atomic():
        Withdrawal.objects.filter(pk=made.pk).update(notice="别的话")
    with lifted():
        Withdrawal.objects.filter(pk=made.pk).update(notice="别的话")
    assert client.get(f"/a/{page.pk}/").status_code == 404


def test_the_release_itself_stays_as_it_was_signed(page, release, cast):
    withdraw(page, cast.duty)
    assert releases.genuine(Release.objects.get(pk=release.pk))
    page.refresh_from_db()
    assert not page.live
