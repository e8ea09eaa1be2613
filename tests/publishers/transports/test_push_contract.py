"""Part B of partner-feed-contract.md, row by row: what goes out, and what each answer asks for."""

import hashlib
import json
import re
import time
from contextlib import suppress
from email.utils import formatdate

import pytest

from cms.document.model import canonical
from publishers.interface import (
    CredentialsInvalid,
    OutcomeUnknown,
    PermanentError,
    Rejected,
    Retry,
)
from publishers.testing.job import Waiting
from tests.publishers.transports.pushed import (
    ACCEPTED,
    PUBLISHED,
    SECRET,
    account,
    body_of,
    conflict,
    job,
    keys,
    make,
    partner,
    plugin,
)
from tests.publishers.transports.pushing import PAGE, signed

__all__ = ["account", "job", "make", "partner", "plugin"]

FIELDS = {
    "id", "version", "title", "subtitle", "summary", "content_html", "cover_images", "images", "author",
    "source", "source_url", "category", "tags", "original", "published_at", "comments",
}  # fmt: skip


# --- what goes out ------------------------------------------------------------------------------------------


def test_every_request_is_signed_over_method_path_time_nonce_and_body(plugin, job, partner):
    partner.answer((202, ACCEPTED), (200, {**ACCEPTED, **PUBLISHED}))
    plugin.publish(job)
    for method, path, headers, body in partner.heard:
        at, nonce = headers["X-Hub-Timestamp"], headers["X-Hub-Nonce"]
        assert abs(int(at) - time.time()) < 300
        assert re.fullmatch(r"[\w-]{16,}", nonce)
        wanted = signed("key-1", SECRET, method, path.partition("?")[0], body, int(at), nonce)
        assert {name: headers[name] for name in wanted} == wanted
    assert len({heard[2]["X-Hub-Nonce"] for heard in partner.heard}) == 2
    assert [heard[:2] for heard in partner.heard] == [
        ("POST", "/in/push"),
        ("GET", "/in/push/t%201%2F2"),
    ]


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_query_of_the_address_stays_and_is_not_signed(plugin, account, make, partner, slash):
    account.credentials["push_url"] += f"{slash}?site=3"
    partner.answer((202, ACCEPTED), (200, {**ACCEPTED, **PUBLISHED}))
    plugin.publish(make())
    partner.answer((200, []))
    plugin.check(account)
    paths = [heard[1] for heard in partner.heard]
    assert paths[:2] == [f"/in/push{slash}?site=3", "/in/push/t%201%2F2?site=3"]
    assert re.fullmatch(r"/in/push/stats\?site=3&date=\d{4}-\d\d-\d\d", paths[2])
    for method, path, headers, body in partner.heard:
        at, nonce = headers["X-Hub-Timestamp"], headers["X-Hub-Nonce"]
        wanted = signed("key-1", SECRET, method, path.partition("?")[0], body, int(at), nonce)
        assert headers["X-Hub-Signature"] == wanted["X-Hub-Signature"]


def test_the_body_has_every_field_and_no_other(plugin, job, partner):
    plugin.publish(job)
    [(_method, _path, headers, raw)] = partner.heard
    body, [item] = json.loads(raw), job.items
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert set(body) == {"operation", "article", "callback_url"} and body["operation"] == "publish"
    assert body["callback_url"] == job.account.callback_url
    article = body["article"]
    assert set(article) == FIELDS
    assert (article["id"], article["version"]) == ("7", 1)
    assert article["title"] == item.rendition.title and article["summary"] == item.rendition.digest
    assert article["source_url"] == item.source_url
    assert article["published_at"] == "2026-03-01T17:00:00+08:00"
    assert article["original"] is False and article["comments"] is False
    assert raw == canonical(body)


@pytest.mark.parametrize(("choice", "is_open"), [("open", True), ("followers", False)])
def test_comments_for_followers_only_are_opened_to_nobody(plugin, make, partner, choice, is_open):
    """The contract knows yes and no."""
    plugin.publish(make(comments=choice))
    assert body_of(partner)["article"]["comments"] is is_open


def test_each_picture_is_described_as_it_can_be_fetched(plugin, job, partner):
    plugin.publish(job)
    article, rendition = body_of(partner)["article"], job.items[0].rendition
    for name, assets in (("images", rendition.assets), ("cover_images", [rendition.cover])):
        for said, sha256 in zip(article[name], assets, strict=True):
            picture = job.picture(sha256)
            assert said == {
                "url": picture.public_url,
                "sha256": hashlib.sha256(picture.read()).hexdigest(),
                "bytes": len(picture.read()),
                "mime": "image/png",
                "width": 900,
                "height": 600,
            }
    shown = set(re.findall(r'<img[^>]* src="([^"]+)"', article["content_html"]))
    assert shown == {said["url"] for said in article["images"]}
    assert "asset:" not in article["content_html"]


