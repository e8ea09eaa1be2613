"""A call to a platform goes where it was sent, and nowhere else."""

from urllib.parse import urlsplit

import pytest
from oauthlib.oauth2 import BackendApplicationClient

from publishers.http import call, outbound
from publishers.interface import PermanentError
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


def test_an_answer_is_read_as_it_can_be_stored():
    with Moved() as platform:
        answer = call(outbound.session(), "GET", f"{platform.url}/odd", changes=False)
    assert answer == {"a\ufffd": ["b\ufffd", None, None, "😀"]}


@pytest.mark.parametrize("charset", ["undefined", "punycode", "idna", "unicode_escape", "hex", "no-such", "UTF8"])
def test_an_answer_in_a_charset_that_nobody_writes_is_read_as_utf_8(charset):
    with Moved() as platform:
        assert call(outbound.session(), "GET", f"{platform.url}/in/{charset}", changes=False) == {"said": "好"}
        with outbound.session() as http:
            assert http.get(f"{platform.url}/in/{charset}").text == '{"said": "好"}'
        page = pages.fetch(f"{platform.url}/in/{charset}", {"127.0.0.1"})
    assert page.html == '{"said": "好"}'


def test_nor_is_one_followed_with_the_secret_that_a_token_is_fetched_with():
    with Moved() as platform:
        account = MemoryAccount("清溪女声", platform.url, {"client_id": "k1", "client_secret": "s3cret"})
        client = BackendApplicationClient("k1")
        session = TokenSession(account, client, address=platform.url, opened=lambda answer: answer)
        with pytest.raises(PermanentError):
            session.fetch_token("https://platform.example/moved", client_secret="s3cret")
    assert [urlsplit(target).path for target in platform.asked] == ["/moved"]
