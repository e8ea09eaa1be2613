"""What a partner says later counts: against “gone”, against “live”, against its own refusal."""

import datetime as dt

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from publishers import accounts, engine
from publishers.accounts.sessions import EngineAccount
from publishers.distribution.withdrawing import confirm_gone
from publishers.engine import removing
from publishers.engine.job import heard
from publishers.engine.leases import acquire
from publishers.manual.by_hand import may_be_told
from publishers.models import Callback, Cause, Delivery, FeedEntry, Phase, Seen, Sighting
from publishers.people.permissions import OPERATOR, name_of
from publishers.tasks import handle_callbacks
from publishers.verification import sightings, verify
from tests.publishers.engine.cast import make_due, run, send, settle, signed_release
from tests.publishers.engine.clock import HOUR, is_ahead, just_now
from tests.publishers.engine.test_signed_callbacks import post
from tests.publishers.feeds import cast as fed
from tests.publishers.transports.pushing import KEY, Receiver, partner, reached, shown, withdraw

__all__ = ["partner", "reached"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("reached")]


def looked_at(delivery):
    """Let what is due to be looked at be looked at, as beat's task does."""
    handle_callbacks()
    for delivery_id in verify.due():
        verify.verify(delivery_id)
    delivery.refresh_from_db()
    return delivery


@pytest.fixture
def pushed(page, partner, sandbox):
    """A delivery over push that is live; the partner calls it by the page's number."""
    made = send(signed_release(page.pk, pictures=0), account=partner)
    assert settle(made) == Phase.SETTLED
    sandbox.send_push_callbacks()
    return looked_at(made)


def says(delivery, status, **more):
    item = delivery.items.get()
    about = {name: item.remote[name] for name in ("article_id", "version")}
    assert post(delivery.account, {**about, "status": status, **more}).status_code == 200
    return looked_at(delivery)


@pytest.fixture
def down(pushed, page, sandbox):
    """The same, withdrawn and taken down; the partner has said so."""
    withdraw(page)
    assert settle(pushed) == Phase.SETTLED and shown(sandbox) == []
    looked_at(pushed)
    mail.outbox.clear()
    assert pushed.phase == Phase.SETTLED
    return pushed


def test_published_after_a_withdrawal_is_a_persons_task_and_is_withdrawn_again(down, sandbox):
    before = len(sandbox.calls("partner", KEY, "/push"))
    says(down, "published")
    assert (down.phase, down.cause) == (Phase.ATTENTION, Cause.ALTERED)
    assert down.items.get().release.title in down.reason and down.deadline_at is None
    assert Sighting.objects.latest("pk").found == Seen.LIVE and len(mail.outbox) == 1
    assert engine.sweep() == [down.pk]
    settle(down)
    assert len(sandbox.calls("partner", KEY, "/push")) > before, "the partner was told once more"
    assert down.phase == Phase.SETTLED and down.is_gone


def test_a_partner_that_puts_it_back_again_and_again_is_told_ever_later(down):
    waits = []
    for _time in range(3):
        says(down, "published")
        assert down.phase == Phase.ATTENTION
        waits.append(round((down.next_at - timezone.now()).total_seconds() / 60))
        assert settle(down) == Phase.SETTLED
        Sighting.objects.all().delete()
    assert waits == [0, 1, 3]


@pytest.mark.parametrize("times", [12, 60])
def test_a_partner_that_puts_it_back_for_ever_is_told_each_day_with_all_its_tries(down, times):
    Delivery.objects.update(phase=Phase.ATTENTION, retries=9, put_off_s=99)
    down.generation += times
    since = just_now()
    removing.again(down, down.items.all())
    down.refresh_from_db()
    assert is_ahead(down.next_at, dt.timedelta(days=1), since=since)
    assert (down.retries, down.put_off_s) == (0, 0)


def test_what_was_published_before_the_withdrawal_and_told_late_is_no_news(down):
    says(down, "published", occurred_at=(timezone.now() - HOUR).isoformat())
    assert down.phase == Phase.SETTLED


