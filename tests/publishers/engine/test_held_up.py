"""Whatever holds a withdrawal up, a person has a task at once, and the hub goes on trying; either ends it."""

import datetime as dt

import pytest
from django.core import mail
from django.utils import timezone
from wagtail.models import Page

from cms.releases import withdrawals
from publishers import accounts, engine, registry
from publishers.distribution.withdrawing import confirm_gone
from publishers.engine import circuit_breaker, held_up, leases
from publishers.interface import QuotaExceeded
from publishers.models import Account, Cause, Delivery, Phase, Transport
from publishers.people.permissions import OPERATOR
from tests.factories_release import make_release
from tests.publishers.engine import tiny
from tests.publishers.engine.cast import make_due, send, signed_release
from tests.publishers.engine.changing import Removing, server
from tests.publishers.engine.clock import in_an_hour, is_ahead, just_now

__all__ = ["server"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def platform(monkeypatch, server):
    monkeypatch.setitem(registry._publishers, "tiny", Removing())


@pytest.fixture
def delivery(office, account, server, duty):
    """A delivery whose article is live."""
    made = send(make_release(), account=account)
    assert run(made) == Phase.SETTLED and server.live()
    return made


def withdraw(delivery, duty):
    page = Page.objects.get(pk=delivery.items.get().release.page_id)
    withdrawals.withdraw(page, reason="写错了。", by=duty)
    delivery.refresh_from_db()


def run(delivery) -> str:
    phase = engine.run(delivery.pk)
    delivery.refresh_from_db()
    return phase


# --- what holds it up ---------------------------------------------------------------------------------------


def refuse(error):
    def hold(delivery, server):
        server.faults["/remove"] = [error]

    return hold


def pause(delivery, server):
    accounts.pause(delivery.account, reason="换人。", by=OPERATOR)


def rest(delivery, server):
    Account.objects.filter(pk=delivery.account_id).update(failures=9, resting_until=in_an_hour())


def lose_the_plugin(delivery, server):
    del registry._publishers["tiny"]


def lose_the_way(delivery, server):
    """The articles of the account travelled in a way that the platform has no more."""
    Delivery.objects.filter(pk=delivery.pk).update(transport=Transport.FEED)


def fill(delivery, server):
    """The account has in hand what it may."""
    assert leases.acquire(send(signed_release(9), account=delivery.account).pk)
    server.faults["/remove"] = ["quota"]


ROADS = {
    "a used-up quota": (refuse("quota"), Cause.QUOTA),
    "a platform that is busy for long": (refuse("busy"), Cause.RETRY),
    "refused credentials": (refuse("credentials"), Cause.CREDENTIALS),
    "a consent that has ended": (refuse("consent"), Cause.CREDENTIALS),
    "a right that is missing": (refuse("capability"), Cause.CAPABILITY),
    "a refusal for good": (refuse("permanent"), Cause.PERMANENT),
    "an error in the plugin": (refuse("surprise"), Cause.INTERNAL),
    "a pause": (pause, Cause.BY_HAND),
    "a rest of the account": (rest, Cause.RETRY),
    "a plugin that is not installed": (lose_the_plugin, Cause.PERMANENT),
    "a way that is no more": (lose_the_way, Cause.CAPABILITY),
    "an account that is full": (fill, Cause.QUOTA),
}


@pytest.mark.parametrize("begun", [False, True], ids=["before", "afterwards"])
@pytest.mark.parametrize(("hold", "cause"), ROADS.values(), ids=list(ROADS))
def test_what_holds_a_withdrawal_up_is_a_persons_task_and_the_hub_tries_on(
    hold, cause, begun, delivery, server, duty
):
    """``begun``: it was under way when it was held up."""
    if begun:
        server.faults["/remove"] = ["asked"]
        withdraw(delivery, duty)
        assert run(delivery) == Phase.SENDING, "a few seconds are not worth a person's way"
        make_due(delivery)
        hold(delivery, server)
    else:
        hold(delivery, server)
        withdraw(delivery, duty)
    mail.outbox.clear()
    assert run(delivery) == Phase.ATTENTION and delivery.cause == cause
    assert delivery.account.name in delivery.reason and delivery.deadline_at
    assert "继续自动尝试" in delivery.reason, "she knows that she need not be alone"
    assert server.live(), "nothing was taken down"
    assert timezone.now() < delivery.next_at <= timezone.now() + dt.timedelta(days=1)
    assert [message.to for message in mail.outbox if delivery.reason in message.body] == [[duty.email]]


@pytest.mark.parametrize(
    ("hold", "often"),
    [(pause, held_up.PAUSED), (refuse("permanent"), held_up.REFUSED)],
    ids=["paused", "refused"],
)
def test_what_costs_no_call_is_tried_each_hour_and_what_was_refused_once_a_day(
    hold, often, delivery, server, duty
):
    hold(delivery, server)
    withdraw(delivery, duty)
    since = just_now()
    run(delivery)
    assert is_ahead(delivery.next_at, often, since=since)


def test_a_quota_that_is_renewed_in_a_moment_is_nobodys_task(delivery, server, duty, monkeypatch):
    soon = timezone.now() + dt.timedelta(seconds=20)
    monkeypatch.setitem(tiny.ERRORS, "quota", lambda: QuotaExceeded("used up", until=soon))
    server.faults["/remove"] = ["quota"]
    withdraw(delivery, duty)
    assert run(delivery) == Phase.SENDING and delivery.next_at == soon


def test_when_the_hub_succeeds_the_task_is_closed_and_was_told_once(delivery, server, duty):
    server.faults["/remove"] = ["quota", "quota"]
    withdraw(delivery, duty)
    mail.outbox.clear()
    for _try in range(2):
        assert run(delivery) == Phase.ATTENTION
        make_due(delivery)
    assert engine.sweep() == [delivery.pk]
    assert run(delivery) == Phase.SETTLED
    assert server.live() == [] and delivery.is_gone
    assert (delivery.cause, delivery.reason, delivery.deadline_at) == ("", "", None)
    assert len(mail.outbox) == 1


def test_the_deadline_is_that_of_the_first_time(delivery, server, duty):
    server.faults["/remove"] = ["quota", "busy"]
    withdraw(delivery, duty)
    run(delivery)
    first = delivery.deadline_at
    make_due(delivery)
    run(delivery)
    assert delivery.deadline_at == first


@pytest.mark.parametrize("hold", [pause, refuse("credentials")], ids=["paused", "stopped"])
def test_when_the_account_goes_on_the_hub_tries_at_once(hold, delivery, server, duty):
    hold(delivery, server)
    withdraw(delivery, duty)
    run(delivery)
    accounts.resume(delivery.account, by=OPERATOR)
    assert run(delivery) == Phase.SETTLED and server.live() == []


def test_nothing_is_called_on_a_paused_account_however_often_it_is_tried(delivery, server, duty):
    pause(delivery, server)
    withdraw(delivery, duty)
    run(delivery)
    before = server.total
    make_due(delivery)
    assert run(delivery) == Phase.ATTENTION and server.total == before


@pytest.mark.parametrize("hold", [pause, refuse("quota")], ids=["paused", "a quota"])
def test_when_the_person_was_first_her_word_ends_it(hold, delivery, server, duty):
    hold(delivery, server)
    withdraw(delivery, duty)
    run(delivery)
    confirm_gone(delivery, by=duty)
    assert delivery.phase == Phase.SETTLED and delivery.is_gone
    make_due(delivery)
    calls = server.total
    assert run(delivery) == Phase.SETTLED and server.total == calls


def test_her_word_is_taken_before_the_hub_has_tried(delivery, server, duty):
    withdraw(delivery, duty)
    assert delivery.phase == Phase.SENDING
    confirm_gone(delivery, by=duty)
    assert delivery.is_gone and server.removals == []


def test_a_platform_that_stays_away_is_tried_for_as_long_as_it_takes(delivery, server, duty):
    server.faults["/remove"] = ["retry"] * 20
    withdraw(delivery, duty)
    for _try in range(20):
        run(delivery)
        make_due(delivery)
    assert delivery.phase == Phase.ATTENTION and delivery.next_at
    assert run(delivery) == Phase.SETTLED and server.live() == []


def test_short_waits_that_do_not_end_are_a_persons_task(delivery, server, duty):
    server.faults["/remove"] = ["asked"] * 9
    withdraw(delivery, duty)
    asked = []
    for _time in range(9):
        make_due(delivery)
        asked.append(run(delivery))
    assert asked[0] == Phase.SENDING and asked[5:] == [Phase.ATTENTION] * 4 and delivery.next_at
    make_due(delivery)
    assert run(delivery) == Phase.SETTLED and server.live() == []


def test_others_of_a_resting_account_go_on_resting(delivery, server, duty):
    other = send(signed_release(9), account=delivery.account)
    rest(delivery, server)
    withdraw(delivery, duty)
    run(delivery)
    assert run(other) == Phase.SCHEDULED and server.removals == []


def begin_to_rest(delivery, server):
    """The next failure of the account is one too many."""
    Account.objects.filter(pk=delivery.account_id).update(failures=circuit_breaker.FAILURES - 1)
    server.faults["/draft"] = ["retry"]


@pytest.mark.parametrize("hold", [rest, begin_to_rest])
def test_what_makes_the_others_wait_for_the_end_of_a_rest_keeps_no_withdrawal(hold, delivery, server, duty):
    other = send(signed_release(9, pictures=0), account=delivery.account)
    withdraw(delivery, duty)
    hold(delivery, server)
    assert run(other) in Delivery.OPEN and other.next_at > timezone.now()
    delivery.refresh_from_db()
    assert delivery.next_at <= timezone.now()
    assert run(delivery) == Phase.ATTENTION and delivery.cause == Cause.RETRY


def test_a_publication_waits_as_before(account, server):
    delivery = send(make_release(), account=account)
    server.faults["/draft"] = ["quota"]
    assert run(delivery) == Phase.SCHEDULED or delivery.phase == Phase.SENDING
    accounts.pause(account, reason="换人。", by=OPERATOR)
    assert run(delivery) == Phase.PAUSED


@pytest.mark.parametrize("hold", [pause, rest, lose_the_plugin], ids=["paused", "resting", "not installed"])
def test_what_never_went_out_is_nobodys_task_whatever_holds_it_up(hold, account, server, duty):
    delivery = send(make_release(), account=account, at=in_an_hour())
    hold(delivery, server)
    withdraw(delivery, duty)
    assert run(delivery) == Phase.SETTLED and delivery.is_gone and server.total == 0
