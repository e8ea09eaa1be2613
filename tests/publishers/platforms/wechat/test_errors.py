"""Each row of section 11 of docs/platforms/wechat.md, answered over real HTTP."""

import datetime as dt
import re
from pathlib import Path

import pytest
import time_machine
from django.utils import translation

from publishers.interface import (
    CapabilityMissing,
    CredentialsInvalid,
    OutcomeUnknown,
    PermanentError,
    QuotaExceeded,
    Rejected,
    Retry,
)
from publishers.platforms.wechat.client import Client
from publishers.platforms.wechat.errors import TABLE, TokenRefused
from publishers.testing.job import MemoryAccount

SHEET = Path(__file__).parents[4] / "docs" / "platforms" / "wechat.md"
TOKEN, ADD, COUNT = "/cgi-bin/stable_token", "/cgi-bin/draft/add", "/cgi-bin/draft/count"
SUBMIT, SENDALL = "/cgi-bin/freepublish/submit", "/cgi-bin/message/mass/sendall"
BY_CLASS = {
    TokenRefused: (40001, 40014, 42001),
    CredentialsInvalid: (40164, 40013, 40125, 40243, 41004, 50004, 50007, 89503, 89506, 89507, 48004, 50002),
    CapabilityMissing: (48001,),
    QuotaExceeded: (45009, 45028),
    Retry: (-1, 45011, 45066, 61503),
    OutcomeUnknown: (45065,),
    Rejected: (
        40005, 40006, 40007, 40009, 45001, 40137, 45002, 45003, 45004, 45005, 45008, 45166,
    ),
    PermanentError: (
        40008, 40066, 40114, 41005, 41039, 44002, 44003, 47001, 43001, 43002, 45067, 47009, 53404, 53405,
        53406, 53503, 53504, 53505, 53600, 61500, 61501, 88000,
    ),
}  # fmt: skip
ROWS = [(code, error) for error, codes in BY_CLASS.items() for code in codes]


@pytest.fixture
def client(script):
    script.answer(TOKEN, {"access_token": "first", "expires_in": 7200})
    credentials = {"appid": "wx1", "secret": "s3cret"}
    return Client(MemoryAccount("清溪女声", script.url, credentials))


def refusal(code):
    return {"errcode": code, "errmsg": f"no rid: 5f-{code}-x"}


@pytest.mark.parametrize(("code", "error"), ROWS)
def test_each_code_is_the_error_of_its_row_with_the_evidence(client, script, code, error):
    script.answer(COUNT, refusal(code))
    with pytest.raises(error) as raised:
        client.count_drafts()
    # A more general class would pass pytest.raises too.
    assert isinstance(raised.value, error)
    assert raised.value.code == str(code)
    assert raised.value.request_id == f"5f-{code}-x"
    assert raised.value.status == 200


def test_the_table_has_no_code_that_is_not_tested():
    assert {code for code, _error in ROWS} == set(TABLE)


def test_every_code_of_the_sheet_has_its_row_and_a_chinese_sentence():
    sheet = SHEET.read_text(encoding="utf-8").partition("## 11.")[2].partition("Sources:")[0]
    named = {int(code) for code in re.findall(r"\b\d{5}\b", sheet)}
    ranges = re.findall(r"(\d{5})–(\d{5})", sheet)
    named |= {code for first, last in ranges for code in range(int(first), int(last) + 1)}
    named |= {89503, 89506, 89507, -1}  # written 89503/6/7 and −1
    assert named == set(TABLE) - {41005}, "41005 stands in section 3"
    with translation.override("zh-hans"):
        for _kind, sentence in TABLE.values():
            assert re.search(r"[\u4e00-\u9fff]", str(sentence)), sentence


def test_an_unknown_code_goes_to_a_person_with_its_number(client, script):
    script.answer(COUNT, refusal(99999))
    with pytest.raises(PermanentError, match="99999") as raised:
        client.count_drafts()
    assert raised.value.certain  # a question changes nothing


def test_an_unknown_code_of_a_call_with_an_effect_is_no_certain_refusal(client, script):
    script.answer(SUBMIT, refusal(99999))
    with pytest.raises(PermanentError, match="99999") as raised:
        client.submit("MEDIA")
    assert not raised.value.certain


def test_a_refused_token_is_replaced_once_and_the_call_made_again(client, script):
    script.answer(TOKEN, *({"access_token": word, "expires_in": 7200} for word in ("first", "second")))
    script.answer(COUNT, refusal(42001), {"total_count": 3})
    assert client.count_drafts() == 3
    tokens = [query.get("access_token") for _method, path, query, _body in script.requests if path == COUNT]
    assert tokens == ["first", "second"]


@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_a_token_that_is_refused_twice_is_tried_later_and_stops_nobody(client, script, code):
    script.answer(COUNT, refusal(code))
    with pytest.raises(Retry):
        client.count_drafts()
    assert [path for _method, path, _query, _body in script.requests].count(COUNT) == 2


@pytest.mark.parametrize("code", [40001, 40013, 40125, 40243, 41004])
def test_credentials_that_give_no_token_stop_the_account(client, script, code):
    script.answer(TOKEN, refusal(code))
    with pytest.raises(CredentialsInvalid):
        client.count_drafts()
    assert [path for _method, path, _query, _body in script.requests] == [TOKEN]


