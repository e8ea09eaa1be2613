"""Who may distribute, and what can be done with a delivery when."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from cms.models import Role
from cms.organisation.offices import grant
from cms.refusals import Refused
from publishers import engine
from publishers.accounts import pausing
from publishers.distribution import (
    cancel,
    correcting,
    distribute,
    editions,
    plan,
    reschedule,
    retry,
    unplan,
)
from publishers.engine.leases import acquire
from publishers.manual.by_hand import record_address
from publishers.models import Account, Attempt, Delivery, Outcome, Phase, Plan
from publishers.people import permissions
from publishers.people.permissions import OPERATOR
from tests.factories import make_office, make_user
from tests.factories_release import make_release
from tests.publishers.engine.cast import make_account, make_due, send, sent_titles, signed_release
from tests.publishers.engine.clock import an_hour_ago, in_an_hour, just_now

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city(office):
    return make_office("city", parent=office)


@pytest.fixture
def county(city):
    return make_office("county", parent=city, kind="county")


SENDING = {
    # role: who has it in the city may send to an account of the … province, city, county
    Role.DUTY_EDITOR: (False, True, True),
    Role.LIAISON: (False, True, False),
    Role.ADMINISTRATOR: (False, False, False),
    Role.AUDITOR: (False, False, False),
    Role.AUTHOR: (False, False, False),
}


@pytest.mark.parametrize("role", SENDING)
def test_whose_account_it_is_decides_who_may_send(role, office, city, county, server):
    accounts = [make_account(place, server, place.code) for place in (office, city, county)]
    person = make_user("person", city, role)
    assert tuple(permissions.may_send(person, account) for account in accounts) == SENDING[role]
    allowed = {account for account, may in zip(accounts, SENDING[role], strict=True) if may}
    assert set(permissions.sendable_accounts(person)) == allowed


def test_a_superuser_has_no_right_of_her_own(office, account, release):
    send(signed_release(8), account=account, at=in_an_hour())
    admin = make_user("admin", is_superuser=True)
    assert not permissions.may_send(admin, account) and not permissions.may_manage(admin, office)
    assert not permissions.roles(admin)
    listed = ("sendable_accounts", "managed_offices", "visible_accounts", "visible_deliveries")
    assert not [name for name in listed if getattr(permissions, name)(admin).exists()]
    with pytest.raises(PermissionDenied):
        distribute([release], [account], by=admin)
    grant(admin, office, Role.DUTY_EDITOR)
    assert permissions.may_send(admin, account)


def test_who_left_may_nothing(office, account):
    person = make_user("person", office, Role.DUTY_EDITOR, is_active=False)
    grant(person, office, Role.ADMINISTRATOR)
    assert not permissions.may_send(person, account) and not permissions.may_manage(person, office)
    assert permissions.roles(person) == frozenset()
    of_hers = (
        permissions.sendable_accounts(person),
        permissions.managed_offices(person),
        permissions.visible_accounts(person),
    )
    assert not any(rows.exists() for rows in of_hers)


@pytest.mark.parametrize("service", [reschedule, retry, cancel])
def test_every_service_asks_for_the_right(service, release, account):
    delivery, stranger = send(release, account=account), make_user("stranger")
    arguments = [delivery, in_an_hour()] if service is reschedule else [delivery]
    with pytest.raises(PermissionDenied):
        service(*arguments, by=stranger)
    delivery.refresh_from_db()
    assert delivery.phase == Phase.SCHEDULED


def test_who_sees_which_deliveries(office, city, county, server, django_assert_max_num_queries):
    made = {
        place: send(signed_release(page_id=number), account=make_account(place, server, place.code))
        for number, place in enumerate((office, city, county), start=50)
    }
    seen = {
        Role.DUTY_EDITOR: {city, county},
        Role.ADMINISTRATOR: {city, county},
        Role.AUDITOR: {city, county},
        Role.LIAISON: {city},
        Role.AUTHOR: set(),
    }
    for role, places in seen.items():
        person = make_user(role, city, role)
        with django_assert_max_num_queries(2):
            assert set(permissions.visible_deliveries(person)) == {made[place] for place in places}


def test_all_or_nothing_when_one_account_is_not_allowed(office, city, server, release):
    person = make_user("person", city, Role.LIAISON)
    both = [make_account(city, server, "市"), make_account(office, server, "省")]
    with pytest.raises(PermissionDenied):
        distribute([release], both, by=person)
    assert not Delivery.objects.exists()


def test_what_goes_together_waits_until_readers_may_see_all_of_it(account):
    texts = [signed_release(8), signed_release(9, public_from=in_an_hour()), signed_release(10)]
    edition = send(*texts[:2], account=account)
    assert edition.due_at == edition.next_at == texts[1].public_from
    texts[1:] = [signed_release(11, public_from=in_an_hour())]
    editions.recompose(edition, texts, alike=True, by=OPERATOR)
    assert edition.due_at == edition.next_at == texts[1].public_from


def test_beside_an_earlier_text_that_is_taken_down_the_next_one_may_go_out(release, account):
    send(release, account=account).items.update(desired="gone")
    assert send(signed_release(release.page_id, title="重新签发的文章"), account=account)


def test_what_is_sent_on_a_paused_account_waits_with_the_reason_that_was_given(release, account):
    pausing.pause(account, by_name="管理员小冯", reason="换号主体。")
    delivery = send(release, account=account)
    assert (delivery.phase, delivery.next_at, delivery.reason) == (Phase.PAUSED, None, "换号主体。")


def test_a_release_goes_to_an_account_once(release, account):
    send(release, account=account)
    with pytest.raises(Refused, match="南粤女声"):
        send(release, account=account)


def test_after_a_cancellation_it_may_go_there_again(release, account, server):
    cancel(send(release, account=account), by=OPERATOR)
    assert engine.run(send(release, account=account).pk) == Phase.SETTLED
    assert len(sent_titles(server)) == 1


def test_more_articles_than_an_edition_holds_are_refused(account):
    with pytest.raises(Refused, match="2"):
        send(*[signed_release(page_id=number) for number in (60, 61, 62)], account=account)


@pytest.mark.parametrize("act", ["send", "recompose", "correct"])
def test_what_was_not_signed_off_cannot_be_distributed(act, account, page):
    release = signed_release(page.pk)
    waiting = send(release, account=account, at=in_an_hour())
    forged = signed_release(release.page_id if act == "correct" else 8, title="夜校的灯")
    forged.title = "改过的标题"
    acts = {
        "send": lambda: send(forged, account=account),
        "recompose": lambda: editions.recompose(waiting, [forged], alike=True, by=OPERATOR),
        "correct": lambda: correcting.correct(forged, {account: "by_hand"}, by=OPERATOR),
    }
    with pytest.raises(Refused, match="签发"):
        acts[act]()
    assert Delivery.objects.get().items.get().release == release


def test_an_earlier_text_is_not_distributed_for_the_time_of_the_newer_one(account):
    later = in_an_hour()
    earlier = signed_release(title="山里的阅览室", public_from=later)
    signed_release(title="山里的阅览室（更正）", public_from=later)
    with pytest.raises(Refused, match="最新"):
        send(earlier, account=account)


@pytest.mark.parametrize("act", ["send", "plan", "reschedule", "recompose"])
def test_a_time_without_zone_is_refused(act, release, account, page, duty):
    at, waiting = dt.datetime(2026, 11, 25, 18), send(release, account=account, at=in_an_hour())  # noqa: DTZ001
    acts = {
        "send": lambda: send(signed_release(page.pk), account=account, at=at),
        "plan": lambda: plan(page, account, at=at, by=duty),
        "reschedule": lambda: reschedule(waiting, at, by=duty),
        "recompose": lambda: editions.recompose(waiting, [release], at=at, by=duty),
    }
    with pytest.raises(ValueError, match="zone"):
        acts[act]()
    assert Delivery.objects.get().due_at == waiting.due_at and not Plan.objects.exists()


def test_a_delivery_is_moved_to_another_time(release, account, server):
    delivery, later = send(release, account=account, at=in_an_hour()), in_an_hour() + dt.timedelta(hours=2)
    reschedule(delivery, later, by=OPERATOR)
    assert (delivery.due_at, delivery.next_at) == (later, later)
    reschedule(delivery, an_hour_ago(), by=OPERATOR)
    assert engine.sweep() == [delivery.pk]


def test_what_is_at_work_or_done_can_be_neither_moved_nor_cancelled(release, account, server):
    delivery = send(release, account=account)
    held = acquire(delivery.pk)
    for service in (cancel, retry):
        with pytest.raises(Refused):
            service(delivery, by=OPERATOR)
    make_due(delivery)
    assert held and engine.run(delivery.pk) == Phase.SETTLED
    for service in (cancel, retry):
        with pytest.raises(Refused):
            service(delivery, by=OPERATOR)
    with pytest.raises(Refused):
        reschedule(delivery, in_an_hour(), by=OPERATOR)


def test_a_cancelled_delivery_is_never_sent(release, account, server):
    delivery = send(release, account=account)
    cancel(delivery, by=OPERATOR)
    assert engine.run(delivery.pk) == Phase.CANCELLED and engine.sweep() == []
    assert server.total == 0


def test_a_waiting_delivery_can_be_tried_at_once(release, account, server):
    server.faults["/draft"] = ["retry"]
    delivery = send(release, account=account)
    engine.run(delivery.pk)
    Delivery.objects.filter(pk=delivery.pk).update(retries=9, put_off_s=900)
    retry(delivery, by=OPERATOR)
    assert (delivery.retries, delivery.put_off_s) == (0, 0)
    assert engine.run(delivery.pk) == Phase.SETTLED


def test_nothing_is_tried_again_while_the_account_is_paused(release, account, server):
    server.faults["/draft"] = ["rejected"]
    delivery = send(release, account=account)
    engine.run(delivery.pk)
    pausing.pause(account, by_name="", reason="停。")
    delivery.account.refresh_from_db()
    with pytest.raises(Refused):
        retry(delivery, by=OPERATOR)


def test_what_a_person_paused_stays_hers_though_its_credentials_are_refused_meanwhile(account):
    pausing.pause(account, by_name="管理员小冯", reason="换人。")
    pausing.stop_for_credentials(account, "refused")
    account.refresh_from_db()
    assert (account.paused_by, account.paused_reason) == ("管理员小冯", "换人。") and not account.is_stopped


@pytest.mark.parametrize(
    ("outcome", "generation", "phase"),
    [
        (Outcome.WAITING, 2, Phase.CONFIRMING),
        (Outcome.FAILED, 2, Phase.SENDING),
        (Outcome.WAITING, 1, Phase.SCHEDULED),  # of what was sent before, and goes out anew
    ],
)
def test_what_was_paused_goes_on_where_it_was_and_owes_nothing(release, account, outcome, generation, phase):
    delivery = send(release, account=account)
    Attempt.objects.create(
        delivery=delivery, generation=generation, name="x", begun_at=an_hour_ago(), outcome=outcome,
        input_sha256="0",
    )  # fmt: skip
    Delivery.objects.update(generation=2, retries=9, put_off_s=900)
    pausing.stop_for_credentials(account, "refused")
    pausing.resume(account)
    delivery.refresh_from_db()
    assert (delivery.phase, delivery.next_at) == (phase, delivery.due_at)
    assert (delivery.retries, delivery.put_off_s, account.problem, account.paused_at) == (0, 0, "", None)


def test_what_goes_by_hand_needs_no_credentials(account, server):
    """While the account is stopped for them it is begun, and tried again."""
    Account.objects.filter(pk=account.pk).update(transport="manual")
    account.refresh_from_db()
    pausing.pause(account, by_name="", reason="停。")
    delivery = send(signed_release(), account=account)
    assert engine.run(delivery.pk) == Phase.ATTENTION
    delivery.refresh_from_db()
    retry(delivery, by=OPERATOR)
    assert engine.run(delivery.pk) == Phase.ATTENTION


def test_of_an_edition_that_is_given_up_what_was_recorded_stays(account, server):
    server.faults["/draft"] = ["permanent"]
    edition = send(signed_release(8, title="一"), signed_release(9, title="二"), account=account)
    engine.run(edition.pk)
    edition.refresh_from_db()
    first, second = edition.items.all()
    record_address(edition, first, f"{server.url}/a/1", by=OPERATOR)
    Delivery.objects.filter(pk=edition.pk).update(deadline_at=in_an_hour())
    cancel(edition, by=OPERATOR)
    assert [item.wanted for item in edition.items.all()] == [True, False] and edition.deadline_at is None
    with pytest.raises(Refused):
        send(first.release, account=account)
    assert send(second.release, account=account)


def test_what_people_do_is_in_the_log(office, release, account):
    from wagtail.models import ModelLogEntry

    duty = make_user("duty", office, Role.DUTY_EDITOR)
    [delivery] = distribute([release], [account], at=in_an_hour(), by=duty)
    reschedule(delivery, in_an_hour(), by=duty)
    cancel(delivery, by=duty)
    entries = ModelLogEntry.objects.for_instance(delivery).order_by("timestamp")
    assert [entry.action.rsplit(".", 1)[1] for entry in entries] == ["create", "reschedule", "cancel"]
    assert {entry.user_id for entry in entries} == {duty.pk} and entries[0].message


def plan_for_new_page(office, account, at=None):
    from tests.factories import make_section, make_story

    duty = make_user("duty", office, Role.DUTY_EDITOR)
    story = make_story(make_section(office), author=make_user("author", office, Role.AUTHOR))
    plan(story, account, at=at, by=duty)
    return story, duty


def test_a_plan_becomes_a_delivery_at_sign_off(office, account, server):
    at = in_an_hour()
    story, duty = plan_for_new_page(office, account, at)
    release = make_release(story)
    delivery = Delivery.objects.get()
    assert (delivery.items.get().release, delivery.due_at) == (release, at)
    assert delivery.created_by_id == duty.pk and not Plan.objects.exists()
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.SETTLED


def test_a_planned_time_before_sign_off_means_now(office, account, server):
    story, _ = plan_for_new_page(office, account, an_hour_ago())
    since = just_now()
    make_release(story)
    delivery = Delivery.objects.get()
    assert since <= delivery.due_at <= timezone.now()
    assert engine.sweep() == [delivery.pk]


def test_a_planner_who_lost_the_right_sends_nothing_and_the_sign_off_stands(office, account):
    story, duty = plan_for_new_page(office, account)
    duty.memberships.all().delete()
    assert make_release(story)
    assert not Delivery.objects.exists()
    assert Plan.objects.get().problem
    grant(duty, office, Role.DUTY_EDITOR)
    plan(story, account, by=duty)
    assert Plan.objects.get().problem == ""


def test_of_a_planner_who_is_no_more_nothing_is_sent_and_the_sign_off_stands(office, account):
    story, _duty = plan_for_new_page(office, account)
    Plan.objects.update(created_by_id=999_999)
    assert make_release(story)
    assert not Delivery.objects.exists() and "duty" in Plan.objects.get().problem


def test_a_plan_needs_the_right_and_can_be_taken_back(office, account):
    story, duty = plan_for_new_page(office, account)
    stranger = make_user("stranger")
    with pytest.raises(PermissionDenied):
        plan(story, account, by=stranger)
    with pytest.raises(PermissionDenied):
        unplan(Plan.objects.get(), by=stranger)
    plan(story, account, at=in_an_hour(), by=duty)
    unplan(Plan.objects.get(), by=duty)
    assert not Plan.objects.exists()
