"""How a run ends, case by case: for how long, and with what sentence, whatever was said before."""

import datetime as dt

import pytest
from django.utils import timezone

from publishers.accounts import pausing
from publishers.engine import held_up, outcomes
from publishers.interface import ByHand, OutcomeUnknown, QuotaExceeded, Retry, Undecided
from publishers.models import Cause, Desired, MainSwitch, Phase
from tests.publishers.engine.cast import send
from tests.publishers.engine.clock import HOUR, in_an_hour, is_ahead, just_now

pytestmark = pytest.mark.django_db(transaction=True)
#: No platform is tried, or left alone as it asks, for so long without a person.
LONG_S = 10**5
A_MONTH = dt.timedelta(days=31)


@pytest.fixture
def delivery(release, account):
    return send(release, account=account)


@pytest.fixture
def going(delivery):
    delivery.items.update(desired=Desired.GONE)
    return delivery


# --- how long -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "given"), [(dt.timedelta(days=3),) * 2, (A_MONTH * 2, A_MONTH)], ids=["days", "months"]
)
def test_a_person_has_as_long_as_the_plugin_says_up_to_a_month(delivery, asked, given):
    since = just_now()
    task = outcomes.of_error(ByHand("看一看。", within=asked.total_seconds()), delivery)
    assert is_ahead(task.deadline_at, given, since=since)


def test_a_platform_with_times_of_its_own_is_given_to_a_person_when_they_are_over(delivery):
    delivery.put_off_s = 100
    asked = Retry("busy", after=10)
    assert outcomes.of_error(asked, delivery, waits=(60, 60)).phase == Phase.SCHEDULED
    assert outcomes.of_error(asked, delivery, waits=(30, 60)).phase == Phase.ATTENTION


def test_a_used_up_quota_and_a_busy_platform_do_not_add_up(delivery):
    delivery.put_off_s, delivery.cause = 10 * LONG_S, Cause.RETRY
    assert outcomes.of_error(QuotaExceeded("used up", until=in_an_hour()), delivery).phase == Phase.SCHEDULED
    delivery.cause = Cause.QUOTA
    assert outcomes.of_error(Retry("busy", after=10), delivery).phase == Phase.SCHEDULED


def test_a_quota_that_is_said_again_to_be_renewed_in_a_moment_is_asked_for_in_a_minute(delivery):
    error = QuotaExceeded("used up", until=timezone.now() + dt.timedelta(seconds=3))
    since = just_now()
    assert is_ahead(outcomes.of_error(error, delivery).at, outcomes.SOONEST, since=since)
    delivery.put_off_s, delivery.cause = 5, Cause.QUOTA
    assert is_ahead(outcomes.of_error(error, delivery).at, dt.timedelta(minutes=1), since=since)


def test_a_withdrawal_whose_tries_are_used_up_is_tried_each_hour(going):
    going.retries = outcomes.RETRIES
    tried = outcomes.of_error(Retry("busy"), going)
    assert (tried.phase, tried.after, tried.retries) == (going.phase, HOUR, outcomes.RETRIES)


def test_a_withdrawal_is_asked_for_however_long_the_platform_asks_to_wait(going):
    going.put_off_s = LONG_S
    assert outcomes.of_error(Retry("busy", after=10), going).after


def test_a_task_that_is_there_stays_though_the_next_wait_is_short(going):
    soon = outcomes.confirming(going, 10)
    assert held_up.instead(soon, going) == soon
    going.phase = Phase.ATTENTION
    assert held_up.instead(soon, going).phase == Phase.ATTENTION


@pytest.mark.parametrize(
    "hindrance",
    [
        lambda delivery: outcomes.everything_paused(delivery, MainSwitch(paused_reason="停一停。")),
        lambda delivery: outcomes.plugin_missing(delivery, "没有插件。"),
    ],
    ids=["a pause", "no plugin"],
)
@pytest.mark.parametrize("desired", Desired)
def test_what_hinders_every_delivery_gives_none_its_tries_back(delivery, hindrance, desired):
    delivery.items.update(desired=desired)
    delivery.retries = 4
    assert hindrance(delivery).retries == 4


# --- in what words ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [None, 10], ids=["failed", "asked to wait"])
def test_of_what_may_have_arrived_nobody_reads_that_it_did_not(delivery, after):
    delivery.retries, delivery.put_off_s = outcomes.RETRIES, LONG_S
    lost = outcomes.of_error(OutcomeUnknown("lost", after=after), delivery)
    assert (lost.phase, lost.cause) == (Phase.ATTENTION, Cause.UNKNOWN) and "不能确定" in lost.reason
    refused = outcomes.of_error(Retry("busy", after=after), delivery)
    assert (refused.phase, refused.cause) == (Phase.ATTENTION, Cause.RETRY)
    assert "不能确定" not in refused.reason and "重试" in refused.reason


def test_what_stays_undecided_is_given_to_a_person_in_the_platforms_words(delivery):
    delivery.put_off_s = LONG_S
    task = outcomes.undecided(delivery, "submit", Undecided("平台还没有说。", 10))
    assert (task.phase, task.reason) == (Phase.ATTENTION, "平台还没有说。")


def test_while_a_withdrawal_is_confirmed_nobody_reads_of_sending(going):
    assert "撤回" in outcomes.confirming(going, 5).reason and "撤回" in outcomes.unconfirmed(going).reason


@pytest.mark.parametrize("by_name", ["", "林"], ids=["by the hub", "by a person"])
def test_whoever_paused_the_account_the_reason_is_hers(account, by_name):
    pausing.pause(account, by_name=by_name, reason="换人。")
    cause = Cause.NONE if by_name else Cause.CREDENTIALS
    paused = outcomes.account_paused(account)
    assert (paused.phase, paused.cause, paused.reason) == (Phase.PAUSED, cause, "换人。")


@pytest.mark.parametrize(
    "asked",
    [outcomes.unconfirmed, outcomes.withdrawn_halfway, lambda row: outcomes.to_be_taken_down(row, "小平台")],
    ids=["to be looked for", "halfway", "no call"],
)
def test_who_is_told_already_what_to_do_reads_it_once_and_no_call_is_tried(going, asked):
    task = asked(going)
    held = held_up.instead(task, going)
    assert (held.reason, held.after, held.at) == (task.reason, None, None) and held.deadline_at