# 23:30 of the 24th, the midnight itself, and 0:30 and 7:59 of the 25th in China, where it is still the 24th
# in UTC.
@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-24T15:30Z", "2026-11-24T16:00Z"),
        ("2026-11-24T16:00Z", "2026-11-25T16:00Z"),
        ("2026-11-24T16:30Z", "2026-11-25T16:00Z"),
        ("2026-11-24T23:59Z", "2026-11-25T16:00Z"),
    ],
)
def test_the_day_quota_ends_at_midnight_in_china(client, script, now, until):
    script.answer(COUNT, refusal(45009))
    with time_machine.travel(dt.datetime.fromisoformat(now)), pytest.raises(QuotaExceeded) as raised:
        client.count_drafts()
    assert raised.value.until == dt.datetime.fromisoformat(until)


@pytest.mark.parametrize("code", [45011, 45066, 61503])
def test_who_asks_to_come_later_is_left_alone_for_a_minute_and_has_not_failed(client, script, code):
    script.answer(COUNT, refusal(code))
    with pytest.raises(Retry) as raised:
        client.count_drafts()
    assert raised.value.after == 60


class Noting(MemoryAccount):
    """Counts what it is told of calls that nobody carried out."""

    undone = 0

    def note_undone(self):
        self.undone += 1


@pytest.mark.parametrize("code", [40001, 40014, 42001, 45011, 45066])
def test_a_call_that_was_refused_before_it_was_looked_at_uses_up_no_quota(script, code):
    account = Noting("清溪女声", script.url, {"appid": "wx1", "secret": "s3cret"})
    script.answer(TOKEN, {"access_token": "first", "expires_in": 7200})
    script.answer(COUNT, refusal(code))
    with pytest.raises(Retry):
        Client(account).count_drafts()
    assert account.undone == [path for _method, path, _query, _body in script.requests].count(COUNT)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (ADD, "draft"),
        (SUBMIT, "publish"),
        ("/cgi-bin/media/uploadimg", "draft"),
        (SENDALL, "mass"),
        ("/datacube/getarticletotaldetail", "statistics"),
    ],
)
def test_a_missing_interface_names_the_capability(client, script, path, name):
    script.answer(path, refusal(48001))
    calls = {
        ADD: lambda: client.add_draft([]),
        SUBMIT: lambda: client.submit("m"),
        "/cgi-bin/media/uploadimg": lambda: client.upload_image(b"\xff\xd8"),
        SENDALL: lambda: client.send_to_all("m", "key"),
        "/datacube/getarticletotaldetail": lambda: client.totals(dt.date(2026, 3, 1)),
    }
    with pytest.raises(CapabilityMissing) as raised:
        calls[path]()
    assert raised.value.name == name


def test_the_refused_address_is_told_to_whoever_mends_the_whitelist(client, script):
    script.answer(TOKEN, {"errcode": 40164, "errmsg": "invalid ip 203.0.113.9, not in whitelist rid: 1"})
    with pytest.raises(CredentialsInvalid, match=r"203\.0\.113\.9"):
        client.count_drafts()


#: What has an effect at WeChat, by its path: what is promised an answer, and what only a code answers.
PROMISED = {
    ADD: lambda client: client.add_draft([]),
    SUBMIT: lambda client: client.submit("MEDIA"),
    SENDALL: lambda client: client.send_to_all("MEDIA", "key"),
}
CHANGING = PROMISED | {
    "/cgi-bin/draft/update": lambda client: client.update_draft("MEDIA", 0, {}),
    "/cgi-bin/freepublish/delete": lambda client: client.delete("ARTICLE", 1),
    "/cgi-bin/message/mass/delete": lambda client: client.delete_sent("4711", 1),
}


@pytest.mark.parametrize("path", CHANGING)
@pytest.mark.parametrize("answer", [refusal(-1), None, b"<html>bad gateway</html>", b"[]"])
def test_a_changing_call_without_a_clear_answer_has_an_unknown_outcome(client, script, path, answer):
    script.answer(path, answer)
    with pytest.raises(OutcomeUnknown):
        CHANGING[path](client)


@pytest.mark.parametrize("path", PROMISED)
def test_nor_has_one_whose_answer_lacks_what_was_promised(client, script, path):
    script.answer(path, {"errcode": 0})
    with pytest.raises(OutcomeUnknown):
        PROMISED[path](client)


@pytest.mark.parametrize("answer", [refusal(-1), None, b"<html>bad gateway</html>", b"[]"])
def test_a_question_without_a_clear_answer_is_asked_again(client, script, answer):
    script.answer(COUNT, answer)
    with pytest.raises(Retry):
        client.count_drafts()


@pytest.mark.parametrize(
    ("status", "error"), [(500, OutcomeUnknown), (502, OutcomeUnknown), (429, Retry), (404, PermanentError)]
)
def test_another_http_status_is_classed_by_what_may_have_happened(client, script, status, error):
    script.answer(ADD, {"media_id": "m"}, status=status)
    with pytest.raises(error) as raised:
        client.add_draft([])
    assert raised.value.status == status


def test_no_error_shows_the_token_or_the_secret(client, script):
    script.answer(TOKEN, {"access_token": "t0ken", "expires_in": 7200})
    script.answer(ADD, None)
    with pytest.raises(OutcomeUnknown) as raised:
        client.add_draft([])
    shown = f"{raised.value} {raised.value.body} {raised.value.__cause__}"
    assert "t0ken" not in shown
    assert "s3cret" not in shown
