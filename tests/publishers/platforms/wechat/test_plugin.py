"""What WeChat's plugin promises beyond the suite: drafts, lost submits, every publish status."""

import datetime as dt
import json

import pytest
import time_machine

from publishers.interface import (
    ByHand,
    OutcomeUnknown,
    PermanentError,
    QuotaExceeded,
    Rejected,
    Retry,
)
from publishers.platforms.wechat.client import Entry
from publishers.platforms.wechat.finding import is_ours
from publishers.platforms.wechat.publishing import POLL_S
from publishers.testing.job import MemoryAccount, Stopped, Waiting
from publishers.testing.running import settle
from publishers.testing.server import pictures_of

DRAFT, SUBMIT, GET = "/cgi-bin/draft/add", "/cgi-bin/freepublish/submit", "/cgi-bin/freepublish/get"


def run_until_waiting(plugin, job):
    with pytest.raises(Waiting) as wait:
        plugin.publish(job)
    return wait.value


def test_the_check_of_an_account_for_drafts_only_finds_no_right_to_publish(plugin, server):
    server.sandbox.add_account("wechat", server.account_id, "s3cret", "榕溪县女声", capabilities=["draft"])
    assert plugin.check(server.account("appid", "secret", ())) == {"draft"}


def test_a_draft_whose_answer_was_lost_is_found_by_the_source_link(plugin, server, job):
    server.lose_answer(DRAFT)
    with pytest.raises(OutcomeUnknown):
        plugin.publish(job)
    [draft] = server.sandbox.drafts(server.account_id)
    assert settle(plugin, job, server)
    assert server.calls().count(DRAFT) == 1
    assert draft["articles"][0]["content_source_url"].endswith(job.items[0].token)


def test_a_lost_draft_that_a_person_published_meanwhile_is_found_published(plugin, server, job):
    server.lose_answer(DRAFT)
    with pytest.raises(OutcomeUnknown):
        plugin.publish(job)
    [draft] = server.sandbox.drafts(server.account_id)
    server.sandbox.console_publish(server.account_id, draft["media_id"])
    [live] = settle(plugin, job, server)
    [seen] = server.seen()
    assert live.url == seen.url
    assert SUBMIT not in server.calls()


def test_a_lost_submit_is_looked_for_and_then_given_to_a_person(plugin, server, job):
    server.sandbox.fault("reset_before", platform="wechat", path=SUBMIT)
    with pytest.raises(OutcomeUnknown):
        plugin.publish(job)
    waits = []
    while (wait := run_until_waiting(plugin, job)).after is not None:
        waits.append(wait.after)
        server.pass_time(wait.after)
    assert 1700 < sum(waits) < 1900
    assert len(waits) < 12
    assert server.calls().count(SUBMIT) == 1
    assert server.seen() == []


def test_a_lost_submit_that_a_clock_ahead_began_is_not_looked_for_all_the_time(plugin, server, job):
    server.sandbox.fault("reset_before", platform="wechat", path=SUBMIT)
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(hours=3)), pytest.raises(OutcomeUnknown):
        plugin.publish(job)
    assert run_until_waiting(plugin, job).after == plugin.review_s


def test_a_person_is_asked_though_the_draft_box_does_not_answer(plugin, server, job):
    """Whether the draft is still there only tells her where to look."""
    server.sandbox.fault("reset_before", platform="wechat", path=SUBMIT)
    with pytest.raises(OutcomeUnknown):
        plugin.publish(job)
    server.pass_time(6 * 3600)
    server.sandbox.fault("http_500", platform="wechat", path="/cgi-bin/draft/get", times=None)
    assert run_until_waiting(plugin, job).after is None


def test_a_submit_killed_on_the_way_is_never_made_again(plugin, server, job):
    job.stop = ("submit", "after")
    with pytest.raises(Stopped):
        plugin.publish(job)
    [live] = settle(plugin, job, server)
    assert server.calls().count(SUBMIT) == 1
    assert live.remote["article_id"]