def test_the_keys_name_target_article_version_and_operation(plugin, make, partner):
    [live] = plugin.publish(make())
    corrected = make(version=2)
    corrected.items[0].observed = live.remote
    [newer] = plugin.correct(corrected)
    corrected.items[0].observed = newer.remote
    partner.answer((200, {"status": "withdrawn"}))
    plugin.withdraw(corrected)
    assert keys(partner) == ["1:7:1:publish", "1:7:2:update", "1:7:2:withdraw"]
    assert body_of(partner, 1)["operation"] == "update" and set(body_of(partner, 1)["article"]) == FIELDS
    assert body_of(partner, 2) == {
        "operation": "withdraw",
        "article": {"id": "7", "version": 2},
        "callback_url": "https://hub.example/callbacks/1",
    }


def test_nothing_goes_to_an_address_without_a_certificate(plugin, account, job):
    account.credentials["push_url"] = "http://partner.example/push"
    with pytest.raises(CredentialsInvalid, match="https"):
        plugin.publish(job)


# --- answers ------------------------------------------------------------------------------------------------


def test_200_is_published_at_once(plugin, job, partner):
    [live] = plugin.publish(job)
    assert live.url == PAGE
    assert live.remote == {"article_id": "7", "version": 1, "remote_id": "r1", "url": PAGE}
    assert len(partner.heard) == 1


def test_202_is_asked_about_until_it_is_published(plugin, job, partner):
    partner.answer((202, ACCEPTED), (200, {"status": "in_review"}), (200, PUBLISHED))
    with pytest.raises(Waiting) as waiting:
        plugin.publish(job)
    assert waiting.value.after == 5
    [live] = plugin.publish(job)
    assert live.url == PAGE and live.remote["task_id"] == ACCEPTED["task_id"]
    assert job.calls == ["publish"]


@pytest.mark.parametrize("status", [404, 410])
def test_a_task_that_the_partner_does_not_know_is_waited_for(plugin, job, partner, status):
    partner.answer((202, ACCEPTED), (status, {}), (200, PUBLISHED))
    with pytest.raises(Waiting):
        plugin.publish(job)
    assert plugin.publish(job)[0].url == PAGE


@pytest.mark.parametrize("answer", [(500, b""), (503, b"busy"), (200, b"<html>")])
def test_a_question_whose_answer_was_lost_leaves_nothing_unknown(plugin, job, partner, answer):
    partner.answer((202, ACCEPTED), answer)
    with pytest.raises(Retry):
        plugin.publish(job)


@pytest.mark.parametrize("status", ["rejected", "failed", "withdrawn"])
def test_another_end_of_a_task_is_told_with_the_partners_reason(plugin, job, partner, status):
    partner.answer((202, ACCEPTED), (200, {"status": status, "reason": "封面不清楚"}))
    with pytest.raises(Rejected) as refused:
        plugin.publish(job)
    assert "封面不清楚" in refused.value.reason


@pytest.mark.parametrize("named", [{}, {"task_id": "t1"}])
@pytest.mark.parametrize("status", ["rejected", "failed", "withdrawn"])
def test_an_end_that_is_told_at_once_is_told_with_the_partners_reason(plugin, job, partner, status, named):
    partner.answer((200, {"status": status, "reason": "封面不清楚", **named}))
    with pytest.raises(Rejected) as refused:
        plugin.publish(job)
    assert "封面不清楚" in refused.value.reason and len(partner.heard) == 1


@pytest.mark.parametrize("status", [400, 404, 410, 413, 415, 422])
def test_other_4xx_refuse_for_good(plugin, job, partner, status):
    partner.answer((status, {"code": "too_long", "message": "标题太长", "field": "article.title"}))
    with pytest.raises(Rejected) as refused:
        plugin.publish(job)
    if status not in (404, 410):
        assert "标题太长" in refused.value.reason and "article.title" in refused.value.reason
        assert (refused.value.status, refused.value.code) == (status, "too_long")


PAGE_OF_A_GATEWAY = b"<html><h1>Refused</h1><hr>nginx</html>"
OURS = {"code": "too_long", "message": "标题太长"}
ON_THE_WAY = [407, 408, 421, 425, 499]
FOREIGN = [
    *[(status, said) for status in ON_THE_WAY for said in (PAGE_OF_A_GATEWAY, OURS)],
    *[(status, PAGE_OF_A_GATEWAY) for status in (400, 401, 403, 404, 405, 410, 413, 422)],
    *[(422, said) for said in (b"", [], {"code": "x"}, {"message": "x"}, {"code": "", "message": "x"})],
]


