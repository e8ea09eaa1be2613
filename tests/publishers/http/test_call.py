"""A call to a platform goes where it was sent, and nowhere else."""

from urllib.parse import urlsplit

import pytest
from oauthlib.oauth2 import BackendApplicationClient
from requests import Response

from publishers.http import ASKED_S, asked_wait, call, outbound, promised
from publishers.interface import OutcomeUnknown, PermanentError, Retry
from publishers.oauth import TokenSession
from publishers.testing.job import MemoryAccount
from publishers.testing.stand_in import StandIn
from publishers.verification import pages


class Moved(StandIn):
    """Sends whoever asks on to another address, and would answer there."""

    def __init__(self):
        self.asked: list[str] = []
        super().__init__()

    def respond(self, call):
        self.asked.append(call.target)
        if call.path == "/moved":
            return 307, b"", {"Location": f"{self.url}/taken"}
        if call.path == "/odd":
            return 200, rb'{"a\u0000": ["b\ud800", NaN, 1e999, "\ud83d\ude00"]}'
        if call.path.startswith("/in/"):
            kind = f"application/json; charset={call.path.removeprefix('/in/')}"
            return 200, '{"said": "好"}'.encode(), {"Content-Type": kind}
        if call.path == "/deep":
            return 200, b"[" * 100_000
        return 200, {"errcode": 0}


@pytest.mark.parametrize(("method", "changes"), [("GET", False), ("POST", False), ("POST", True)])
def test_a_redirect_is_not_followed_with_the_token(method, changes):
    with Moved() as platform, pytest.raises(PermanentError) as refused:
        call(
            outbound.session(),
            method,
            f"{platform.url}/moved",
            changes=changes,
            params={"access_token": "tok-1"},
        )
    assert platform.asked == ["/moved?access_token=tok-1"]
    assert refused.value.status == 307
    assert refused.value.certain == (not changes), "it may come from something in between"


def test_an_answer_is_read_as_it_can_be_stored():
    with Moved() as platform:
        answer = call(outbound.session(), "GET", f"{platform.url}/odd", changes=False)
    assert answer == {"a\ufffd": ["b\ufffd", None, None, "😀"]}


@pytest.mark.parametrize(
    "charset", ["undefined", "punycode", "idna", "unicode_escape", "hex", "no-such", "UTF8"]
)
def test_an_answer_in_a_charset_that_nobody_writes_is_read_as_utf_8(charset):
    with Moved() as platform:
        assert call(outbound.session(), "GET", f"{platform.url}/in/{charset}", changes=False) == {
            "said": "好"
        }
        with outbound.session() as http:
            assert http.get(f"{platform.url}/in/{charset}").text == '{"said": "好"}'
        page = pages.fetch(f"{platform.url}/in/{charset}", {"127.0.0.1"})
    assert page.html == '{"said": "好"}'


@pytest.mark.parametrize(("changes", "error"), [(False, Retry), (True, OutcomeUnknown)])
def test_an_answer_that_is_nested_too_deeply_is_as_good_as_none(changes, error):
    with Moved() as platform, pytest.raises(error):
        call(outbound.session(), "POST", f"{platform.url}/deep", changes=changes)


@pytest.mark.parametrize("url", ["nonsense", "https://h:99999/", "https://x..y/", "ftp://h/", "https://[::1"])
def test_what_is_no_address_is_said_as_such_and_nothing_is_sent(url):
    with pytest.raises(PermanentError):
        call(outbound.session(), "POST", url, changes=True)


@pytest.mark.parametrize("answer", [{}, {"id": None}, {"id": ""}])
@pytest.mark.parametrize(("changes", "error"), [(False, Retry), (True, OutcomeUnknown)])
def test_so_is_one_without_what_the_contract_promises(answer, changes, error):
    with pytest.raises(error):
        promised(answer, "id", changes=changes)
    assert promised({"id": 0}, "id", changes=changes) == 0


@pytest.mark.parametrize(
    ("status", "written", "asked"),
    [
        (429, "", ASKED_S),
        (503, "", None),
        (503, "soon", None),
        (503, "7", 7),
        (503, "٧", None),
        (503, "Thu, 01 Jan 2026 00:00:00 GMT", 0),
    ],
)
def test_how_long_a_refusal_asks_to_be_left_alone_is_read_as_it_is_written(status, written, asked):
    answer = Response()
    answer.status_code, answer.headers["Retry-After"] = status, written
    assert asked_wait(answer) == asked


def test_nor_is_one_followed_with_the_secret_that_a_token_is_fetched_with():
    with Moved() as platform:
        account = MemoryAccount("清溪女声", platform.url, {"client_id": "k1", "client_secret": "s3cret"})
        client = BackendApplicationClient("k1")
        session = TokenSession(account, client, address=platform.url, opened=lambda answer: answer)
        with pytest.raises(PermanentError):
            session.fetch_token("https://platform.example/moved", client_secret="s3cret")
    assert [urlsplit(target).path for target in platform.asked] == ["/moved"]