@pytest.mark.parametrize(
    ("received", "happened", "is_heard"),
    [(1, None, True), (-1, None, False), (1, -4, True), (1, -6, False)],
    ids=["after it", "before it", "by a clock that is behind", "late"],
)
def test_what_is_heard_of_a_later_day_came_after_it_whatever_a_clock_is_behind(
    partner, received, happened, is_heard
):
    """Minutes from the moment since which it is asked."""
    since = timezone.now() - HOUR
    at = {"received_at": received, "happened_at": happened}
    times = {name: since + dt.timedelta(minutes=ago) for name, ago in at.items() if ago is not None}
    event = {"about": {}, "facts": {"status": "published"}, "changed": False}
    Callback.objects.create(account=partner, key="k", event=event, **times)
    assert (heard(EngineAccount(partner), "k", since=since) is not None) == is_heard


def test_the_first_success_says_nothing_of_today(pushed):
    says(pushed, "published")
    Delivery.objects.update(look_at=timezone.now() - HOUR)
    looked_at(pushed)
    assert "平台" not in Sighting.objects.latest("pk").words


@pytest.mark.parametrize("status", ["withdrawn", "failed", "rejected"])
def test_gone_after_published_is_a_persons_task(status, pushed):
    says(pushed, status, reason="读者投诉")
    assert (pushed.phase, pushed.cause) == (Phase.ATTENTION, Cause.ALTERED) and "读者投诉" in pushed.reason


def test_a_refusal_that_the_partner_takes_back_is_no_longer_one(page, partner, sandbox):
    sandbox.fault("stall_review", platform="partner")
    delivery = send(signed_release(page.pk, pictures=0), account=partner)
    settle_once = engine.run(delivery.pk)
    assert settle_once == Phase.CONFIRMING
    told = {"article_id": str(page.pk), "version": 1}
    post(partner, {**told, "status": "rejected"})
    handle_callbacks()
    assert settle(delivery) == Phase.ATTENTION and delivery.cause == Cause.REJECTED
    post(partner, {**told, "status": "published", "url": "https://partner.example/a/1"})
    handle_callbacks()
    assert settle(delivery) == Phase.SETTLED


def test_a_refusal_that_is_told_after_it_was_seen_asks_nobody_twice(page, partner, sandbox):
    sandbox.fault("reject_review", platform="partner", msg="标题不合要求")
    delivery = send(signed_release(page.pk, pictures=0), account=partner)
    assert settle(delivery) == Phase.ATTENTION
    sandbox.send_push_callbacks()
    handle_callbacks()
    assert engine.sweep() == []


def test_the_partners_word_that_it_is_down_ends_a_persons_task(pushed, page, sandbox):
    sandbox.fault("error", platform="partner", path="/push", code=422, times=None)
    withdraw(page)
    assert settle(pushed) == Phase.ATTENTION and pushed.cause == Cause.BY_HAND
    looked_at(pushed)
    assert pushed.phase == Phase.ATTENTION
    sandbox.take_down("partner", KEY, pushed.items.get().remote["remote_id"])
    sandbox.send_push_callbacks()
    assert looked_at(pushed).phase == Phase.SETTLED and pushed.is_gone


# --- told before --------------------------------------------------------------------------------------------


@pytest.fixture
def receiver(partner):
    """The same partner, where a test says what it answers."""
    stand_in = Receiver()
    accounts.renew_credentials(partner, {"push_url": stand_in.url}, by=OPERATOR)
    yield stand_in
    stand_in.stop()


@pytest.mark.parametrize("status", ["withdrawn", "rejected"])
def test_what_was_told_before_does_not_end_a_withdrawal_that_the_partner_refuses(
    page, partner, receiver, status
):
    """It took the article down by itself, and put it back without a word."""
    delivery = send(signed_release(page.pk, pictures=0), account=partner)
    assert settle(delivery) == Phase.SETTLED
    says(delivery, status)
    receiver.answer((202, {"task_id": "t9", "status": "accepted"}), (200, {"status": "failed"}))
    withdraw(page)
    assert settle(delivery) == Phase.ATTENTION and delivery.cause == Cause.BY_HAND
    assert [method for method, *_rest in receiver.heard[-2:]] == ["POST", "GET"], "the task was asked about"


