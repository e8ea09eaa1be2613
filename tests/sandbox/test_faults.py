"""Each fault that can be switched on, struck over real HTTP: what the caller sees, what happened."""

import pytest
import requests

from sandbox import faults
from sandbox.testing import ControlRefused, start_sandbox
from tests.sandbox.callers import Penguin, WeChat

ADD, SUBMIT = "/cgi-bin/draft/add", "/cgi-bin/freepublish/submit"
PUBLISH = "/article/clientpubpic"


class OnWeChat:
    """A changing call, and whether it had its effect."""

    def __init__(self, sandbox):
        self.platform, self.path = "wechat", ADD
        self.caller = WeChat(sandbox, "wxsandbox0001")
        self.body = {"articles": [self.caller.article()]}

    def call(self, **options):
        return self.caller.send("draft/add", self.body, **options)

    def effects(self):
        return len(self.caller.sandbox.drafts())


class OnPenguin:
    def __init__(self, sandbox):
        self.platform, self.path = "penguin", PUBLISH
        self.caller = Penguin(sandbox, "penguinsandbox0001")
        self.body = {"access_token": self.caller.token, **self.caller.article()}

    def call(self):
        return requests.post(self.caller.url + PUBLISH, data=self.body, timeout=20)

    def effects(self):
        self.caller.sandbox.finish_reviews()
        return len(self.caller.sandbox.articles("penguin"))


@pytest.fixture(params=[OnWeChat, OnPenguin], ids=["wechat", "penguin"])
def on(request, sandbox):
    return request.param(sandbox)


def switch(on, kind, **more):
    on.caller.sandbox.fault(kind, platform=on.platform, path=on.path, **more)


def refused(answer) -> bool:
    content = answer.json()
    return str(content.get("errcode", content.get("code", 0))) != "0"


# --- what the caller sees, and what happened --------------------------------------------------------------


@pytest.mark.parametrize(("kind", "effects"), [("http_500", 0), ("http_500_after", 1)])
def test_a_500_comes_before_or_after_the_effect(on, kind, effects):
    switch(on, kind)
    assert on.call().status_code == 500
    assert on.effects() == effects


@pytest.mark.parametrize(("kind", "status"), [("http_429", 429), ("http_503", 503)])
def test_a_busy_platform_says_when_to_come_again_where_that_is_given(on, kind, status):
    switch(on, kind, seconds=14)
    switch(on, kind)
    told = [on.call() for _time in range(2)]
    assert [each.status_code for each in told] == [status] * 2
    assert [each.headers.get("Retry-After") for each in told] == ["14", None]
    assert on.effects() == 0


@pytest.mark.parametrize(("kind", "effects"), [("reset_before", 0), ("lost_answer", 1)])
def test_a_broken_connection_comes_before_or_after_the_effect(on, kind, effects):
    switch(on, kind)
    with pytest.raises(requests.ConnectionError):
        on.call()
    assert on.effects() == effects


def test_a_late_answer_comes_to_who_waits_and_the_effect_is_there_before(on):
    switch(on, "delay", seconds=0.2)
    assert not refused(on.call())
    assert on.effects() == 1


def test_who_does_not_wait_for_a_late_answer_has_had_the_effect(sandbox):
    on = OnWeChat(sandbox)
    switch(on, "delay", seconds=60)
    with pytest.raises(requests.ReadTimeout):
        on.caller.http.post(
            f"{on.caller.url}{ADD}", params={"access_token": on.caller.token}, json=on.body, timeout=1
        )
    assert on.effects() == 1


@pytest.mark.parametrize("code", [45009, -1])
def test_an_error_of_the_platform_has_no_effect(on, code):
    switch(on, "error", **{"errcode" if on.platform == "wechat" else "code": code})
    answer = on.call()
    assert answer.status_code == 200 and refused(answer)
    assert on.effects() == 0


def test_a_token_ends_before_its_time_and_a_fresh_one_works(sandbox):
    wechat = WeChat(sandbox, "wxsandbox0001")
    before = wechat.token
    sandbox.fault("token_expired", platform="wechat", path="/cgi-bin/draft/count")
    assert wechat.call("draft/count", method="GET")["errcode"] == 42001
    after = wechat.stable_token()["access_token"]
    assert after != before and wechat.call("draft/count", method="GET", token=after)["total_count"] == 0


def test_penguins_token_ends_before_its_time_and_the_words_say_so(sandbox):
    penguin = Penguin(sandbox, "penguinsandbox0001")
    assert penguin.token
    sandbox.fault("token_expired", platform="penguin")
    answer = penguin.get("media/basicinfoclient")
    assert str(answer["code"]) != "0" and "token" in answer["msg"]


def test_only_the_tokens_of_the_account_that_was_named_end(sandbox):
    one, other = WeChat(sandbox, "wxsandbox0001"), WeChat(sandbox, "wxsandbox0002")
    assert one.token and other.token
    assert sandbox.expire_tokens("wxsandbox0001") == 1
    assert one.call("draft/count", method="GET")["errcode"] == 42001
    assert "total_count" in other.call("draft/count", method="GET")


def test_a_quota_is_used_up_until_midnight_in_china(sandbox):
    wechat = WeChat(sandbox, "wxsandbox0001")
    sandbox.fault("quota_used_up", platform="wechat", path="/cgi-bin/draft/count")
    assert [wechat.call("draft/count", method="GET")["errcode"] for _ in range(2)] == [45009, 45009]
    sandbox.settings(clock_offset_s=86_400)
    assert "total_count" in wechat.call(
        "draft/count", method="GET", token=wechat.stable_token()["access_token"]
    )


