"""What travels by hand: a person's task with a deadline, never lost, and never beside another way."""

import dataclasses
import datetime as dt

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import registry as logs

from cms.models import Role
from cms.refusals import Refused
from publishers import engine, registry, tasks
from publishers.accounts import pausing
from publishers.distribution import cancel, distribute
from publishers.distribution.correcting import carry_newer, correct
from publishers.engine import after_restore, falling_back, removing, switching
from publishers.engine.items import items_of
from publishers.engine.leases import acquire
from publishers.manual import by_hand, taking_over
from publishers.models import (
    Account,
    Attempt,
    Cause,
    CorrectionStrategy,
    Delivery,
    MainSwitch,
    Outcome,
    Phase,
)
from publishers.notifications import reminders
from publishers.people.permissions import OPERATOR
from publishers.people.refusals import PerhapsThere
from publishers.transports.manual import HAND_OVER
from publishers.verification import verify
from tests.factories import make_office, make_section, make_story, make_user
from tests.publishers.engine.cast import Killed, dying_at, make_account, make_due, send, signed_release
from tests.publishers.engine.clock import an_hour_ago, is_ahead, just_now
from tests.publishers.engine.tiny import Tiny

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def by_person(office, server):
    account = make_account(office, server, "手工号")
    Account.objects.filter(pk=account.pk).update(transport="manual")
    account.refresh_from_db()
    return account


@pytest.fixture
def falling(account):
    Account.objects.filter(pk=account.pk).update(falls_back=True)
    account.refresh_from_db()
    return account


def ran(delivery) -> Delivery:
    make_due(delivery)
    engine.run(delivery.pk)
    delivery.refresh_from_db()
    return delivery


def is_a_task(delivery) -> bool:
    delivery.refresh_from_db()
    waits = (delivery.transport, delivery.phase, delivery.cause)
    return waits == ("manual", Phase.ATTENTION, Cause.BY_HAND) and delivery.deadline_at is not None


def record(delivery, url):
    by_hand.record_address(delivery, delivery.items.get(), url, by=OPERATOR)


# --- an account whose articles always travel so -----------------------------------------------------------


def test_a_person_gets_a_task_with_a_deadline_and_what_was_signed(by_person, server, settings):
    since = just_now()
    delivery = ran(send(signed_release(title="山里的阅览室"), account=by_person))
    assert is_a_task(delivery) and "小平台" in delivery.reason
    assert is_ahead(delivery.deadline_at, dt.timedelta(hours=2), since=since)
    assert server.total == 0
    [item] = engine_items(delivery)
    assert item.payload["title"] == "山里的阅览室" and item.payload["source_url"] == item.source_url
    [picture] = item.payload["pictures"]
    assert picture["url"] == f"{settings.PUBLIC_URL}/b/{picture['sha256']}"


def engine_items(delivery):
    held = type("Held", (), {"delivery": delivery, "is_first": False})
    rows = list(delivery.items.select_related("release").prefetch_related("links"))
    return items_of(held, rows, registry.get(delivery.account.platform, delivery.transport))


def test_what_she_recorded_is_live_and_the_task_is_done(by_person, server):
    delivery = ran(send(signed_release(), account=by_person))
    record(delivery, f"{server.url}/a/1")
    delivery.refresh_from_db()
    assert delivery.phase == Phase.SETTLED and delivery.deadline_at is None
    assert verify.due() == [delivery.pk], "what she recorded is looked at, too"
    assert ran(delivery).phase == Phase.SETTLED and server.total == 0


def test_an_edition_is_one_task_until_every_address_is_known(by_person, server):
    delivery = ran(send(signed_release(1, title="一"), signed_release(2, title="二"), account=by_person))
    first, second = delivery.items.all()
    by_hand.record_address(delivery, first, f"{server.url}/a/1", by=OPERATOR)
    assert delivery.phase == Phase.ATTENTION
    by_hand.record_address(delivery, second, f"{server.url}/a/2", by=OPERATOR)
    assert delivery.phase == Phase.SETTLED


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", [1, 2])
def test_a_worker_that_dies_while_it_hands_over_leaves_one_task(number, when, by_person):
    delivery = send(signed_release(), account=by_person)
    with pytest.raises(Killed), dying_at(number, when):
        engine.run(delivery.pk)
    assert is_a_task(ran(delivery))
    assert Attempt.objects.filter(delivery=delivery).values_list("name", flat=True).get() == HAND_OVER


