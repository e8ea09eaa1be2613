"""Sections 3 and 7 of docs/platforms/penguin.md, answered over real HTTP."""

import pytest

from publishers.interface import CredentialsInvalid, OutcomeUnknown, PermanentError, Rejected, Retry
from publishers.platforms.penguin.client import Client
from publishers.platforms.penguin.envelope import opened
from publishers.testing.job import MemoryAccount

TOKEN, PUBLISH, INFO = "/omoauth2/accesstoken", "/article/clientpubpic", "/media/basicinfoclient"
FIELDS = {"title": "夜校的灯亮着", "content": "<p>好</p>", "cover_pic": "https://hub.example/b/1"}
DONE = {"code": 0, "msg": "SUCCESS", "data": {"transaction_id": "1", "nick": "清溪女声"}}


def refusal(code, message="系统繁忙"):
    return {"code": code, "msg": message, "data": {}}


def fresh(word):
    return {"code": "0", "msg": "success", "data": {"access_token": word, "expires_in": 7200}}


@pytest.fixture
def client(script):
    script.answer(TOKEN, fresh("t0ken-1"), fresh("t0ken-2"))
    credentials = {"client_id": "om1", "client_secret": "s3cret"}
    return Client(MemoryAccount("清溪女声", script.url, credentials))


@pytest.mark.parametrize("code", [10005, "10005", "1e3"])
def test_any_code_but_zero_refuses_the_article_with_penguins_words(client, script, code):
    script.answer(PUBLISH, refusal(code, "标题不规范"))
    with pytest.raises(Rejected, match="标题不规范") as raised:
        client.publish(FIELDS)
    assert (raised.value.code, raised.value.status, raised.value.body) == (str(code), 200, "标题不规范")
    assert not raised.value.certain  # no table of codes is known: it may have been taken


@pytest.mark.parametrize(
    ("code", "message"), [(-1, "系统错误"), ("-1", ""), (500, "system busy"), (9, "服务繁忙，请稍后再试")]
)
def test_what_says_that_penguin_is_busy_is_no_refusal(client, script, code, message):
    script.answer(PUBLISH, refusal(code, message))
    with pytest.raises(OutcomeUnknown):
        client.publish(FIELDS)
    assert [path for _m, path, _q, _b in script.requests].count(PUBLISH) == 1
    script.answer(INFO, refusal(code, message))
    with pytest.raises(Retry):
        client.account_name()


@pytest.mark.parametrize("zero", [0, "0"])
def test_zero_is_success_as_number_and_as_text(client, script, zero):
    script.answer(INFO, {**DONE, "code": zero})
    assert client.account_name() == "清溪女声"


def test_a_refused_question_is_nothing_that_an_editor_could_change(client, script):
    script.answer(INFO, refusal(10004, "无接口权限"))
    with pytest.raises(PermanentError, match="无接口权限"):
        client.account_name()


@pytest.mark.parametrize("message", ["invalid access_token", "Token 已过期", "access_token expired"])
@pytest.mark.parametrize("path", [PUBLISH, INFO])
def test_a_refused_token_is_replaced_once_and_the_call_made_again(client, script, path, message):
    script.answer(path, refusal(10003, message), DONE)
    assert {PUBLISH: lambda: client.publish(FIELDS), INFO: client.account_name}[path]()
    assert [path for _m, path, _q, _b in script.requests] == [TOKEN, path, TOKEN, path]


@pytest.mark.parametrize("path", [PUBLISH, INFO])
def test_a_token_that_is_refused_twice_stops_nobody_and_only_a_question_is_simply_asked_again(
    client, script, path
):
    script.answer(path, refusal("10003", "invalid access_token"))
    with pytest.raises(Retry) as refused:
        {PUBLISH: lambda: client.publish(FIELDS), INFO: client.account_name}[path]()
    assert refused.value.certain == (path == INFO)


@pytest.mark.parametrize("message", ["client_secret error", "client_id error", "token quota of client"])
def test_refused_credentials_stop_the_account(client, script, message):
    script.answer(TOKEN, refusal(10002, message))
    with pytest.raises(CredentialsInvalid, match=message):
        client.account_name()


UNCLEAR = [None, b"<html>bad gateway</html>", b"[]", b""]


@pytest.mark.parametrize("answer", UNCLEAR)
def test_a_submission_without_a_clear_answer_has_an_unknown_outcome_and_is_made_once(client, script, answer):
    script.answer(PUBLISH, answer)
    with pytest.raises(OutcomeUnknown):
        client.publish(FIELDS)
    assert [path for _m, path, _q, _b in script.requests].count(PUBLISH) == 1


@pytest.mark.parametrize("answer", UNCLEAR)
@pytest.mark.parametrize("path", [INFO, TOKEN])
def test_a_question_without_a_clear_answer_is_asked_again_later(client, script, path, answer):
    script.answer(INFO, DONE)
    script.answer(path, answer)
    with pytest.raises(Retry):
        client.account_name()


@pytest.mark.parametrize(
    ("status", "error"), [(500, OutcomeUnknown), (502, OutcomeUnknown), (429, Retry), (404, PermanentError)]
)
def test_another_http_status_is_classed_by_what_may_have_happened(client, script, status, error):
    script.answer(PUBLISH, DONE, status=status)
    with pytest.raises(error) as raised:
        client.publish(FIELDS)
    assert raised.value.status == status


def test_a_submission_that_is_accepted_without_a_number_has_an_unknown_outcome(client, script):
    script.answer(PUBLISH, {"code": 0, "msg": "SUCCESS", "data": {}})
    with pytest.raises(OutcomeUnknown):
        client.publish(FIELDS)


def test_no_error_shows_the_token_or_the_secret(client, script):
    script.answer(INFO, None)
    with pytest.raises(Retry) as raised:
        client.account_name()
    shown = f"{raised.value} {raised.value.body} {raised.value.__cause__}"
    assert "t0ken" not in shown and "s3cret" not in shown


@pytest.mark.parametrize("word", ["SUCCESS", "success", "ok", ""])
def test_the_envelopes_word_for_a_call_that_was_read_is_no_reason(word):
    with pytest.raises(Rejected) as refused:
        opened({"code": 7, "msg": word}, Rejected)
    assert refused.value.reason == "企鹅号拒绝了请求：对方没有说明原因（代码 7）"