def test_pictures_are_uploaded_once_and_shown_from_the_platforms_own_address(plugin, server, job):
    settle(plugin, job, server)
    uploads = server.calls().count("/cgi-bin/media/uploadimg")
    assert uploads == len(job.items[0].rendition.assets) == 2
    assert all("/mmbiz/" in address for address in pictures_of(server.seen()[0].html))


def test_a_job_in_review_is_asked_about_sparingly(plugin, server, job):
    server.sandbox.fault("stall_review", platform="wechat", path=SUBMIT)
    waits = [run_until_waiting(plugin, job).after for _poll in POLL_S]
    assert waits == list(POLL_S)
    assert run_until_waiting(plugin, job).after is None
    assert sum(POLL_S[:7]) > 2 * 3600, "five looks in the first minutes, then hours"


STATUSES = [(2, Rejected), (3, PermanentError), (4, Rejected), (5, PermanentError), (6, PermanentError)]


@pytest.mark.parametrize(("status", "error"), [*STATUSES, (9, PermanentError)])
def test_each_publish_status_says_what_to_do(plugin, script, make_job, status, error):
    job = make_job(scripted_account(script))
    script.answer(GET, {"publish_id": "1", "publish_status": status, "fail_idx": [1]})
    with pytest.raises(error) as raised:
        plugin.publish(job)
    assert raised.value.code == f"publish_status {status}"


def test_a_cover_that_is_not_known_yet_is_tried_again_for_seconds(plugin, script, make_job, monkeypatch):
    monkeypatch.setattr("publishers.platforms.wechat.drafts.MEDIA_LAG_S", (0, 0))
    job = make_job(scripted_account(script))
    unknown = {"errcode": 40007, "errmsg": "invalid media_id rid: 1"}
    script.answer(DRAFT, unknown, unknown, {"media_id": "M"})
    script.answer(GET, {"publish_id": "1", "publish_status": 1})
    assert run_until_waiting(plugin, job).after == POLL_S[0]
    again = make_job(scripted_account(script))
    script.answer(DRAFT, unknown)
    with pytest.raises(Rejected):
        plugin.publish(again)


@pytest.mark.parametrize(
    ("code", "error"), [(-1, OutcomeUnknown), (45009, QuotaExceeded), (45011, Retry), (53504, ByHand)]
)
def test_a_refused_submit_leaves_the_draft_and_says_what_to_do(plugin, script, make_job, code, error):
    job = make_job(scripted_account(script))
    script.answer(SUBMIT, {"errcode": code, "errmsg": "no rid: 1"})
    with pytest.raises(error):
        plugin.publish(job)
    assert job.calls.count("draft") == 1


@pytest.mark.parametrize(
    ("articles", "is_it"),
    [
        ([{"content_source_url": "https://hub.example/r/{ours}"}], True),
        ([{"content": "<p>原文：https://hub.example/r/{ours}</p>"}], True),
        ([{"content_source_url": "https://hub.example/r/{other}", "title": "{ours}"}], False),
        ([{"content_source_url": "https://hub.example/r/{ours}"}, {}], False),
        ([], False),
    ],
)
def test_ours_is_what_has_our_token_in_its_link_or_its_text_and_nothing_else(job, articles, is_it):
    names = {"ours": job.items[0].token, "other": "8c" * 16}
    shown = tuple({name: value.format(**names) for name, value in each.items()} for each in articles)
    assert is_ours(Entry("M", shown), job.items) == is_it


def scripted_account(script):
    """Let ``script`` answer every call up to the submit, and return an account on it."""
    script.answer("/cgi-bin/stable_token", {"access_token": "T", "expires_in": 7200})
    script.answer("/cgi-bin/media/uploadimg", {"url": "https://mmbiz.qpic.cn/a/0", "errcode": 0})
    script.answer("/cgi-bin/material/add_material", {"media_id": "COVER"})
    script.answer(DRAFT, {"media_id": "M"})
    script.answer("/cgi-bin/draft/get", lambda: {"news_item": added(script)})
    script.answer(SUBMIT, {"errcode": 0, "publish_id": "1"})
    credentials = {"appid": "wx1", "secret": "s3cret"}
    return MemoryAccount("清溪女声", script.url, credentials, frozenset({"draft", "publish"}))