def test_a_withdrawal_asks_whoever_may_have_published_before_she_recorded_it(by_person):
    delivery = ran(send(signed_release(), account=by_person))
    with transaction.atomic():
        removing.ask([item.pk for item in delivery.items.all()], [delivery.pk])
    assert (ran(delivery).phase, delivery.cause) == (Phase.ATTENTION, Cause.BY_HAND)


def test_an_address_is_kept_without_the_place_on_the_page_and_not_cut(by_person, server):
    delivery = ran(send(signed_release(), account=by_person))
    with pytest.raises(Refused):
        record(delivery, f"{server.url}/a/{'1' * by_hand.URL_CHARS}")
    record(delivery, f" {server.url}/a/1#comments ")
    assert delivery.items.get().url == f"{server.url}/a/1"


def test_a_newer_text_takes_the_place_of_one_whose_address_is_not_recorded(by_person, server):
    delivery = ran(send(signed_release(7, title="旧题"), account=by_person))
    seen = delivery.items.select_related("release").get()
    Delivery.objects.filter(pk=delivery.pk).update(deadline_at=an_hour_ago())
    with transaction.atomic():
        carry_newer(signed_release(7, title="新题"), user=None)
    assert is_a_task(ran(delivery)) and delivery.deadline_at > timezone.now(), "for the new text anew"
    [item] = engine_items(delivery)
    assert item.payload["title"] == "新题"
    with pytest.raises(Refused):
        by_hand.record_address(delivery, seen, f"{server.url}/a/1", by=OPERATOR)
    record(delivery, f"{server.url}/a/1")
    assert delivery.phase == Phase.SETTLED


def test_what_was_never_handed_over_is_withdrawn_without_a_question(by_person):
    delivery = send(signed_release(), account=by_person)
    with transaction.atomic():
        removing.ask([item.pk for item in delivery.items.all()], [delivery.pk])
    assert ran(delivery).phase == Phase.SETTLED and delivery.is_gone


def test_a_restored_hub_says_that_it_may_have_been_done(by_person):
    delivery = send(signed_release(), account=by_person)
    MainSwitch.objects.create(pk=1, restored_at=timezone.now(), **after_restore.marks())
    assert is_a_task(ran(delivery)) and "备份" in delivery.reason


def test_after_giving_a_task_up_the_hub_asks_whether_it_was_published(by_person):
    release = signed_release()
    cancel(ran(send(release, account=by_person)), by=OPERATOR)
    with pytest.raises(PerhapsThere):
        send(release, account=by_person)
    assert distribute([release], [by_person], again=True, alike=True, by=OPERATOR)


# --- what a way cannot take -------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["capability", "permanent"])
def test_what_the_interface_refuses_for_good_goes_on_by_hand(fault, falling, server):
    server.faults["/draft"] = [fault]
    delivery = ran(send(signed_release(), account=falling))
    assert (delivery.phase, delivery.transport, delivery.generation) == (Phase.SENDING, "manual", 2)
    assert is_a_task(ran(delivery))
    assert server.calls["/draft"] == 1 and not server.articles
    [entry] = logs.get_logs_for_instance(delivery).filter(action="hub.delivery.fall_back")
    assert entry.data["reason"]
    record(delivery, f"{server.url}/a/1")
    assert delivery.phase == Phase.SETTLED


def test_without_the_switch_it_waits_for_a_person_as_before(account, server):
    server.faults["/draft"] = ["permanent"]
    delivery = ran(send(signed_release(), account=account))
    assert (delivery.phase, delivery.transport) == (Phase.ATTENTION, "api")