def test_what_the_partner_took_down_before_and_does_not_have_is_gone(page, partner, receiver):
    delivery = send(signed_release(page.pk, pictures=0), account=partner)
    assert settle(delivery) == Phase.SETTLED
    says(delivery, "withdrawn")
    receiver.answer((404, {"code": "unknown_article", "message": "没有这篇文章。"}))
    withdraw(page)
    assert settle(delivery) == Phase.SETTLED and delivery.is_gone


def test_what_was_told_before_ends_no_task_of_a_withdrawal(pushed, page, partner):
    pushed.items.update(url="")  # no page says otherwise
    says(pushed, "withdrawn")
    accounts.pause(partner, reason="换人。", by=OPERATOR)
    withdraw(page)
    assert settle(pushed) == Phase.ATTENTION
    assert looked_at(pushed).phase == Phase.ATTENTION
    says(pushed, "withdrawn")
    assert pushed.phase == Phase.SETTLED and pushed.is_gone


def test_that_it_was_published_says_nothing_of_what_a_person_accepts_as_gone(pushed, sandbox):
    sandbox.take_down("partner", KEY, pushed.items.get().remote["remote_id"])
    Delivery.objects.update(settled_at=timezone.now() - 2 * HOUR, look_at=timezone.now() - HOUR)
    assert looked_at(pushed).phase == Phase.ATTENTION
    sightings.accept(pushed, by=OPERATOR)
    assert looked_at(pushed).phase == Phase.SETTLED


# --- of one second ------------------------------------------------------------------------------------------


def in_one_second(delivery, *statuses):
    """Let the partner, whose clock knows seconds, tell these one after the other."""
    second = (timezone.now() + dt.timedelta(seconds=2)).replace(microsecond=0).isoformat()
    for status in statuses:
        says(delivery, status, occurred_at=second)
        yield Callback.objects.get()


def test_of_two_words_of_one_second_the_one_that_comes_later_counts(pushed):
    *_first, kept = in_one_second(pushed, "published", "withdrawn")
    assert kept.event["facts"]["status"] == "withdrawn"
    assert (pushed.phase, pushed.cause) == (Phase.ATTENTION, Cause.ALTERED)


@pytest.mark.parametrize("told", [("published", "withdrawn", "published"), ("published", "in_review")])
def test_neither_a_repetition_nor_a_step_before_counts_instead_of_the_end(pushed, told):
    *_first, before, after = in_one_second(pushed, *told)
    assert (after.event, after.handled_at) == (before.event, before.handled_at)


# --- hosts' clocks ------------------------------------------------------------------------------------------


def test_a_word_counts_though_the_host_that_hears_it_is_some_minutes_behind(down):
    now = timezone.now()
    with time_machine.travel(now - dt.timedelta(minutes=4), tick=True):
        says(down, "published", occurred_at=now.isoformat())
    assert (down.phase, down.cause) == (Phase.ATTENTION, Cause.ALTERED)


def test_what_may_still_arrive_is_waited_for_on_whatever_host_its_withdrawal_was_made(
    page, partner, receiver
):
    delivery = send(signed_release(page.pk, pictures=0), account=partner)
    assert settle(delivery) == Phase.SETTLED
    receiver.answer((404, {"code": "unknown_article", "message": "没有这篇文章。"}))
    withdraw(page)
    with time_machine.travel(timezone.now() - 8 * HOUR, tick=True):
        engine.run(delivery.pk)
    assert run(delivery) != Phase.SETTLED, "it has not been missing for hours"
    assert delivery.attempts.get(name="withdraw").begun_at > delivery.settled_at


