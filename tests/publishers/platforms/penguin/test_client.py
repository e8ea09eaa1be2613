"""Penguin's calls on the wire, each as an exchange of docs/platforms/penguin.md, replayed over real HTTP."""

import json
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from publishers.interface import Grant, Rejected, Retry
from publishers.platforms.penguin.client import Client
from publishers.platforms.penguin.oauth import auth_url, fetch_token
from publishers.testing.job import MemoryAccount

EXCHANGES = sorted(Path(__file__).with_name("exchanges").glob("*.json"))
TRANSACTION = "1596123412341234567"
FIELDS = {"title": "夜校的灯“亮”着", "content": "<p>好</p>", "cover_pic": "https://hub.example/b/1"}
TOKEN, PUBLISH, LIST = "/omoauth2/accesstoken", "/article/clientpubpic", "/article/clientlist"
CALLS = {
    "accesstoken": lambda account: fetch_token(account),
    "clientpubpic": lambda account: Client(account).publish(FIELDS),
    "infoclient": lambda account: Client(account).transaction(TRANSACTION),
    "clientlist": lambda account: Client(account).page_of_articles(0)[0],
    "basicinfoclient": lambda account: Client(account).account_name(),
}


def told(**content):
    return {"code": 0, "msg": "SUCCESS", "data": content}


@pytest.fixture
def account(script):
    script.answer(TOKEN, told(access_token="ACCESS", expires_in=7200, openid="O"))
    return MemoryAccount("清溪女声", script.url, {"client_id": "om1", "client_secret": "s3cret"})


@pytest.fixture
def client(account):
    return Client(account)


@pytest.mark.parametrize("file", EXCHANGES, ids=lambda file: file.stem)
def test_each_exchange_of_the_contract_is_spoken(account, script, file):
    exchange = json.loads(file.read_text(encoding="utf-8"))
    wanted = exchange["request"]
    script.answer(wanted["path"], exchange["response"])
    answer = CALLS[file.stem.partition(".")[0]](account)
    assert repr(answer) == exchange["gives"]
    method, path, query, body = script.requests[-1]
    assert (method, path, query) == (wanted["method"], wanted["path"], wanted.get("query", {}))
    assert dict(parse_qsl(body.decode())) == wanted.get("form", {})


def test_the_grant_is_spelt_as_penguin_spells_it(account, script):
    script.answer("/media/basicinfoclient", told(nick="清溪女声"))
    Client(account).account_name()
    _method, path, query, body = script.requests[0]
    assert path == TOKEN and query["grant_type"] == "clientcredentials"
    assert dict(parse_qsl(body.decode())) == query, "documented in the query, seen in a form"


def test_an_account_without_an_address_of_its_own_speaks_to_both_hosts():
    account = MemoryAccount("清溪女声", "https://api.om.qq.com", {"client_id": "om1"})
    assert auth_url(account) == "https://auth.om.qq.com"


@pytest.mark.parametrize("number", [2**53 + 1, 9_223_372_036_854_775_807])
def test_a_transaction_id_is_kept_to_its_last_digit(client, script, number):
    script.answer(PUBLISH, told(transaction_id=number))
    assert client.publish(FIELDS) == str(number)


# --- where the fields stand -------------------------------------------------------------------------------

NO_TOKEN = {"code": "10003", "msg": "invalid access_token", "data": {}}


def submissions(script):
    """Return where each submission had its token and its title: (in the query, in the form)."""
    made = [(query, body) for _m, path, query, body in script.requests if path == PUBLISH]
    return [(named(query), named(dict(parse_qsl(body.decode())))) for query, body in made]


def named(fields):
    return "".join(sorted(fields.keys() & {"access_token", "title"}))


FORM, QUERY = ("access_token", "access_tokentitle"), ("access_tokentitle", "")


@pytest.mark.parametrize(
    ("said", "place"), [({}, FORM), ({"fields": "form"}, FORM), ({"fields": "query"}, QUERY)]
)
def test_fields_stand_where_the_account_says_and_who_calls_in_either_place(account, script, said, place):
    script.answer(PUBLISH, told(transaction_id="1"))
    account.credentials |= said
    Client(account).publish(FIELDS)
    assert submissions(script) == [place]


@pytest.mark.parametrize(
    "message",
    [
        "title is required",
        "处理结果为空",
        "cover_pic is empty after fetching",
        "缺少参数 content",
        "token 使用过于频繁",
    ],
)
def test_words_that_no_sheet_names_prove_nothing_and_the_article_is_submitted_once(client, script, message):
    script.answer(PUBLISH, {"code": 5021, "msg": message}, told(transaction_id="1"))
    with pytest.raises(Rejected, match=message) as refused:
        client.publish(FIELDS)
    assert not refused.value.certain and submissions(script) == [FORM]