def added(script):
    """Return the articles of the draft that was made last."""
    [*_others, body] = [body for _method, path, _query, body in script.requests if path == DRAFT]
    return json.loads(body)["articles"]


TOLD = {"sealed": True, "article_id": "A", "urls": ["https://mp.weixin.qq.com/s/1"]}


def test_what_was_told_sealed_is_believed_without_a_question(plugin, script, make_job):
    job = make_job(scripted_account(script))
    job.told = {"publish 1 0": TOLD}
    [live] = plugin.publish(job)
    assert (live.url, live.remote["article_id"]) == ("https://mp.weixin.qq.com/s/1", "A")
    assert GET not in [path for _method, path, _query, _body in script.requests]


@pytest.mark.parametrize(
    "told",
    [
        {"publish 1 0": {**TOLD, "sealed": False}},
        {"publish 1 0": {**TOLD, "article_id": ""}},
        {"publish 1 0": {**TOLD, "urls": []}},
        {"publish 1 0": TOLD, "publish 1 5": {"status": "5"}},
        {"publish 1 0": TOLD, "publish 1 6": {"status": "6"}},
        {"publish 2 0": TOLD},
    ],
)
def test_what_was_told_and_proves_no_success_that_stands_is_asked_about(plugin, script, make_job, told):
    job = make_job(scripted_account(script))
    job.told = told
    script.answer(GET, {"publish_id": "1", "publish_status": 1})
    assert run_until_waiting(plugin, job).after == POLL_S[0]


def test_addresses_that_make_the_article_too_long_are_seen_before_the_draft(plugin, script, make_job):
    job = make_job(scripted_account(script))
    script.answer("/cgi-bin/media/uploadimg", {"url": f"https://mmbiz.qpic.cn/{'a' * 20_000}"})
    with pytest.raises(Rejected):
        plugin.publish(job)
    assert DRAFT not in [path for _method, path, _query, _body in script.requests]


def test_a_draft_that_stays_altered_after_an_update_is_not_submitted(plugin, script, make_job):
    job = make_job(scripted_account(script))
    script.answer("/cgi-bin/draft/get", lambda: {"news_item": [{**added(script)[0], "title": "改过"}]})
    script.answer("/cgi-bin/draft/update", {"errcode": 0})
    with pytest.raises(PermanentError):
        plugin.publish(job)
    assert SUBMIT not in [path for _method, path, _query, _body in script.requests]


SPEED, LIST = "/cgi-bin/message/mass/speed/get", "/cgi-bin/freepublish/batchget"


@pytest.mark.parametrize(
    ("path", "fault", "known", "found"),
    [
        (SPEED, {"kind": "http_500"}, {"draft", "publish", "mass"}, {"draft", "publish", "mass"}),
        (SPEED, {"kind": "http_500"}, {"draft", "publish"}, {"draft", "publish"}),
        (LIST, {"kind": "error", "errcode": 45009}, {"draft", "publish"}, {"draft", "publish", "mass"}),
        (LIST, {"kind": "error", "errcode": 45009}, {"draft"}, {"draft", "mass"}),
    ],
)
def test_what_cannot_be_asked_now_stays_as_it_was_known(plugin, server, path, fault, known, found):
    account = server.account("appid", "secret", known)
    server.sandbox.fault(platform="wechat", path=path, **fault)
    assert plugin.check(account) == found


def test_the_time_of_a_review_is_counted_from_the_submit_whose_answer_was_lost(plugin, server, job):
    server.refuse(SUBMIT, 45011)
    with pytest.raises(Retry):
        plugin.publish(job)
    server.pass_time(6 * 3600)
    server.sandbox.fault("stall_review", platform="wechat", path=SUBMIT)
    server.lose_answer(SUBMIT)
    with pytest.raises(OutcomeUnknown):
        plugin.publish(job)
    assert run_until_waiting(plugin, job).after is not None
    assert settle(plugin, job, server)
    assert server.calls().count(SUBMIT) == 2 and len(server.seen()) == 1
