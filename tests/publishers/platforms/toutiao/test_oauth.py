"""Toutiao's OAuth, sections 1 and 2 of docs/platforms/toutiao.md, answered over real HTTP."""

import datetime as dt
import time
from urllib.parse import parse_qsl, urlsplit

import pytest

from publishers.interface import ConsentInvalid, CredentialsInvalid, Grant, PermanentError, Retry
from publishers.platforms.toutiao import oauth
from publishers.platforms.toutiao.plugin import Toutiao
from publishers.testing.job import MemoryAccount
from tests.publishers.engine.clock import is_ahead, just_now
from tests.publishers.platforms.penguin.consent import agreed

BACK = "https://hub.example/admin/accounts/connected/"
ACCESS, REFRESH, EXTEND = "/oauth/access_token/", "/oauth/refresh_token/", "/oauth/renew_refresh_token/"
GIVEN = {"access_token": "A1", "expires_in": 15 * 86400, "refresh_token": "R1", "open_id": "O"}
OTHER = {"message": "error", "data": {"error_code": 10002, "description": "参数错误", "captcha": ""}}


def told(**data):
    return {"message": "success", "data": data}


def in_days(days) -> dt.datetime:
    return dt.datetime.now(dt.UTC) + dt.timedelta(days=days)


@pytest.fixture
def make(script):
    def account(grant=None, **more):
        credentials = {"client_key": "k1", "client_secret": "s3cret", "consent": "today", **more}
        return MemoryAccount("清溪女声", script.url, credentials, grant=grant)

    return account


def asked(script):
    return [(method, path, query) for method, path, query, _body in script.requests]


def test_consent_is_asked_for_in_toutiaos_words(make, script):
    address = Toutiao().authorize_url(make(scope="toutiao.a,toutiao.b"), BACK, "S", "challenge")
    parts = urlsplit(address)
    assert address.startswith(script.url) and parts.path == "/oauth/authorize/"
    assert dict(parse_qsl(parts.query)) == {
        "response_type": "code",
        "client_key": "k1",
        "redirect_uri": BACK,
        "scope": "toutiao.a,toutiao.b",
        "state": "S",
    }


def test_the_old_consent_is_asked_for_in_its_own_words(make):
    parts = urlsplit(Toutiao().authorize_url(make(consent=""), BACK, "S", "challenge"))
    assert parts.path == "/auth/authorize/"
    assert dict(parse_qsl(parts.query)) == {
        "response_type": "code", "auth_only": "1", "client_key": "k1", "redirect_uri": BACK, "state": "S",
    }  # fmt: skip


@pytest.mark.parametrize(("says", "days"), [({}, 30), ({"refresh_expires_in": 86400 * 20}, 20)])
def test_a_code_gives_a_grant_that_lives_as_long_as_toutiao_says(make, script, says, days):
    script.answer(ACCESS, told(**GIVEN, **says, scope="toutiao.a"))
    since = just_now()
    grant = Toutiao().connected(make(), "C", BACK, "verifier")
    assert (grant.subject, grant.refresh_token, grant.access) == ("O", "R1", ("A1", 15 * 86400))
    assert is_ahead(grant.expires_at, dt.timedelta(days=days), since=since)
    assert asked(script) == [
        (
            "GET",
            ACCESS,
            {
                "grant_type": "authorization_code",
                "client_key": "k1",
                "client_secret": "s3cret",
                "code": "C",
            },
        )
    ]


def test_the_old_code_gives_a_token_until_the_moment_that_is_named_and_nothing_to_renew_it(make, script):
    ends = int(in_days(3).timestamp())
    data = {"access_token": "A1", "expires_in": ends, "uid": 1, "uid_type": 12, "open_id": "O"}
    script.answer("/auth/token/", {"ret": 0, "data": data})
    before_s = int(time.time())
    grant = Toutiao().connected(make(consent=""), "C", BACK, "verifier")
    after_s = int(time.time())
    assert (grant.subject, grant.refresh_token) == ("O", "")
    assert ends <= grant.expires_at.timestamp() < ends + 1 + after_s - before_s
    assert ends - after_s <= grant.access[1] <= ends - before_s
    [(_method, _path, query)] = asked(script)
    assert query == {
        "code": "C", "client_key": "k1", "client_secret": "s3cret", "grant_type": "authorize_code",
    }  # fmt: skip
    with pytest.raises(ConsentInvalid):
        oauth.fetch_token(make(consent="", grant=grant))


def test_a_refresh_keeps_what_it_gives_and_the_consents_end(make, script):
    account = make(Grant("O", "R1", in_days(20)))
    ends_at = account.grant.expires_at
    script.answer(REFRESH, told(**{**GIVEN, "access_token": "A2", "refresh_token": "R2"}))
    assert oauth.fetch_token(account) == ("A2", 15 * 86400)
    assert account.grant.refresh_token == "R2" and account.grant.expires_at == ends_at
    query = {"grant_type": "refresh_token", "client_key": "k1", "refresh_token": "R1"}
    assert asked(script) == [("GET", REFRESH, query)]