def test_a_persons_word_comes_after_what_the_hub_saw_before_though_her_host_is_behind(pushed, page, partner):
    accounts.pause(partner, reason="换人。", by=OPERATOR)
    withdraw(page)
    assert settle(pushed) == looked_at(pushed).phase == Phase.ATTENTION
    with time_machine.travel(timezone.now() - HOUR, tick=True):
        confirm_gone(pushed, by=OPERATOR)
    assert pushed.items.get().last_sighting.by_name == name_of(OPERATOR)


def test_what_a_worker_has_in_hand_is_no_persons_though_her_host_is_ahead(page, partner):
    delivery = send(signed_release(page.pk, pictures=0), account=partner)
    assert acquire(delivery.pk)
    Delivery.objects.update(cause=Cause.RETRY)
    delivery.refresh_from_db()
    with time_machine.travel(timezone.now() + HOUR, tick=True):
        assert not may_be_told(delivery)


# --- feeds --------------------------------------------------------------------------------------------------


@pytest.fixture
def feed(office):
    return fed.make_account(office)


def partner_tells(account, status, **more):
    assert fed.tell(Client(), account, FeedEntry.objects.get(), status, **more).status_code == 200
    handle_callbacks()


def test_what_was_told_before_the_tombstone_does_not_end_its_withdrawal(page, feed):
    delivery = send(signed_release(page.pk), account=feed)
    settle(delivery)
    partner_tells(feed, "published")
    assert settle(delivery) == Phase.SETTLED
    partner_tells(feed, "withdrawn")
    withdraw(page)
    assert settle(delivery) == Phase.ATTENTION
    assert looked_at(delivery).phase == Phase.ATTENTION
    partner_tells(feed, "withdrawn")
    assert settle(delivery) == Phase.SETTLED


def test_a_review_that_ends_in_the_second_in_which_it_began_is_over(page, feed):
    delivery = send(signed_release(page.pk), account=feed)
    engine.run(delivery.pk)
    second = timezone.now().replace(microsecond=0).isoformat()
    for status in ("in_review", "published"):
        partner_tells(feed, status, occurred_at=second)
    assert settle(delivery) == Phase.SETTLED


def test_published_after_the_tombstone_was_taken_is_a_persons_task_and_told_anew(page, feed):
    delivery = send(signed_release(page.pk), account=feed)
    settle(delivery)
    partner_tells(feed, "published")
    assert settle(delivery) == Phase.SETTLED
    withdraw(page)
    settle(delivery)
    partner_tells(feed, "withdrawn")
    assert settle(delivery) == Phase.SETTLED and delivery.is_gone
    told = FeedEntry.objects.get()
    partner_tells(feed, "published", version=1)
    looked_at(delivery)
    assert (delivery.phase, delivery.cause) == (Phase.ATTENTION, Cause.ALTERED)
    make_due(delivery)
    engine.run(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.phase == Phase.ATTENTION, "an earlier word is no answer to a later tombstone"
    anew = FeedEntry.objects.get()
    assert anew.is_withdrawn and (anew.version, anew.changed_at) > (told.version, told.changed_at)
    partner_tells(feed, "withdrawn")
    assert settle(delivery) == Phase.SETTLED


# --- the hub notices ----------------------------------------------------------------------------------------


def test_what_a_person_took_down_while_the_hub_could_not_is_noticed(pushed, page, sandbox, partner):
    """Its page answers 404, whatever becomes of the account."""

    accounts.pause(partner, reason="换人。", by=OPERATOR)
    withdraw(page)
    assert settle(pushed) == Phase.ATTENTION
    looked_at(pushed)
    assert pushed.phase == Phase.ATTENTION and Sighting.objects.latest("pk").found != Seen.GONE
    sandbox.take_down("partner", KEY, pushed.items.get().remote["remote_id"])
    Delivery.objects.update(look_at=timezone.now() - dt.timedelta(seconds=1))
    looked_at(pushed)
    assert pushed.phase == Phase.SETTLED and pushed.is_gone