@pytest.mark.parametrize(("status", "said"), FOREIGN)
@pytest.mark.parametrize("act", ["publish", "correct", "withdraw"])
def test_what_is_not_the_partners_own_refusal_is_repeated_with_its_key(
    plugin, corrected, partner, act, status, said
):
    done = {"status": "withdrawn" if act == "withdraw" else "published"}
    partner.answer((status, said), (200, done))
    with pytest.raises(OutcomeUnknown) as unknown:
        getattr(plugin, act)(corrected)
    assert f"HTTP {status}" in unknown.value.given_up, "what a person reads when it has been tried in vain"
    getattr(plugin, act)(corrected)
    assert len(set(keys(partner))) == 1 and len(partner.heard) == 2


@pytest.mark.parametrize(
    ("status", "said"), [(400, PAGE_OF_A_GATEWAY), (403, PAGE_OF_A_GATEWAY), (408, OURS)]
)
def test_nor_does_it_answer_a_question(plugin, job, partner, status, said):
    partner.answer((202, ACCEPTED), (status, said), (200, PUBLISHED))
    with pytest.raises(Retry):
        plugin.publish(job)
    assert plugin.publish(job)[0].url == PAGE


@pytest.mark.parametrize("status", [401, 403])
def test_a_check_says_that_address_or_key_are_refused_whoever_says_so(plugin, account, partner, status):
    partner.answer((status, PAGE_OF_A_GATEWAY))
    with pytest.raises(Retry, match=f"密钥.*HTTP {status}"):
        plugin.check(account)


@pytest.mark.parametrize("status", [401, 403])
def test_401_and_403_stop_the_target(plugin, job, partner, status):
    partner.answer((status, {"code": "signature", "message": "签名不对", "field": ""}))
    with pytest.raises(CredentialsInvalid):
        plugin.publish(job)


@pytest.mark.parametrize("message", [None, "", 7, {"zh": "太长"}, ["太长"]])
def test_a_refusal_without_words_is_not_taken_for_the_partners(plugin, job, partner, message):
    partner.answer((422, {"code": "too_long", "message": message}))
    with pytest.raises(OutcomeUnknown, match="HTTP 422"):
        plugin.publish(job)


NO_YEAR = "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"


@pytest.mark.parametrize(
    ("written", "after"), [("7", 7), ("", 60), ("soon", 60), ("9" * 9, 86_400), (NO_YEAR, 60)]
)
def test_429_waits_as_long_as_it_says(plugin, job, partner, written, after):
    partner.answer((429, {}, {"Retry-After": written}))
    with pytest.raises(Retry) as wait:
        plugin.publish(job)
    assert wait.value.after == after


def test_429_may_name_a_time(plugin, job, partner):
    before_s, until_s = time.time(), int(time.time()) + 90
    partner.answer((429, {}, {"Retry-After": formatdate(until_s, usegmt=True)}))
    with pytest.raises(Retry) as wait:
        plugin.publish(job)
    assert until_s - time.time() <= wait.value.after <= until_s - before_s


@pytest.mark.parametrize(("in_s", "after"), [(-3600, 0), (10**8, 86_400)])
def test_a_time_that_has_passed_or_lies_far_ahead_is_heeded_within_bounds(plugin, job, partner, in_s, after):
    partner.answer((429, {}, {"Retry-After": formatdate(time.time() + in_s, usegmt=True)}))
    with pytest.raises(Retry) as wait:
        plugin.publish(job)
    assert wait.value.after == after


UNCLEAR = {
    "too much": (200, {"task_id": "t1", "status": "pending", "more": "x" * 2**16}),
    "500": (500, {"code": "x"}),
    "503": (503, b"busy"),
    "no JSON": (200, b"<html>ok</html>"),
    "a list": (200, []),
    "nothing": (202, b""),
    "no task": (202, {"status": "accepted"}),
    "too deep": (200, b"[" * 100_000),
}


@pytest.mark.parametrize("answer", UNCLEAR.values(), ids=list(UNCLEAR))
def test_what_tells_nothing_is_repeated_with_key_and_body(plugin, job, partner, answer):
    partner.answer(answer, (200, PUBLISHED))
    with pytest.raises(OutcomeUnknown):
        plugin.publish(job)
    assert plugin.publish(job)[0].url == PAGE
    assert keys(partner) == ["1:7:1:publish"] * 2
    assert partner.heard[0][3] == partner.heard[1][3]
    assert partner.heard[0][2]["X-Hub-Nonce"] != partner.heard[1][2]["X-Hub-Nonce"]


def test_the_tries_are_those_of_the_contract(plugin):
    assert plugin.platform.waits == (60, 300, 900, 3600, 21_600)