def test_where_the_platform_is_not_published_to_by_hand_nothing_falls_back(falling, server, monkeypatch):
    only = dataclasses.replace(Tiny.platform, transports=("api",))
    monkeypatch.setattr(registry.get("tiny"), "platform", only)
    server.faults["/draft"] = ["permanent"]
    assert ran(send(signed_release(), account=falling)).transport == "api"


@pytest.mark.parametrize("fault", ["permanent", "capability"])
def test_where_an_earlier_call_may_have_had_an_effect_a_person_looks_first(fault, falling, server):
    server.faults["/submit"] = [fault]  # the draft is there
    delivery = ran(send(signed_release(), account=falling))
    assert (delivery.phase, delivery.transport) == (Phase.ATTENTION, "api")


@pytest.mark.parametrize("fault", ["lost", "cut", "surprise"])
def test_an_unknown_outcome_never_falls_back_by_itself(fault, falling, server):
    server.faults["/submit"] = [fault]
    server.undecided = None
    delivery = ran(send(signed_release(), account=falling))
    if delivery.phase != Phase.ATTENTION:
        ran(delivery)
    assert (delivery.phase, delivery.transport) == (Phase.ATTENTION, "api")


@pytest.mark.parametrize("fault", ["rejected", "quota"])
def test_what_an_editor_or_time_mends_does_not_fall_back(fault, falling, server):
    server.faults["/draft"] = [fault]
    assert ran(send(signed_release(), account=falling)).transport == "api"


def test_what_was_refused_for_hours_goes_on_by_hand_though_the_account_rests(falling, server):
    server.faults["/draft"] = ["retry"] * 20
    delivery = send(signed_release(), account=falling)
    for _try in range(11):
        ran(delivery)
    assert delivery.transport == "manual"
    Account.objects.filter(pk=falling.pk).update(resting_until=timezone.now() + dt.timedelta(minutes=9))
    assert engine.run(delivery.pk) == Phase.ATTENTION and is_a_task(delivery)
    falling.refresh_from_db()
    # What is done by hand says nothing of the interface.
    assert falling.failures and falling.is_resting and "draft" in falling.capabilities


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_worker_that_dies_while_falling_back_neither_loses_nor_doubles_it(number, when, falling, server):
    server.faults["/draft"] = ["permanent"] * 3
    delivery = send(signed_release(), account=falling)
    with pytest.raises(Killed), dying_at(number, when):
        engine.run(delivery.pk)
    for _run in range(3):
        ran(delivery)
    assert is_a_task(delivery) and not server.articles and not server.drafts


# --- credentials that are refused -------------------------------------------------------------------------


def stopped(account, server):
    server.faults["/draft"] = ["credentials"]
    delivery = ran(send(signed_release(), account=account))
    assert delivery.phase == Phase.PAUSED
    return delivery


def test_what_is_due_on_a_stopped_account_goes_on_by_hand_after_half_an_hour(falling, server):
    delivery = stopped(falling, server)
    falling.refresh_from_db()
    made_since = send(signed_release(8), account=falling)
    assert made_since.phase == Phase.PAUSED and falling_back.after_stops() == []
    Account.objects.update(paused_at=timezone.now() - dt.timedelta(minutes=31))
    Delivery.objects.update(due_at=timezone.now() - dt.timedelta(minutes=31))
    assert set(falling_back.after_stops()) == {delivery.pk, made_since.pk}
    assert falling_back.after_stops() == []
    assert is_a_task(ran(delivery)) and is_a_task(ran(made_since)) and not server.articles
    falling.refresh_from_db()
    assert falling.is_stopped
    pausing.resume(falling)
    assert is_a_task(delivery)


