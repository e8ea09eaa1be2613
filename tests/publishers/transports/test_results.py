"""What a partner's callback says, before anything is kept of it: part C of partner-feed-contract.md."""

import datetime as dt
import json

import pytest

from publishers.interface import Incoming, Malformed, Shown
from publishers.testing.job import MemoryAccount
from publishers.transports import results
from tests.publishers.transports.pushing import KEY, PATH, SECRET, message, signed

ABOUT = {"article_id": "7", "version": 1}
ENDED = ("rejected", "withdrawn", "failed")


def told(ahead_s=0, **changes):
    """Return the event of a message, sent now, that speaks of a moment so far ahead."""
    now = dt.datetime.now(dt.UTC)
    at = now + dt.timedelta(seconds=ahead_s)
    body = json.dumps(message(ABOUT, at=at, **changes)).encode()
    headers = signed(KEY, SECRET, "POST", PATH, body, now.timestamp())
    account = MemoryAccount("号", "", {"push_key": KEY, "push_secret": SECRET})
    [event] = results.receive(account, Incoming("POST", {}, headers, body, PATH)).events
    return event


@pytest.mark.parametrize("status", results.STATUSES)
def test_only_an_end_may_have_changed_what_was_live(status):
    assert told(status=status).changed is (status in ENDED)


@pytest.mark.parametrize(("ahead_s", "is_taken"), [(-86_400, True), (240, True), (360, False)])
def test_a_partners_clock_may_be_five_minutes_ahead_of_the_hubs(ahead_s, is_taken):
    if is_taken:
        assert told(ahead_s).happened
        return
    with pytest.raises(Malformed) as refused:
        told(ahead_s)
    assert refused.value.field == "occurred_at"


def test_a_reason_is_cut_and_a_name_that_is_too_long_is_none():
    facts = told(status="failed", reason="长" * 600, remote_id="r" * 201, task_id="t" * 200).facts
    assert (len(facts["reason"]), facts["remote_id"], len(facts["task_id"])) == (500, "", 200)


@pytest.mark.parametrize("status", results.STATUSES)
@pytest.mark.parametrize("withdrawing", [False, True])
def test_that_it_published_once_says_nothing_of_today_unless_it_was_taken_down(status, withdrawing):
    shown = results.shown(results.Result(status, reason="缺少授权书"), withdrawing=withdrawing)
    if status in ENDED:
        assert shown == Shown(False, reason="缺少授权书")
    else:
        assert shown == (Shown(True) if withdrawing and status == "published" else None)
    assert results.shown(None, withdrawing=withdrawing) is None