@pytest.mark.parametrize("asks", [False, True], ids=["as it is pushed", "as its task is asked about"])
def test_a_redirect_is_never_followed(plugin, job, partner, asks):
    """What was pushed may have been taken all the same; a question changes nothing."""
    partner.answer(*[(202, ACCEPTED)][: int(asks)], (307, b"", {"Location": "/elsewhere"}))
    with pytest.raises(PermanentError) as refused:
        plugin.publish(job)
    assert len(partner.heard) == 1 + asks and refused.value.certain is asks


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "http://partner.example/a", "//a", "", None, "a" * 2000]
)
def test_an_address_that_is_no_page_is_not_taken(plugin, job, partner, url):
    partner.answer((200, {**PUBLISHED, "url": url}))
    [live] = plugin.publish(job)
    assert live.url == "" and "url" not in live.remote


# --- 409 ----------------------------------------------------------------------------------------------------


def test_409_with_an_older_version_becomes_an_update(plugin, make, partner):
    partner.answer(conflict(version=1), (200, PUBLISHED))
    [live] = plugin.publish(make(version=2))
    assert live.url == PAGE
    assert keys(partner) == ["1:7:2:publish", "1:7:2:update"]


def test_409_is_asked_about_where_a_task_is_named(plugin, make, partner):
    partner.answer(conflict(task_id="t9"), (200, {"status": "published", "version": 1}), (200, PUBLISHED))
    plugin.publish(make(version=2))
    assert [heard[1] for heard in partner.heard] == ["/in/push", "/in/push/t9", "/in/push"]
    assert keys(partner)[2] == "1:7:2:update"


@pytest.mark.parametrize("answer", [(409, b""), (409, {"version": "two"}), conflict(version="2.5")])
def test_409_that_tells_nothing_becomes_an_update_that_the_partner_judges(plugin, make, partner, answer):
    partner.answer(answer, answer)
    with pytest.raises(Rejected, match="2"):
        plugin.publish(make(version=2))
    assert keys(partner) == ["1:7:2:publish", "1:7:2:update"]


def test_409_with_a_newer_version_is_a_persons(plugin, make, partner):
    partner.answer(conflict(version=3))
    with pytest.raises(Rejected):
        plugin.publish(make(version=2))
    assert len(partner.heard) == 1


@pytest.mark.parametrize("said", [{"status": "in_review"}, {}])
def test_409_with_our_own_version_is_looked_after(plugin, make, partner, said):
    partner.answer(conflict(version=2, task_id="t9", **said), (200, PUBLISHED))
    [live] = plugin.publish(make(version=2))
    assert live.url == PAGE and len(partner.heard) == 2


@pytest.mark.parametrize("more", [{}, {"remote_id": True, "url": ["/a"], "task_id": {"id": 1}}])
def test_what_is_no_text_names_nothing(plugin, job, partner, more):
    partner.answer((200, {"status": "published", **more}))
    [live] = plugin.publish(job)
    assert (live.url, live.remote) == ("", {"article_id": "7", "version": 1})


@pytest.mark.parametrize("status", ["rejected", "failed", "withdrawn"])
def test_409_with_our_own_version_that_is_not_shown_becomes_an_update(plugin, make, partner, status):
    partner.answer(conflict(version=2, status=status), (200, PUBLISHED))
    [live] = plugin.publish(make(version=2))
    assert live.url == PAGE and keys(partner) == ["1:7:2:publish", "1:7:2:update"]


def test_409_to_an_update_is_a_persons(plugin, corrected, partner):
    partner.answer(conflict(version=3))
    with pytest.raises(Rejected):
        plugin.correct(corrected)


@pytest.mark.parametrize("act", ["publish", "correct"])
def test_409_to_what_is_to_go_keeps_no_withdrawal(plugin, corrected, partner, act):
    """Its answer was lost, and it is asked about to learn what is to be withdrawn."""
    partner.answer(conflict(version=3))
    with suppress(Rejected):
        getattr(plugin, act)(corrected)
    corrected.withdrawing = True
    [live] = getattr(plugin, act)(corrected)
    assert (live.remote["article_id"], live.remote["version"]) == ("7", 2)


# --- update -------------------------------------------------------------------------------------------------


@pytest.fixture
def corrected(make):
    """A job whose earlier text is live."""
    job = make(version=2)
    job.items[0].observed = {"article_id": "7", "version": 1, "remote_id": "r1", "url": PAGE}
    return job


def test_an_update_stays_where_it_was_though_the_partner_does_not_say_it_again(plugin, corrected, partner):
    partner.answer((200, {"status": "published"}))
    [live] = plugin.correct(corrected)
    assert live.url == PAGE
    assert live.remote == {"article_id": "7", "version": 2, "remote_id": "r1", "url": PAGE}
