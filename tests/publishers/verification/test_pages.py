"""An article's public address is read as a reader's browser reads it, whatever the server answers."""

import pytest

from publishers.testing.stand_in import StandIn
from publishers.verification.pages import fetch

TEXT = "她在村口办起了第一间儿童阅览室。"


class Site(StandIn):
    def __init__(self, *answer):
        self.given = answer
        super().__init__()

    def respond(self, call):
        return self.given


def fetched(*answer):
    with Site(*answer) as site:
        return fetch(f"{site.url}/1", {"127.0.0.1"})


@pytest.mark.parametrize(
    ("kind", "encoding"), [("text/html", "utf-8"), ("text/html; charset=GB18030", "gb18030")]
)
def test_a_page_is_read_in_the_characters_that_it_declares_and_without_any_in_utf_8(kind, encoding):
    page = fetched(200, f"<p>{TEXT}</p>".encode(encoding), {"Content-Type": kind})
    assert TEXT in page.html


@pytest.mark.parametrize("to", ["http://[", "http://127.0.0.1:port/"])
def test_a_redirect_to_what_is_no_address_is_no_answer(to):
    page = fetched(302, b"", {"Location": to})
    assert page.status is None and page.problem and page.sha256 == ""
