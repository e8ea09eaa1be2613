"""The worked example in docs/partners.md is right, by the hub's own code and by the code that it shows."""

import re
from pathlib import Path

import pytest

from publishers.interface import NotGenuine
from publishers.transports import signing
from publishers.transports.results import read_result

DOCS = (Path(__file__).parents[3] / "docs" / "partners.md").read_text(encoding="utf-8")
SECRET = re.search(r"Secret: `(.+)`", DOCS)[1]
EXAMPLES = re.findall(r"```http\n(.+?)\n\n(.*?)\n?```", DOCS, re.DOTALL)


def parts(head):
    first, *lines = head.splitlines()
    method, target, _version = first.split()
    return method, target.partition("?")[0], dict(line.split(": ", 1) for line in lines)


@pytest.mark.parametrize("example", EXAMPLES, ids=[head.splitlines()[0] for head, _body in EXAMPLES])
def test_each_example_is_signed_as_it_says(example):
    head, body = example
    method, path, headers = parts(head)
    given = headers["X-Hub-Timestamp"], headers["X-Hub-Nonce"], body.encode()
    assert signing.signature(SECRET, method, path, *given) == headers["X-Hub-Signature"]
    shown = {}
    exec(re.search(r"```python\n(.+?)```", DOCS, re.DOTALL)[1], shown)
    assert shown["signature"](SECRET, method, path, *given) == headers["X-Hub-Signature"]


def test_there_is_an_example_of_each_kind():
    assert [parts(head)[0] for head, _body in EXAMPLES] == ["POST", "GET", "POST"]


def test_the_examples_are_proved_at_their_time_and_never_again():
    head, body = EXAMPLES[2]
    method, path, headers = parts(head)
    then = int(headers["X-Hub-Timestamp"])
    proof = (headers, "key-12", SECRET, method, path, body.encode())
    assert signing.verify(*proof, then + 299) == headers["X-Hub-Nonce"]
    with pytest.raises(NotGenuine):
        signing.verify(*proof, then + 301)


def test_header_names_are_read_in_any_case():
    head, body = EXAMPLES[2]
    method, path, headers = parts(head)
    lower = {name.lower(): value for name, value in headers.items()}
    assert signing.verify(lower, "", SECRET, method, path, body.encode(), 1772328005)


def test_an_account_without_a_secret_takes_nothing():
    with pytest.raises(NotGenuine):
        read_result({"push_key": "key-12"}, None)


def proof(nonce="n" * 16, now=1_772_328_000, url="https://partner.example/push"):
    method, path, body = "POST", signing.urlsplit(url).path or "/", b"{}"
    stamp = str(now)
    signature = signing.signature(SECRET, method, path, stamp, nonce, body)
    headers = {signing.KEY: "k", signing.TIMESTAMP: stamp, signing.NONCE: nonce, signing.SIGNATURE: signature}
    return headers, "k", SECRET, method, path, body


@pytest.mark.parametrize(
    ("nonce", "is_taken"),
    [("n" * 16, True), ("n" * 128, True), ("n" * 15, False), ("n" * 129, False), ("号" * 16, False)],
)
def test_a_nonce_has_sixteen_to_a_hundred_and_twenty_eight_characters(nonce, is_taken):
    if is_taken:
        assert signing.verify(*proof(nonce), 1_772_328_000) == nonce
        return
    with pytest.raises(NotGenuine) as refused:
        signing.verify(*proof(nonce), 1_772_328_000)
    assert refused.value.code == "nonce"


@pytest.mark.parametrize("seconds", [-301, -300, 300, 301])
def test_a_message_is_of_the_present_within_five_minutes_either_way(seconds):
    if abs(seconds) <= 300:
        assert signing.verify(*proof(), 1_772_328_000 + seconds)
        return
    with pytest.raises(NotGenuine) as refused:
        signing.verify(*proof(), 1_772_328_000 + seconds)
    assert refused.value.code == "timestamp"


def test_an_address_without_a_path_is_signed_as_it_is_sent():
    given = signing.headers("k", SECRET, "POST", "https://partner.example", b"{}", 1_772_328_000)
    method, path, body = "POST", "/", b"{}"
    assert signing.verify(given, "k", SECRET, method, path, body, 1_772_328_000) == given[signing.NONCE]
