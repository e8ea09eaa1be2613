"""A withdrawal of what had not arrived, of what a person published, and beside other articles."""

import datetime as dt

import pytest
from django.db import transaction
from django.utils import timezone

from publishers import engine, registry
from publishers.distribution import correcting, retry
from publishers.engine import removing, switching
from publishers.engine.leases import acquire
from publishers.interface import ByHand
from publishers.manual import by_hand, taking_over
from publishers.models import Account, Cause, CorrectionStrategy, Delivery, DeliveryItem, Phase
from publishers.people.permissions import OPERATOR
from tests.publishers.engine import tiny
from tests.publishers.engine.cast import run, send, settle, signed_release
from tests.publishers.engine.changing import Changing, server
from tests.publishers.engine.clock import an_hour_ago, in_an_hour

__all__ = ["server"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def changing(ground, monkeypatch):
    monkeypatch.setitem(registry._publishers, "tiny", Changing())


def let_go(delivery, *items) -> None:
    with transaction.atomic():
        removing.ask([item.pk for item in items or delivery.items.all()], [delivery.pk])
    delivery.refresh_from_db()


# --- what the publication left behind -----------------------------------------------------------------------


def test_a_withdrawal_begins_anew_whatever_the_publication_met(release, account):
    delivery = send(release, account=account)
    met = {"retries": 9, "put_off_s": 99, "deadline_at": an_hour_ago(), "next_at": None}
    task = {"phase": Phase.ATTENTION, "cause": Cause.BY_HAND, "reason": "请到后台点“发表”。"}
    Delivery.objects.filter(pk=delivery.pk).update(**met, **task)
    let_go(delivery)
    assert (delivery.retries, delivery.put_off_s, delivery.deadline_at) == (0, 0, None)
    assert (delivery.phase, delivery.cause, delivery.reason) == (Phase.SENDING, "", "")
    assert delivery.next_at <= timezone.now() and delivery.priority == Delivery.URGENT


def test_while_a_worker_has_it_in_hand_a_withdrawal_waits_for_that_worker(release, account):
    delivery = send(release, account=account)
    assert acquire(delivery.pk)
    let_go(delivery)
    assert delivery.next_at == delivery.lease_until > timezone.now()


@pytest.mark.parametrize("said", ["rejected", "permanent", "capability", "by hand"])
def test_nobody_reads_how_to_publish_what_is_withdrawn(said, release, account, server, monkeypatch):
    monkeypatch.setitem(tiny.ERRORS, "by hand", lambda: ByHand("请到后台点“发表”。", within=60))
    server.polls_until_live = 9
    delivery = send(release, account=account)
    assert run(delivery) == Phase.CONFIRMING
    server.faults["/state"] = [said]
    let_go(delivery)
    assert (run(delivery), delivery.cause) == (Phase.ATTENTION, Cause.BY_HAND)
    assert delivery.reason.startswith("这篇文章已撤稿") and account.name in delivery.reason


def test_what_was_forged_halfway_is_told_and_no_call_is_tried(release, account, server):
    server.faults["/submit"] = ["lost"]
    delivery = send(release, account=account)
    run(delivery)
    DeliveryItem.objects.update(payload=b"{}")
    let_go(delivery)
    assert (run(delivery), delivery.cause) == (Phase.ATTENTION, Cause.FORGED)
    assert delivery.next_at is None and server.removals == []


# --- what a person published --------------------------------------------------------------------------------


def test_what_a_person_published_a_person_takes_down(release, account, server):
    """No call was made for it, and it has no identifiers that a call could name."""
    delivery = send(release, account=account)
    switching.pause_all("停一停。", by=OPERATOR)
    by_hand.record_address(delivery, delivery.items.get(), f"{server.url}/a/1", by=OPERATOR)
    switching.resume_all(switching.SEND, by=OPERATOR)
    let_go(delivery)
    assert (run(delivery), delivery.cause) == (Phase.ATTENTION, Cause.BY_HAND)
    assert delivery.items.get().observed_generation and server.removals == []


def test_what_travels_by_hand_is_asked_of_a_person_though_the_account_rests(release, account, server):
    server.faults["/draft"] = ["permanent"]
    delivery = send(release, account=account)
    run(delivery)
    taking_over.take_over(delivery, by=OPERATOR)
    run(delivery)
    Account.objects.update(failures=9, resting_until=in_an_hour())
    let_go(delivery)
    engine.run(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.phase, delivery.cause) == (Phase.ATTENTION, Cause.BY_HAND)


def test_an_edition_of_which_a_part_is_recorded_is_not_sent_once_more(account, server):
    server.faults["/draft"] = ["permanent"]
    delivery = send(signed_release(1), signed_release(2), account=account)
    run(delivery)
    by_hand.record_address(delivery, delivery.items.all()[0], f"{server.url}/a/1", by=OPERATOR)
    retry(delivery, by=OPERATOR)
    assert (run(delivery), delivery.cause) == (Phase.ATTENTION, Cause.BY_HAND)
    assert delivery.deadline_at > timezone.now() + dt.timedelta(hours=1) and server.calls["/draft"] == 1


# --- beside other articles ----------------------------------------------------------------------------------


def test_an_article_that_was_corrected_is_not_missed_when_the_other_one_goes(page, account, server):
    edition = send(signed_release(page.pk), signed_release(8, title="夜校的灯亮着"), account=account)
    assert settle(edition) == Phase.SETTLED
    newer = signed_release(page.pk, title="更正")
    [correction] = correcting.correct(newer, {account: CorrectionStrategy.UPDATE}, by=OPERATOR)
    assert settle(correction) == Phase.SETTLED
    let_go(edition, edition.items.get(position=1))
    assert settle(edition) == Phase.SETTLED and server.live() == ["更正"]
