"""Sending to followers: once, whatever becomes of the answer."""

import pytest
from django.utils import timezone

from publishers.interface import (
    ByHand,
    OutcomeUnknown,
    QuotaExceeded,
    Rejected,
)
from publishers.platforms.wechat.mass import key_of
from publishers.testing.job import RecordingJob, Stopped, Waiting
from publishers.testing.running import settle

SEND, GET, SUBMIT = (
    "/cgi-bin/message/mass/sendall",
    "/cgi-bin/message/mass/get",
    "/cgi-bin/freepublish/submit",
)
UPDATE = "/cgi-bin/draft/update"


@pytest.fixture(autouse=True)
def many_a_day(server):
    server.sandbox.settings(wechat_mass_per_day=9)
    yield
    server.sandbox.settings(wechat_mass_per_day=1)


@pytest.fixture
def job(server, make_job):
    made = make_job(server.account("appid", "secret", {"draft", "publish", "mass"}))
    made.notifies = True
    return made


def sent(server):
    return [article["via"] for article in server.sandbox.articles("wechat", server.account_id)]


def told(server, job):
    """Let the job have heard what WeChat tells at the end of the sending."""
    [live] = server.sandbox.articles("wechat", server.account_id)
    msg_id = server.sandbox.calls("wechat", server.account_id, SEND)[0]["answer"]["msg_id"]
    job.told[f"mass {msg_id}"] = {"status": "send success", "urls": {"1": live["url"]}}
    return live["url"]


def run(plugin, job):
    """Run once; return what the job waits for."""
    with pytest.raises(Waiting) as waiting:
        plugin.publish(job)
    return waiting.value


def test_it_is_sent_instead_of_published_and_the_address_is_the_told_one(plugin, server, job):
    assert run(plugin, job).after is not None
    server.pass_time(30)
    run(plugin, job)
    url = told(server, job)
    [live] = plugin.publish(job)
    assert (
        live.url == url and live.remote["msg_id"] and live.remote["msg_data_id"] and live.remote["index"] == 1
    )
    assert sent(server) == ["mass"]
    assert SUBMIT not in server.calls()


def test_without_the_event_the_article_is_live_without_an_address(plugin, server, job):
    [live] = settle(plugin, job, server)
    assert live.url == "" and sent(server) == ["mass"]


def test_the_key_is_short_and_the_same_for_the_same_articles_only(job, make_job, server):
    assert key_of(job.items) == key_of(job.items) and len(key_of(job.items).encode()) <= 32
    job.items[0].token = "8c" * 16
    assert key_of(job.items) != key_of(make_job(job.account).items)


@pytest.mark.parametrize("lose", ["lost_answer", "reset_before", "http_500_after"])
def test_a_lost_answer_is_learned_by_the_same_key_and_never_sent_twice(plugin, server, job, lose):
    server.sandbox.fault(lose, platform="wechat", path=SEND)
    before = timezone.now()
    with pytest.raises(OutcomeUnknown):
        plugin.publish(job)
    waits = run(plugin, job)
    passed_s = (timezone.now() - before).total_seconds()
    assert 65 - passed_s <= waits.after <= 65, "the same key may not be tried again within a minute"
    server.pass_time(waits.after)
    move_the_sandbox(server, 66)
    assert settle(plugin, job, server)
    assert sent(server) == ["mass"]
    keys = {
        call["request"]["json"]["clientmsgid"]
        for call in server.sandbox.calls("wechat", server.account_id, SEND)
    }
    assert keys == {key_of(job.items)}


def move_the_sandbox(server, seconds):
    before = server.sandbox.settings()["clock_offset_s"]
    server.sandbox.settings(clock_offset_s=before + seconds)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_at_the_sending_never_sends_twice(plugin, server, job, when):
    job.stop = ("mass", when)
    with pytest.raises(Stopped):
        plugin.publish(job)
    server.pass_time(run(plugin, job).after)
    move_the_sandbox(server, 66)
    assert settle(plugin, job, server)
    assert sent(server) == ["mass"]


def test_asked_too_soon_the_outcome_stays_unknown(plugin, server, job):
    server.lose_answer(SEND)
    with pytest.raises(OutcomeUnknown):
        plugin.publish(job)
    server.pass_time(run(plugin, job).after)
    for code in (45066, 45028):
        server.refuse(SEND, code)
        with pytest.raises((OutcomeUnknown, QuotaExceeded)):
            plugin.publish(job)
        assert run(plugin, job).after, f"{code} says nothing of the first call"
        server.pass_time(66)
    move_the_sandbox(server, 200)
    assert settle(plugin, job, server)
    assert sent(server) == ["mass"]


def test_after_half_a_day_of_silence_a_person_looks(plugin, server, job):
    server.lose_answer(SEND)
    with pytest.raises(OutcomeUnknown):
        plugin.publish(job)
    server.pass_time(13 * 3600)
    calls = server.calls().count(SEND)
    assert run(plugin, job).after is None
    assert server.calls().count(SEND) == calls


def test_a_used_up_quota_waits_for_tomorrow_and_sends_nothing(plugin, server, job):
    server.sandbox.settings(wechat_mass_per_day=0)
    with pytest.raises(QuotaExceeded) as raised:
        plugin.publish(job)
    assert raised.value.code == "45028" and sent(server) == []


@pytest.mark.parametrize(("told_status", "word"), [("err(20013)", "20013"), ("", "")])
def test_what_wechat_refuses_to_send_goes_to_the_editor_with_the_reason(
    plugin, server, job, told_status, word
):
    server.sandbox.fault("reject_review", platform="wechat", path=SEND)
    server.sandbox.settings(review_s=3600)
    assert run(plugin, job).after
    server.sandbox.settings(review_s=1)
    msg_id = server.sandbox.calls("wechat", server.account_id, SEND)[0]["answer"]["msg_id"]
    job.told[f"mass {msg_id}"] = {"status": told_status, "urls": {}}
    server.pass_time(60)
    with pytest.raises(Rejected) as raised:
        plugin.publish(job)
    assert ("copyright" in raised.value.reason or "版权" in raised.value.reason) == bool(word)
    assert sent(server) == []


def test_what_is_sent_is_what_was_signed(plugin, server, job):
    server.sandbox.settings(wechat_mass_per_day=0)
    with pytest.raises(QuotaExceeded):
        plugin.publish(job)
    server.sandbox.settings(wechat_mass_per_day=9)
    [draft] = server.sandbox.drafts(server.account_id)
    server.sandbox.edit_draft(server.account_id, draft["media_id"], 0, {"title": "改过"})
    assert settle(plugin, job, server)
    assert [seen.title for seen in server.seen()] == [job.items[0].payload["title"]]
    assert server.calls().count(UPDATE) == 1


def test_a_draft_that_is_gone_is_a_persons_task_and_nothing_is_sent(plugin, server, job):
    server.sandbox.settings(wechat_mass_per_day=0)
    with pytest.raises(QuotaExceeded):
        plugin.publish(job)
    [draft] = server.sandbox.drafts(server.account_id)
    server.sandbox.delete_draft(server.account_id, draft["media_id"])
    with pytest.raises(ByHand):
        plugin.publish(job)
    assert server.calls().count(SEND) == 1


def test_what_was_sent_is_taken_down_by_its_message_and_index(plugin, server, job):
    [item], [live] = job.items, settle(plugin, job, server)
    item.observed = live.remote
    plugin.withdraw(RecordingJob(job.account, [item], {}))
    [call] = server.sandbox.calls("wechat", server.account_id, "/cgi-bin/message/mass/delete")
    assert call["request"]["json"]["article_idx"] == 1
    assert server.seen() == []