def test_a_consent_near_its_end_is_extended_first_and_kept_before_anything_else(make, script):
    account = make(Grant("O", "R1", in_days(14)))
    script.answer(EXTEND, told(refresh_token="R-long", expires_in=30 * 86400))
    script.answer(REFRESH, None)
    since = just_now()
    with pytest.raises(Retry):
        oauth.fetch_token(account)
    assert account.grant.refresh_token == "R-long"
    assert is_ahead(account.grant.expires_at, dt.timedelta(days=30), since=since)
    script.answer(REFRESH, told(**GIVEN))
    oauth.fetch_token(account)
    last = asked(script)[-1]
    assert last[1] == REFRESH and last[2]["refresh_token"] == "R-long"
    assert [path for _m, path, _q in asked(script)].count(EXTEND) == 1


@pytest.mark.parametrize("path", [REFRESH, EXTEND])
def test_a_refused_refresh_asks_for_a_new_consent(make, script, path):
    account = make(Grant("O", "R1", in_days(14)))
    script.answer(EXTEND, told(refresh_token="R2"))
    script.answer(path, OTHER)
    with pytest.raises(ConsentInvalid, match="参数错误"):
        oauth.fetch_token(account)


@pytest.mark.parametrize(("message", "code"), [("error", 10002), ("error", 16), ("success", 10005)])
def test_a_refused_code_says_what_toutiao_said(make, script, message, code):
    data = {**GIVEN, "error_code": code, "description": "应用没有权限", "desc_url": "", "captcha": ""}
    script.answer(ACCESS, {"message": message, "data": data})
    with pytest.raises(CredentialsInvalid, match="应用没有权限") as raised:
        Toutiao().connected(make(), "C", BACK, "verifier")
    assert raised.value.code == str(code)


@pytest.mark.parametrize("answer", [None, b"<html>", told(), told(**{**GIVEN, "expires_in": "soon"})])
def test_an_exchange_without_a_clear_answer_can_be_tried_again(make, script, answer):
    script.answer(ACCESS, answer)
    with pytest.raises(Retry):
        Toutiao().connected(make(), "C", BACK, "verifier")


def test_the_check_asks_who_consented(make, script):
    account = make(Grant("O", "R1", in_days(20)))
    script.answer(REFRESH, told(**GIVEN))
    script.answer("/oauth/userinfo/", told(open_id="O", nickname="清溪女声", avatar=""))
    assert Toutiao().check(account) == {"publish"}
    method, _path, _query, body = script.requests[-1]
    assert method == "POST" and dict(parse_qsl(body.decode())) == {"access_token": "A1", "open_id": "O"}
    script.answer("/oauth/userinfo/", OTHER)
    with pytest.raises(PermanentError, match="参数错误"):
        Toutiao().check(account)


def test_nobodys_token_is_fetched(make):
    with pytest.raises(ConsentInvalid):
        oauth.fetch_token(make())


# --- on the sandbox ---------------------------------------------------------------------------------------


@pytest.fixture
def server(make_server):
    return make_server("toutiao", "code")


def consented(server, consent):
    """Return the server's account after its holder consented to an application of another one."""
    application = f"app-{server.account_id}"
    server.sandbox.add_account("toutiao", application, "app-s3cret", "女声中枢")
    account = MemoryAccount(
        "榕溪县女声",
        server.sandbox.base_url("toutiao"),
        {"client_key": application, "client_secret": "app-s3cret", "consent": consent},
    )
    told = agreed(Toutiao().authorize_url(account, BACK, "S", "challenge"), server.account_id)
    assert told["state"] == "S"
    account.grant = Toutiao().connected(account, told["code"], BACK, "verifier")
    account.token(lambda: account.grant.access)
    return account


@pytest.mark.parametrize("consent", ["2017", "today"])
def test_who_consented_there_is_known_by_the_token(server, consent):
    account = consented(server, consent)
    assert Toutiao().check(account) == {"publish"}
    openid = next(each["openid"] for each in server.sandbox.accounts() if each["id"] == server.account_id)
    assert account.grant.subject == openid


def test_todays_access_is_renewed_there_and_the_consent_extended(server):
    account = consented(server, "today")
    given = account.grant
    account.forget_token()
    Toutiao().check(account)
    assert account.grant.refresh_token == given.refresh_token, "Toutiao's refresh does not replace it"
    server.pass_time(16 * 86400)
    account.forget_token()
    since = just_now()
    Toutiao().check(account)
    assert account.grant.refresh_token != given.refresh_token
    assert is_ahead(account.grant.expires_at, dt.timedelta(days=30), since=since)


def test_the_old_consent_ends_there(server):
    account = consented(server, "2017")
    account.forget_token()
    with pytest.raises(ConsentInvalid):
        Toutiao().check(account)