@pytest.mark.parametrize(("stopped_for", "due_for"), [(29, 120), (120, 29)])
def test_administrators_have_half_an_hour_from_the_stop_and_from_the_time_it_is_due(
    stopped_for, due_for, falling, server
):
    delivery, now = stopped(falling, server), timezone.now()
    Account.objects.update(paused_at=now - dt.timedelta(minutes=stopped_for))
    Delivery.objects.update(due_at=now - dt.timedelta(minutes=due_for))
    assert falling_back.after_stops() == []
    delivery.refresh_from_db()
    assert (delivery.phase, delivery.transport) == (Phase.PAUSED, "api")


def test_what_a_person_paused_waits_for_her(falling, server):
    pausing.pause(falling, by_name="值班", reason="先停一下。")
    delivery = send(signed_release(), account=falling)
    past = timezone.now() - dt.timedelta(hours=2)
    Account.objects.filter(pk=falling.pk).update(paused_at=past)
    Delivery.objects.filter(pk=delivery.pk).update(due_at=past)
    assert falling_back.after_stops() == []
    Delivery.objects.filter(pk=delivery.pk).update(transport="manual", phase="sending", next_at=past)
    assert engine.run(delivery.pk) == Phase.PAUSED


def test_of_a_stopped_account_what_may_be_there_and_what_is_not_due_stay(falling, server):
    server.faults["/submit"] = ["credentials"]  # the draft is there
    begun = ran(send(signed_release(1), account=falling))
    planned = send(signed_release(2), account=falling, at=timezone.now() + dt.timedelta(days=1))
    past = timezone.now() - dt.timedelta(hours=1)
    Account.objects.filter(pk=falling.pk).update(paused_at=past)
    Delivery.objects.filter(pk=begun.pk).update(due_at=past)
    assert falling_back.after_stops() == []
    assert {begun.phase, planned.phase} == {Phase.PAUSED}


# --- a person's deed --------------------------------------------------------------------------------------


def unknown(account, server):
    server.faults["/submit"] = ["cut"]
    server.undecided = None
    delivery = ran(send(signed_release(), account=account))
    return ran(delivery)


def test_a_person_takes_over_what_the_interface_refuses(account, server):
    server.faults["/draft"] = ["permanent"]
    delivery = ran(send(signed_release(), account=account))
    Delivery.objects.filter(pk=delivery.pk).update(retries=9, put_off_s=900)
    taking_over.take_over(delivery, by=OPERATOR)
    assert (delivery.retries, delivery.put_off_s) == (0, 0)
    assert is_a_task(ran(delivery)) and server.calls["/draft"] == 1


def test_where_it_may_be_there_she_looks_first(account, server):
    delivery = unknown(account, server)
    with pytest.raises(PerhapsThere):
        taking_over.take_over(delivery, by=OPERATOR)
    delivery.refresh_from_db()
    assert delivery.transport == "api"
    taking_over.take_over(delivery, looked=True, by=OPERATOR)
    assert is_a_task(ran(delivery)) and server.calls["/submit"] == 1
    [entry] = logs.get_logs_for_instance(delivery).filter(action="hub.delivery.take_over")
    assert entry.data["looked"] is True


@pytest.mark.parametrize("is_handed_over", [True, False])
def test_what_she_took_over_after_a_look_carries_the_newer_text(is_handed_over, account, server):
    delivery = unknown(account, server)
    taking_over.take_over(delivery, looked=True, by=OPERATOR)
    if is_handed_over:
        assert is_a_task(ran(delivery))
    with transaction.atomic():
        carry_newer(signed_release(7, title="新题"), user=None)
    assert is_a_task(ran(delivery))
    [item] = engine_items(delivery)
    assert item.payload["title"] == "新题"


def test_the_answer_of_a_call_that_comes_after_it_was_taken_over_changes_nothing(account, server):
    """A worker hangs in the call until long after its lease; the article is there after all."""
    delivery, seen = send(signed_release(), account=account), {}

    def meanwhile(body, submit=server.submit):
        make_due(delivery)  # the lease has ended
        Delivery.objects.filter(pk=delivery.pk).update(
            phase="attention", cause="unknown", lease_until=None, next_at=None
        )
        row = Delivery.objects.get(pk=delivery.pk)
        with pytest.raises(PerhapsThere) as seen["asked"]:
            taking_over.take_over(row, by=OPERATOR)
        taking_over.take_over(row, looked=True, by=OPERATOR)
        return submit(body)

    server.submit = meanwhile
    engine.run(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.transport, delivery.phase) == ("manual", Phase.SENDING) and seen["asked"]
    assert Attempt.objects.get(delivery=delivery, name="submit").outcome == Outcome.BEGUN
    assert is_a_task(ran(delivery)) and server.calls["/submit"] == 1