def test_after_a_clear_word_about_the_token_the_article_is_submitted_once_more_at_most(client, script):
    script.answer(PUBLISH, NO_TOKEN)
    with pytest.raises(Retry) as refused:
        client.publish(FIELDS)
    assert not refused.value.certain and submissions(script) == [FORM, FORM]


# --- the list ---------------------------------------------------------------------------------------------


def listed(*ids, total):
    return told(articles=[{"article_id": each} for each in ids], total=total)


def pages_asked(script):
    return [(query["page"], query["limit"]) for _m, path, query, _b in script.requests if path == LIST]


def test_the_list_is_read_ten_at_a_time(client, script):
    script.answer(LIST, listed("a1", "a2", total=25))
    articles, total = client.page_of_articles(2)
    assert ([article.id for article in articles], total) == (["a1", "a2"], 25)
    assert pages_asked(script) == [("3", "10")]


def test_the_real_list_takes_a_page_of_ten(make_server, sandbox):
    server = make_server("penguin", "code")
    assert Client(server.account("client_id", "client_secret", ())).page_of_articles(0) == ([], 0)


# --- what the account chooses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("extra", "path"),
    [
        ({}, PUBLISH),
        ({"category": "12"}, PUBLISH),
        ({"category": "12", "cover_type": "1"}, "/articlev2/clientpubpic"),
    ],
)
def test_the_later_version_is_called_when_all_that_it_always_has_is_known(client, script, extra, path):
    script.answer(path, told(transaction_id="1"))
    client.publish(FIELDS | extra)
    _method, called, _query, body = script.requests[-1]
    assert called == path
    assert dict(parse_qsl(body.decode())).items() >= extra.items()


# --- a third-party service --------------------------------------------------------------------------------

REFRESH = "/omoauth2/refreshtoken"
RENEWED = {"access_token": "ACCESS-2", "expires_in": "7200", "openid": "O", "scope": "all"}


@pytest.fixture
def third_party(script):
    script.answer(REFRESH, told(**RENEWED, refresh_token="R2"))
    credentials = {"application": "third_party", "client_id": "om1", "client_secret": "s3cret"}
    return MemoryAccount("清溪女声", script.url, credentials, grant=Grant("O", "R1"))


def test_a_refresh_is_spelt_as_penguin_spells_it_and_has_no_secret(third_party, script):
    assert fetch_token(third_party) == ("ACCESS-2", 7200)
    [(method, _path, query, body)] = script.requests
    assert method == "POST"
    assert query == {"grant_type": "refreshtoken", "client_id": "om1", "refresh_token": "R1"}
    assert dict(parse_qsl(body.decode())) == query, "documented in the query, seen in a form"


@pytest.mark.parametrize("spelling", ["refresh_token", "refresh_toekn"])
def test_the_refresh_token_that_is_given_is_kept_however_it_is_spelt(third_party, script, spelling):
    script.answer(REFRESH, told(**RENEWED, **{spelling: "R2"}))
    fetch_token(third_party)
    assert third_party.grant.refresh_token == "R2" and third_party.grant.subject == "O"


@pytest.mark.parametrize("answer", [None, b"<html>", told(), told(**{**RENEWED, "expires_in": "soon"})])
def test_a_refresh_without_a_clear_answer_is_tried_again_and_forgets_nothing(third_party, script, answer):
    script.answer(REFRESH, answer)
    with pytest.raises(Retry):
        fetch_token(third_party)
    assert third_party.grant == Grant("O", "R1")


def test_every_call_says_for_whom(third_party, script):
    calls = {
        "/article/authpubpic": told(transaction_id="1"),
        "/transaction/infoauth": told(transaction_status="处理中"),
        "/article/authlist": listed(total=0),
        "/media/basicinfoauth": told(nick="清溪女声"),
    }
    for path, answer in calls.items():
        script.answer(path, answer)
    client = Client(third_party)
    client.publish(FIELDS)
    client.transaction("1")
    client.page_of_articles(0)
    client.account_name()
    made = [(path, query, dict(parse_qsl(body.decode()))) for _m, path, query, body in script.requests[1:]]
    assert [path for path, _query, _form in made] == list(calls)
    assert all((query | form)["openid"] == "O" for _path, query, form in made)
