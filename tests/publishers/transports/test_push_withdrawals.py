"""Part B of partner-feed-contract.md: what takes an article down at a partner, and what proves that it is."""

import re
import time
from contextlib import suppress

import pytest
import time_machine

from publishers.interface import (
    ByHand,
    OutcomeUnknown,
    Rejected,
)
from publishers.testing.job import Waiting
from tests.publishers.transports.pushed import (
    ACCEPTED,
    PUBLISHED,
    account,
    conflict,
    job,
    keys,
    make,
    partner,
    plugin,
)
from tests.publishers.transports.pushing import PAGE

__all__ = ["account", "job", "make", "partner", "plugin"]


@pytest.fixture
def live(plugin, job, partner):
    job.items[0].observed = plugin.publish(job)[0].remote
    partner.heard.clear()
    return job


NOT_THERE = {"code": "unknown_article", "message": "没有这篇文章。"}


def test_what_is_taken_down_is_withdrawn(plugin, live, partner):
    partner.answer((200, {"status": "withdrawn"}))
    plugin.withdraw(live)
    plugin.withdraw(live)
    assert len(partner.heard) == 1


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize(
    "said", [b"<html><h1>404 Not Found</h1><hr>nginx</html>", {"detail": "Not Found"}, {}, {"code": "route"}]
)
def test_an_answer_that_is_not_the_contracts_does_not_say_that_it_is_gone(
    plugin, live, partner, status, said
):
    partner.answer((status, said), (200, {"status": "withdrawn"}))
    with pytest.raises(OutcomeUnknown):
        plugin.withdraw(live)
    plugin.withdraw(live)
    assert keys(partner) == ["1:7:1:withdraw"] * 2


@pytest.mark.parametrize("status", [404, 410])
def test_what_may_still_arrive_is_withdrawn_again_until_it_has(plugin, live, partner, status):
    partner.answer((status, NOT_THERE), (status, NOT_THERE), (200, {"status": "withdrawn"}))
    with pytest.raises(Waiting):
        plugin.withdraw(live)
    plugin.withdraw(live)
    assert keys(partner) == ["1:7:1:withdraw"] * 3


def test_what_is_missing_for_as_long_as_it_may_arrive_is_withdrawn(plugin, live, partner):
    partner.answer((404, NOT_THERE))
    with time_machine.travel(time.time(), tick=False) as clock:
        with pytest.raises(Waiting):
            plugin.withdraw(live)
        clock.shift(sum(plugin.platform.waits) - 1)
        with pytest.raises(Waiting):
            plugin.withdraw(live)
        clock.shift(1)
        plugin.withdraw(live)


@pytest.mark.parametrize("status", ["rejected", "failed", "withdrawn"])
def test_what_the_partner_has_ended_and_does_not_have_is_withdrawn(plugin, live, partner, status):
    live.told["article 7 1"] = {"status": status}
    partner.answer((404, NOT_THERE))
    plugin.withdraw(live)


def test_how_the_push_itself_ended_is_asked_where_a_withdrawal_meets_nothing(plugin, job, partner):
    """A review that failed leaves nothing that may still arrive."""
    job.items[0].observed = {"article_id": "7", "version": 1, "task_id": "t1"}
    partner.answer((404, NOT_THERE), (404, NOT_THERE), (200, {"status": "failed"}))
    plugin.withdraw(job)
    assert [heard[:2] for heard in partner.heard][2:] == [("GET", "/in/push/t1")]


@pytest.mark.parametrize("status", ["rejected", "failed"])
def test_a_withdrawal_whose_task_ends_otherwise_is_a_persons(plugin, live, partner, status):
    partner.answer((202, ACCEPTED), (200, {"status": status, "reason": "还在专题里"}))
    with pytest.raises(ByHand, match="还在专题里"):
        plugin.withdraw(live)


def test_a_withdrawal_with_a_task_is_asked_about(plugin, live, partner):
    partner.answer((202, ACCEPTED), (200, {"status": "pending"}), (200, {"status": "withdrawn"}))
    with pytest.raises(Waiting):
        plugin.withdraw(live)
    plugin.withdraw(live)
    assert keys(partner) == ["1:7:1:withdraw", None, None]


@pytest.mark.parametrize("generation", [2, 3])
def test_what_was_put_back_is_withdrawn_anew_under_a_key_of_its_own(plugin, live, partner, generation):
    """Under the first one the partner would do nothing."""
    live.generation = generation
    partner.answer((200, {"status": "withdrawn"}))
    plugin.withdraw(live)
    assert keys(partner) == [f"1.{generation}:7:1:withdraw"]


@pytest.mark.parametrize(
    "answer", [(422, {"code": "x", "message": "不能撤 {time.real} {0}"}), conflict(version=2)]
)
def test_what_is_not_taken_down_is_a_persons(plugin, live, partner, answer):
    partner.answer(answer)
    with pytest.raises(ByHand) as task:
        plugin.withdraw(live)
    assert task.value.instruction.count("{time}") == 1


def test_words_of_the_partner_that_look_like_the_time_are_told_as_they_are(plugin, live, partner):
    partner.answer((422, {"code": "x", "message": "不能撤 {time} {0}"}))
    with pytest.raises(ByHand, match=re.escape("不能撤 {time} {0}")) as task:
        plugin.withdraw(live)
    assert task.value.instruction.rindex("{time}") > task.value.instruction.index("{0}")


@pytest.mark.parametrize("status", ["rejected", "failed"])
def test_a_withdrawal_that_is_refused_at_once_is_a_persons(plugin, live, partner, status):
    partner.answer((200, {"status": status, "reason": "还在专题里"}))
    with pytest.raises(ByHand, match="还在专题里"):
        plugin.withdraw(live)


def test_while_withdrawing_nothing_is_published_that_may_not_have_arrived(plugin, job, partner):
    partner.answer((503, b""))
    with pytest.raises(OutcomeUnknown):
        plugin.publish(job)
    job.withdrawing = True
    [live] = plugin.publish(job)
    job.withdrawing, job.items[0].observed = False, live.remote
    partner.answer((200, {"status": "withdrawn"}))
    plugin.withdraw(job)
    assert keys(partner) == ["1:7:1:publish", "1:7:1:withdraw"]


def test_a_withdrawal_whose_answer_was_lost_is_made_again_under_its_key(plugin, live, partner):
    live.withdrawing = True
    partner.answer((503, b""), (200, {"status": "withdrawn"}))
    with pytest.raises(OutcomeUnknown):
        plugin.withdraw(live)
    plugin.withdraw(live)
    assert keys(partner) == ["1:7:1:withdraw"] * 2


@pytest.mark.parametrize("status", ["in_review", "rejected"])
def test_another_word_than_that_it_is_there_does_not_stand_for_a_lost_answer(plugin, job, partner, status):
    partner.answer((503, b""), (200, PUBLISHED))
    with pytest.raises(OutcomeUnknown):
        plugin.publish(job)
    job.told["article 7 1"] = {"status": status}
    with suppress(Rejected):
        plugin.publish(job)
    assert keys(partner) == ["1:7:1:publish"] * 2


def test_a_callback_ends_the_wait_for_an_answer_that_was_lost(plugin, job, partner):
    partner.answer((503, b""))
    with pytest.raises(OutcomeUnknown):
        plugin.publish(job)
    job.told["article 7 1"] = {"status": "published", "url": PAGE, "remote_id": "r1"}
    assert plugin.publish(job)[0].url == PAGE
    assert len(partner.heard) == 1