def test_a_late_answer_is_not_asked_for_again_when_it_is_withdrawn(account, server):
    delivery = unknown(account, server)
    taking_over.take_over(delivery, looked=True, by=OPERATOR)
    ran(delivery)
    with transaction.atomic():
        removing.ask([item.pk for item in delivery.items.all()], [delivery.pk])
    assert ran(delivery).phase == Phase.ATTENTION and server.calls["/submit"] == 1


def test_what_waits_for_a_quota_or_for_credentials_can_be_taken_over(account, server):
    server.faults["/draft"] = ["quota"]
    taking_over.take_over(ran(send(signed_release(1), account=account)), by=OPERATOR)
    delivery = ran(send(signed_release(2), account=account))
    account.refresh_from_db()
    pausing.resume(account)
    server.faults["/draft"] = ["credentials"]
    delivery = ran(send(signed_release(3), account=account))
    taking_over.take_over(delivery, by=OPERATOR)
    assert is_a_task(ran(delivery))


def test_what_a_person_paused_or_recorded_in_part_is_not_taken_over(account, server):
    paused = send(signed_release(1), account=account)
    pausing.pause(account, by_name="管理员小冯", reason="换人。")
    paused.refresh_from_db()
    with pytest.raises(Refused):
        taking_over.take_over(paused, by=OPERATOR)
    pausing.resume(account)
    server.faults["/draft"] = ["permanent"]
    edition = ran(send(signed_release(2), signed_release(3), account=account))
    by_hand.record_address(edition, edition.items.all()[0], f"{server.url}/a/1", by=OPERATOR)
    with pytest.raises(Refused):
        taking_over.take_over(edition, looked=True, by=OPERATOR)


def test_nobody_takes_over_without_the_right_or_what_is_at_work_or_done(account, server, office):
    server.faults["/draft"] = ["permanent"]
    refused = ran(send(signed_release(1), account=account))
    with pytest.raises(PermissionDenied):
        taking_over.take_over(refused, by=make_user("auditor", office, Role.AUDITOR))
    held = send(signed_release(2), account=account)
    assert acquire(held.pk)
    done = ran(send(signed_release(3), account=account))
    for delivery in (held, done):
        with pytest.raises(Refused):
            taking_over.take_over(delivery, by=OPERATOR)


# --- while the plugin is away, or everything is paused --------------------------------------------------


def lose_the_plugin(monkeypatch):
    monkeypatch.delitem(registry._publishers, "tiny")


def pause_everything(monkeypatch):
    switching.pause_all("全国哀悼日。", by=OPERATOR)


HOLDS = pytest.mark.parametrize("hold", [lose_the_plugin, pause_everything])


def scheduled(account, server):
    return send(signed_release(), account=account)


def under_way(account, server):
    """A worker died over it, and nobody takes it over now."""
    delivery = send(signed_release(), account=account)
    assert acquire(delivery.pk)
    Delivery.objects.update(lease_until=timezone.now() - dt.timedelta(minutes=1))
    return delivery


def sent(account, server):
    server.polls_until_live = 9
    delivery = ran(send(signed_release(), account=account))
    assert delivery.phase == Phase.CONFIRMING
    return delivery


@HOLDS
@pytest.mark.parametrize("state", [scheduled, under_way, sent])
def test_what_she_published_is_recorded_while_the_hub_does_nothing(state, hold, account, server, monkeypatch):
    delivery = state(account, server)
    hold(monkeypatch)
    delivery.refresh_from_db()
    assert by_hand.may_be_told(delivery)
    record(delivery, f"{server.url}/a/1")
    assert delivery.phase == Phase.SETTLED and delivery.next_at is None
    calls = server.total
    assert ran(delivery).phase == Phase.SETTLED and server.total == calls