# --- the review -------------------------------------------------------------------------------------------


def test_a_review_without_result_ends_when_somebody_ends_it(sandbox):
    wechat = WeChat(sandbox, "wxsandbox0001")
    sandbox.fault("stall_review", platform="wechat", path=SUBMIT)
    publish_id = wechat.submit(wechat.draft())["publish_id"]
    sandbox.settings(clock_offset_s=3600)
    assert wechat.publication(publish_id)["publish_status"] == 1
    sandbox.finish_reviews()
    assert wechat.publication(publish_id)["publish_status"] == 0


def test_the_reviews_of_one_account_end_and_those_of_others_go_on(sandbox):
    sandbox.fault("stall_review", times=None)
    jobs = {}
    for appid in ("wxsandbox0001", "wxsandbox0002"):
        wechat = WeChat(sandbox, appid)
        jobs[wechat] = wechat.submit(wechat.draft())["publish_id"]
    sandbox.finish_reviews("wxsandbox0002")
    assert [one.publication(publish_id)["publish_status"] for one, publish_id in jobs.items()] == [1, 0]


@pytest.mark.parametrize("status", [2, 3, 4])
def test_a_review_refuses_with_the_status_that_was_asked_for(sandbox, status):
    wechat = WeChat(sandbox, "wxsandbox0001")
    sandbox.fault("reject_review", platform="wechat", status=status)
    publish_id = wechat.submit(wechat.draft())["publish_id"]
    assert wechat.publication(publish_id)["publish_status"] == status
    assert sandbox.articles() == []


def test_an_article_is_banned_after_a_while(on):
    caller, sandbox = on.caller, on.caller.sandbox
    sandbox.fault("ban_later", seconds=600)
    caller.publish()
    assert [article["status"] for article in sandbox.articles()] == ["live"]
    sandbox.settings(clock_offset_s=601)
    [article] = sandbox.articles()
    assert (article["status"], article["withdrawn_by"]) == ("withdrawn", "platform")


# --- when it strikes --------------------------------------------------------------------------------------


def test_a_fault_strikes_as_often_as_asked_after_as_many_as_asked(on):
    switch(on, "http_500", skip=1, times=2)
    assert [on.call().status_code for _ in range(4)] == [200, 500, 500, 200]
    assert [(fault["skip_left"], fault["times_left"]) for fault in on.caller.sandbox.faults()] == [(0, 0)]


def test_a_fault_without_a_number_strikes_until_it_is_cleared(on):
    switch(on, "http_500", times=None)
    assert [on.call().status_code for _ in range(3)] == [500] * 3
    on.caller.sandbox.clear_faults()
    assert on.call().status_code == 200


def test_a_fault_strikes_only_what_it_names(sandbox):
    one, other = WeChat(sandbox, "wxsandbox0001"), WeChat(sandbox, "wxsandbox0002")
    assert one.token and other.token
    sandbox.fault("http_500", times=None, account="wxsandbox0001", method="GET")
    assert one.send("draft/count", method="GET").status_code == 500
    assert one.send("draft/batchget", {"offset": 0, "count": 1}).status_code == 200
    assert other.send("draft/count", method="GET").status_code == 200


def test_what_struck_is_noted_with_the_call_and_without_a_secret(on):
    switch(on, "lost_answer")
    with pytest.raises(requests.ConnectionError):
        on.call()
    call = on.caller.sandbox.calls(on.platform, path=on.path)[-1]
    assert call["fault"] == "lost_answer" and "断开，已执行" in call["outcome"]
    assert on.caller.token not in str(on.caller.sandbox.calls())


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "earthquake"},
        {"kind": "error"},
        {"kind": "http_500", "times": -1},
        {"kind": "http_500", "times": "twice"},
        {"kind": "delay", "seconds": -1},
        {"kind": "reject_review", "status": 9},
        {"kind": "http_500", "platform": "weibo"},
        {"kind": "http_500", "path": "/cgi-bin/no/such"},
    ],
)
def test_a_fault_that_could_not_strike_is_refused_with_a_sentence(sandbox, wrong):
    with pytest.raises(ControlRefused, match="。"):
        sandbox.fault(**wrong)
    assert sandbox.faults() == []


def test_every_kind_of_fault_is_tried_here():
    tried = {
        "http_429", "http_503", "http_500", "http_500_after", "reset_before", "lost_answer", "delay",
        "error", "token_expired", "quota_used_up", "stall_review", "reject_review", "ban_later",
    }  # fmt: skip
    assert tried | set(faults.AT_AN_EVENT) == set(faults.KINDS)


def test_what_was_published_survives_a_restart(tmp_path):
    ledger = tmp_path / "ledger.sqlite3"
    with start_sandbox(ledger) as first:
        first.settings(review_s=0)
        wechat = WeChat(first, "wxsandbox0001")
        wechat.publish(wechat.article(title="木棉花开"))
        first.fault("http_500", times=None)
    with start_sandbox(ledger) as second:
        assert [article["title"] for article in second.articles()] == ["木棉花开"]
        assert [fault["kind"] for fault in second.faults()] == ["http_500"]