@HOLDS
@pytest.mark.parametrize("state", [scheduled, sent])
def test_what_waits_for_its_time_only_or_is_in_hand_is_told_nothing(
    state, hold, account, server, monkeypatch
):
    delivery = state(account, server)
    with pytest.raises(Refused):
        record(delivery, f"{server.url}/a/1")
    hold(monkeypatch)
    Delivery.objects.update(lease_until=timezone.now() + dt.timedelta(minutes=1))
    with pytest.raises(Refused):
        record(delivery, f"{server.url}/a/1")
    assert not delivery.items.get().url


@HOLDS
@pytest.mark.parametrize("state", [scheduled, under_way])
def test_it_is_given_up_while_the_hub_does_nothing(state, hold, account, server, monkeypatch):
    delivery = state(account, server)
    hold(monkeypatch)
    cancel(delivery, by=OPERATOR)
    assert delivery.phase == Phase.CANCELLED


def test_what_nobody_can_confirm_any_more_is_given_up(account, server, monkeypatch):
    delivery = sent(account, server)
    with pytest.raises(Refused):
        cancel(delivery, by=OPERATOR)
    lose_the_plugin(monkeypatch)
    cancel(delivery, by=OPERATOR)
    assert delivery.phase == Phase.CANCELLED and by_hand.may_be_told(delivery)


def test_a_correction_by_hand_needs_no_plugin(office, account, server, monkeypatch):
    page = make_story(make_section(office), author=make_user("author"))
    ran(send(signed_release(page.pk), account=account))
    lose_the_plugin(monkeypatch)
    newer = signed_release(page.pk, title="新题")
    [correction] = correct(newer, {account: CorrectionStrategy.BY_HAND}, by=OPERATOR)
    assert (ran(correction).phase, correction.cause) == (Phase.ATTENTION, Cause.BY_HAND)
    assert correction.deadline_at and "2" in correction.reason
    record(correction, f"{server.url}/a/1")
    assert correction.phase == Phase.SETTLED


# --- reminders --------------------------------------------------------------------------------------------


@pytest.fixture
def people(office):
    make_user("duty", office, Role.DUTY_EDITOR)
    make_user("liaison", office, Role.LIAISON)
    make_user("auditor", office, Role.AUDITOR)
    for role in (Role.DUTY_EDITOR, Role.LIAISON):
        make_user(f"below-{role}", make_office(f"below-{role}".replace("_", "-"), parent=office), role)


def told() -> list[str]:
    return sorted(address for message in mail.outbox for address in message.to)


def test_a_late_task_is_told_once_to_those_who_may_do_it(by_person, people):
    delivery = ran(send(signed_release(title="夜校的灯"), account=by_person))
    mail.outbox.clear()
    tasks.see_to_people()
    assert told() == []
    Delivery.objects.filter(pk=delivery.pk).update(deadline_at=timezone.now() - dt.timedelta(minutes=1))
    tasks.see_to_people()
    tasks.see_to_people()
    assert told() == ["duty@example.org", "liaison@example.org"]
    assert "夜校的灯" in mail.outbox[0].subject and str(delivery.pk) in mail.outbox[0].body


def test_a_later_deadline_is_told_of_again_and_what_is_done_is_not(by_person, people, server):
    delivery = ran(send(signed_release(), account=by_person))
    past = timezone.now() - dt.timedelta(hours=1)
    Delivery.objects.filter(pk=delivery.pk).update(deadline_at=past)
    assert reminders.remind() == 1
    Delivery.objects.filter(pk=delivery.pk).update(reminded_at=past - dt.timedelta(hours=1))
    assert reminders.remind() == 1
    record(delivery, f"{server.url}/a/1")
    assert reminders.remind() == 0
