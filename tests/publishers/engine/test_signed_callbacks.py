"""Part C of partner-feed-contract.md: what a partner signs is taken once, in its order, and acted upon."""

import datetime as dt
import json
import threading
import time

import pytest
import requests
from celery import current_app
from cryptography.fernet import Fernet
from django.db import connection
from django.utils import timezone

from publishers import accounts, callbacks, engine
from publishers.accounts.credentials import Unreadable
from publishers.accounts.sessions import EngineAccount
from publishers.engine import switching
from publishers.engine.job import heard
from publishers.models import Account, Attempt, Callback, Cause, Delivery, Nonce, Outcome, Phase, Sighting
from publishers.operations import doctor
from publishers.people.permissions import OPERATOR
from publishers.tasks import handle_callbacks
from publishers.verification import verify
from tests.publishers.engine.cast import make_due, send, signed_release
from tests.publishers.engine.clock import an_hour_ago, in_an_hour
from tests.publishers.transports.pushing import KEY, SECRET, account, message, partner, reached, signed

__all__ = ["account", "partner", "reached"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("reached")]


@pytest.fixture
def in_review(sandbox, account):
    """Return a delivery that waits for the partner's review, with no look due."""
    sandbox.fault("stall_review", platform="partner")
    delivery = send(signed_release(pictures=0), account=account)
    assert engine.run(delivery.pk) == Phase.CONFIRMING
    Delivery.objects.update(next_at=timezone.now() + dt.timedelta(hours=2))
    return delivery


@pytest.fixture
def live(sandbox, account):
    delivery = send(signed_release(pictures=0), account=account)
    for _run in range(4):
        make_due(delivery)
        engine.run(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.phase == Phase.SETTLED
    Delivery.objects.update(look_at=timezone.now() + dt.timedelta(days=1))
    return delivery


ABOUT = {"article_id": "7", "version": 1}


def post(
    account, told=None, *, secret=SECRET, key=KEY, path=None, ahead_s=0, nonce=None, body=None, **changes
):
    """Tell the hub as the partner does; ``told`` are changes of the message."""
    now = dt.datetime.now(dt.UTC)
    body = json.dumps(message(ABOUT, at=now, **(told or {}))).encode() if body is None else body
    path = path or f"/callbacks/{account.pk}"
    headers = signed(key, secret, "POST", path, body, time.time() + ahead_s, nonce) | changes
    address = callbacks.address_of(account).rpartition("/callbacks/")[0] + path
    return requests.post(address, data=body, headers=headers, timeout=20)


def kept():
    return Callback.objects.get().event["facts"]


def is_due(delivery):
    return engine.sweep() == [delivery.pk]


# --- what cannot be read now --------------------------------------------------------------------------------


def test_with_a_lost_key_nothing_is_kept_a_person_is_told_and_the_partner_tells_it_again(
    account, in_review, settings
):
    keys = settings.CREDENTIAL_KEYS
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    answer = post(account, {"status": "published"})
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
    assert answer.json()["code"] == "unavailable"
    account.refresh_from_db()
    assert account.problem == str(Unreadable()) and not Callback.objects.exists()
    assert account.problem in [each.sentence for each in doctor.examine()]
    settings.CREDENTIAL_KEYS = keys
    assert post(account, {"status": "published"}).status_code == 200
    handle_callbacks()
    assert engine.run(in_review.pk) == Phase.SETTLED


# --- what comes of it ---------------------------------------------------------------------------------------


def test_the_end_of_a_review_confirms_the_delivery(sandbox, in_review):
    assert engine.sweep() == []
    sandbox.finish_reviews()
    sandbox.send_push_callbacks()
    assert [each["answers"] for each in sandbox.push_callbacks()] == [["200"], ["200"]]
    assert engine.sweep() == [], "received, and not acted upon in the answer's time"
    handle_callbacks()
    assert is_due(in_review)
    assert engine.run(in_review.pk) == Phase.SETTLED
    assert in_review.items.get().url == sandbox.articles("partner", KEY)[0]["url"]


def test_the_partners_word_is_enough_without_a_further_question(sandbox, account, in_review):
    asked = len(sandbox.calls("partner", KEY))
    post(account, {"status": "published", "remote_id": "r9", "url": f"{sandbox.url}/partner/a/9"})
    handle_callbacks()
    assert engine.run(in_review.pk) == Phase.SETTLED
    item = in_review.items.get()
    assert (item.url, item.remote["remote_id"]) == (f"{sandbox.url}/partner/a/9", "r9")
    assert len(sandbox.calls("partner", KEY)) == asked


def test_a_refusal_is_told_with_its_reason(account, in_review):
    post(account, {"status": "rejected", "reason": "缺少授权书"})
    handle_callbacks()
    assert engine.run(in_review.pk) == Phase.ATTENTION
    in_review.refresh_from_db()
    assert in_review.cause == Cause.REJECTED and "缺少授权书" in in_review.reason


def test_a_delivery_given_up_for_want_of_an_answer_goes_on_when_it_comes(account, in_review):
    Delivery.objects.update(phase=Phase.ATTENTION, cause=Cause.UNCONFIRMED, next_at=None)
    post(account)
    handle_callbacks()
    assert engine.run(in_review.pk) == Phase.SETTLED


@pytest.mark.parametrize("status", ["withdrawn", "failed", "rejected"])
def test_what_is_said_of_a_live_article_later_is_looked_at_at_once(account, live, status):
    post(account, {"status": status, "reason": "读者投诉"})
    handle_callbacks()
    live.refresh_from_db()
    assert live.look_at <= timezone.now()
    verify.verify(live.pk)
    live.refresh_from_db()
    assert (live.phase, live.cause) == (Phase.ATTENTION, Cause.ALTERED)
    assert "读者投诉" in live.reason


def pause(account):
    accounts.pause(account, reason="换人。", by=OPERATOR)


def rest(account):
    Account.objects.update(failures=9, resting_until=timezone.now() + dt.timedelta(minutes=30))


def pause_everything(account):
    switching.pause_all("演练。", by=OPERATOR)


@pytest.mark.parametrize("hold", [pause, rest, pause_everything])
def test_what_is_said_of_a_live_article_is_read_however_the_account_is_and_nobody_is_called(
    sandbox, account, live, hold
):
    hold(account)
    Delivery.objects.update(look_at=an_hour_ago())
    assert verify.due() == [], "nothing was told: the look waits"
    asked = len(sandbox.calls("partner", KEY))
    post(account, {"status": "withdrawn", "reason": "读者投诉"})
    handle_callbacks()
    assert verify.due() == [live.pk]
    verify.verify(live.pk)
    live.refresh_from_db()
    assert (live.phase, live.cause) == (Phase.ATTENTION, Cause.ALTERED) and "读者投诉" in live.reason
    assert len(sandbox.calls("partner", KEY)) == asked


@pytest.mark.parametrize("hold", [pause, rest, pause_everything])
def test_what_is_said_of_another_article_lets_no_look_be_made_on_an_account_that_is_held(
    sandbox, account, live, hold
):
    hold(account)
    Delivery.objects.update(look_at=an_hour_ago())
    asked, looked = len(sandbox.calls("partner", KEY)), Sighting.objects.count()
    post(account, {"article_id": "8", "status": "withdrawn"})
    handle_callbacks()
    for delivery_id in verify.due():
        verify.verify(delivery_id)
    live.refresh_from_db()
    assert live.phase == Phase.SETTLED and verify.due() == []
    assert (len(sandbox.calls("partner", KEY)), Sighting.objects.count()) == (asked, looked)


@pytest.mark.parametrize("odd", ["\0", "\ud800"], ids=ascii)
@pytest.mark.parametrize("field", ["reason", "task_id", "remote_id", "url"])
def test_characters_that_cannot_be_stored_take_nothing_from_what_is_said(account, live, field, odd):
    told = {"status": "withdrawn", "reason": "读者投诉", "url": "https://partner.example/1"}
    assert post(account, told | {field: told.get(field, "x") + odd}).status_code == 200
    handle_callbacks()
    verify.verify(live.pk)
    live.refresh_from_db()
    assert live.phase == Phase.ATTENTION and "读者投诉" in live.reason


@pytest.mark.parametrize("odd", ["\0", "\ud800"], ids=ascii)
def test_an_identifier_with_such_characters_is_no_other_article(account, live, odd):
    assert post(account, {"article_id": f"7{odd}", "status": "withdrawn"}).status_code == 200
    handle_callbacks()
    assert Callback.objects.get(event__about__article_id="7\ufffd").problem
    live.refresh_from_db()
    assert live.look_at > timezone.now()


def test_a_body_that_is_no_text_is_refused(account):
    assert post(account, body=b'{"article_id": "\xff"}').status_code == 400


@pytest.mark.parametrize(
    "fault", ["callback_twice", "callback_out_of_order", "callback_late", "callback_lost"]
)
def test_whatever_becomes_of_a_callback_the_delivery_settles_once(sandbox, account, in_review, fault):
    sandbox.fault(fault, platform="partner", seconds=0)
    sandbox.finish_reviews()
    sandbox.send_push_callbacks()
    handle_callbacks()
    make_due(in_review)
    assert engine.run(in_review.pk) == Phase.SETTLED
    assert len(sandbox.articles("partner", KEY)) == 1


# --- order and repetition -----------------------------------------------------------------------------------


def test_the_latest_word_counts_in_whatever_order_it_comes(account):
    now = dt.datetime.now(dt.UTC)
    for minutes, status in ((-3, "in_review"), (-1, "published"), (-2, "in_review"), (-4, "pending")):
        told = {"status": status, "occurred_at": (now + dt.timedelta(minutes=minutes)).isoformat()}
        assert post(account, told).status_code == 200
    assert kept()["status"] == "published"
    assert Callback.objects.count() == 1


def test_versions_are_told_of_apart(account):
    post(account, {"status": "published", "version": 1})
    post(account, {"status": "rejected", "version": 2})
    assert {row.key: row.event["facts"]["status"] for row in Callback.objects.all()} == {
        "article 7 1": "published",
        "article 7 2": "rejected",
    }


def test_the_same_word_again_is_answered_and_changes_nothing(account):
    told = {"occurred_at": "2026-03-01T09:00:00+08:00"}
    assert [post(account, told).status_code for _time in range(2)] == [200, 200]
    handle_callbacks()
    assert post(account, told).status_code == 200
    assert Callback.objects.get().handled_at is not None


def test_a_later_word_is_acted_upon_though_the_earlier_one_was(account, in_review):
    post(account, {"status": "in_review"})
    handle_callbacks()
    Delivery.objects.update(next_at=timezone.now() + dt.timedelta(hours=2))
    post(account)
    assert Callback.objects.get().handled_at is None
    handle_callbacks()
    assert is_due(in_review)


def test_a_word_that_comes_while_the_earlier_one_is_handled_waits_for_its_turn(account):
    post(account, {"status": "in_review"})
    in_hand = Callback.objects.get()
    post(account)
    callbacks.handle(in_hand)
    assert Callback.objects.get().handled_at is None


def test_an_unknown_article_is_kept_as_a_problem_and_answered(account):
    assert post(account, {"article_id": "4711"}).status_code == 200
    handle_callbacks()
    callback = Callback.objects.get(key="article 4711 1")
    assert "4711" in callback.problem and callback.handled_at
    assert engine.sweep() == []


# --- proof --------------------------------------------------------------------------------------------------


WRONG = {
    "another secret": ({"secret": "guessed"}, "signature"),
    "another path": ({"X-Hub-Nonce": "n" * 20}, "signature"),
    "another account's key": ({"key": "somebody-else"}, "key"),
    "an old time": ({"ahead_s": -400}, "timestamp"),
    "a time to come": ({"ahead_s": 400}, "timestamp"),
    "a short nonce": ({"nonce": "short"}, "nonce"),
    "a nonce without end": ({"nonce": "n" * 200}, "nonce"),
    "no signature": ({"X-Hub-Signature": ""}, "signature"),
    "a digest without its version": ({"X-Hub-Signature": "0" * 64}, "signature"),
}


@pytest.mark.parametrize(("wrong", "code"), WRONG.values(), ids=list(WRONG))
def test_what_is_not_proved_is_refused_and_not_kept(account, wrong, code):
    answer = post(account, **wrong)
    assert (answer.status_code, answer.json()["code"]) == (403, code)
    assert not Callback.objects.exists() and not Nonce.objects.exists()


def test_a_message_that_comes_again_is_refused(account):
    given = {"nonce": "n" * 24, "body": json.dumps(message(ABOUT, at=timezone.now()))}
    given["body"] = given["body"].encode()
    assert post(account, **given).status_code == 200
    answer = post(account, **given)
    assert (answer.status_code, answer.json()["code"]) == (403, "nonce")


def test_of_many_that_come_with_one_nonce_one_is_taken(account):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite writes one after the other.")
    codes, barrier = [], threading.Barrier(6)

    def tell(number):
        barrier.wait()
        codes.append(post(account, {"version": number}, nonce="n" * 24).status_code)

    threads = [threading.Thread(target=tell, args=(number,)) for number in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200, *[403] * 5]


def test_a_message_for_one_account_proves_nothing_for_another(account, office, sandbox):
    credentials = {"push_url": "https://p.example/push", "push_key": "k2", "push_secret": "another"}
    other = accounts.add(
        office=office, platform="partner", name="清溪县女声", credentials=credentials, by=OPERATOR
    )
    assert post(other).status_code == 403
    assert post(other, key="k2").status_code == 403
    assert post(other, key="k2", secret="another", nonce="n" * 24).status_code == 200
    assert post(account, nonce="n" * 24).status_code == 200, "each account's partner counts for itself"


def test_old_nonces_are_forgotten_and_young_ones_kept(account):
    post(account)
    Nonce.objects.create(account=account, nonce="old", ends_at=timezone.now() - dt.timedelta(seconds=1))
    handle_callbacks()
    assert [len(nonce) for nonce in Nonce.objects.values_list("nonce", flat=True)] == [24]


def test_the_secret_of_the_callbacks_goes_before_that_of_the_push(account):
    accounts.renew_credentials(account, {"callback_secret": "for-callbacks"}, by=OPERATOR)
    assert post(account).status_code == 403
    assert post(account, secret="for-callbacks").status_code == 200


@pytest.mark.parametrize("transport", ["feed", "manual"])
def test_partners_on_other_ways_tell_by_the_same_address(account, transport):
    Account.objects.filter(pk=account.pk).update(transport=transport)
    account.refresh_from_db()
    assert callbacks.address_of(account).endswith(f"/callbacks/{account.pk}")
    assert post(account).status_code == 200


def test_each_platform_has_an_address_of_its_own(account):
    assert post(account, path=f"/callbacks/partner/{account.pk}").status_code == 200
    assert post(account, path=f"/callbacks/toutiao/{account.pk}").status_code == 403


@pytest.mark.parametrize("number", [0, 999_999, 10**30])
def test_nobody_learns_which_accounts_there_are(account, number):
    answer, refused = post(account, path=f"/callbacks/{number}"), post(account, secret="guessed")
    assert (answer.status_code, answer.json()["code"]) == (refused.status_code, refused.json()["code"])


def test_an_account_without_secrets_takes_nothing(account):
    accounts.renew_credentials(account, {"push_secret": "x"}, by=OPERATOR)
    Account.objects.filter(pk=account.pk).update(credentials=b"")
    assert post(account, secret="").status_code == 403


def test_the_address_is_only_posted_to(account):
    assert requests.get(callbacks.address_of(account), timeout=20).status_code == 405


# --- what is in it ------------------------------------------------------------------------------------------

MALFORMED = {
    "no JSON": (b"published", ""),
    "a list": (b"[]", ""),
    "too deep": (b"[" * 20_000, ""),
    "no article": ({"article_id": ""}, "article_id"),
    "an endless name": ({"article_id": "7" * 101}, "article_id"),
    "a version in words": ({"version": "one"}, "version"),
    "a version that is true": ({"version": True}, "version"),
    "version nothing": ({"version": 0}, "version"),
    "a version beyond all": ({"version": 2**31}, "version"),
    "a status of its own": ({"status": "accepted"}, "status"),
    "no time": ({"occurred_at": None}, "occurred_at"),
    "no time zone": ({"occurred_at": "2026-03-01T09:00:00"}, "occurred_at"),
    "no such day": ({"occurred_at": "2026-02-30T09:00:00+08:00"}, "occurred_at"),
    "no time of a program": ({"occurred_at": "0001-01-01T00:00:00+08:00"}, "occurred_at"),
    "a time before all": ({"occurred_at": "1800-01-01T00:00:00+23:59"}, "occurred_at"),
    "a time to come": ({"occurred_at": "2999-03-01T09:00:00+08:00"}, "occurred_at"),
}


@pytest.mark.parametrize(("wrong", "field"), MALFORMED.values(), ids=list(MALFORMED))
def test_what_is_not_as_the_contract_says_is_refused_with_the_fields_name(account, wrong, field):
    answer = post(account, body=wrong) if isinstance(wrong, bytes) else post(account, wrong)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert answer.json().get("field", "") == field
    assert not Callback.objects.exists()


@pytest.mark.parametrize("offset", ["+23:59", "-23:59"])
def test_a_time_is_kept_whatever_its_offset(account, offset):
    assert post(account, {"occurred_at": f"2026-03-01T09:00:00{offset}"}).status_code == 200
    assert Callback.objects.get().happened_at == dt.datetime.fromisoformat(f"2026-03-01T09:00:00{offset}")


def test_what_is_kept_and_cannot_be_read_holds_up_no_other(account, in_review):
    post(account, {"article_id": "8"})
    unread = Callback.objects.get(key="article 8 1").pk
    first = {"sqlite": "0000-12-31 16:00:00", "postgresql": "0001-12-31 16:00:00 BC"}[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE publishers_callback SET happened_at = %s WHERE id = %s", [first, unread])
    about = in_review.attempts.get(name="publish").result
    post(account, {name: about[name] for name in ("article_id", "version")})
    handle_callbacks()
    assert is_due(in_review)
    assert Callback.objects.filter(pk=unread, handled_at__isnull=False).exclude(problem="").exists()


def test_a_huge_body_is_refused_before_it_is_read(account):
    answer = post(account, body=b"x" * (64 * 1024 + 1))
    assert answer.status_code == 413


def test_hostile_texts_are_kept_as_texts_and_addresses_only_of_pages(account):
    told = {"url": "javascript:alert(1)", "reason": "<script>" * 100, "remote_id": "r" * 300}
    assert post(account, told).status_code == 200
    facts = kept()
    assert facts["url"] == facts["remote_id"] == "" and len(facts["reason"]) == 500


def test_a_secret_is_in_no_answer_and_no_row(account):
    answer = post(account, secret="guessed")
    assert SECRET not in answer.text + str(answer.headers)
    post(account)
    assert SECRET not in json.dumps(Callback.objects.get().event)


@pytest.fixture
def beside(account, office):
    """An account of the same partner for another office."""
    credentials = {"push_url": "https://p.example/push", "push_key": "k2", "push_secret": "another"}
    return accounts.add(
        office=office, platform="partner", name="清溪县女声", credentials=credentials, by=OPERATOR
    )


@pytest.mark.parametrize("known_by", ["a step's result", "what is live"])
def test_the_same_identifier_on_two_accounts_wakes_the_one_that_was_told_of(account, beside, known_by):
    mine, other = (send(signed_release(pictures=0), account=each) for each in (account, beside))
    Delivery.objects.update(phase=Phase.CONFIRMING, next_at=in_an_hour())
    for delivery in (mine, other):
        if known_by == "what is live":
            delivery.items.update(remote={"article_id": "A1"})
        else:
            row = {"generation": 1, "name": "push", "input_sha256": "", "begun_at": an_hour_ago()}
            Attempt.objects.create(
                delivery=delivery, outcome=Outcome.DONE, result={"article_id": "A1"}, **row
            )
    event = {"about": {"article_id": "A1"}, "facts": {}, "changed": False}
    Callback.objects.create(account=account, key="k", event=event, received_at=an_hour_ago())
    assert callbacks.handle_open() == [mine.pk] == engine.sweep()


def test_what_waits_for_its_time_is_not_begun_by_an_event(account):
    waiting = send(signed_release(pictures=0), account=account, at=in_an_hour())
    waiting.items.update(remote={"article_id": "A1"})
    event = {"about": {"article_id": "A1"}, "facts": {}, "changed": True}
    Callback.objects.create(account=account, key="k", event=event, received_at=an_hour_ago())
    assert callbacks.handle_open() == [waiting.pk] and engine.sweep() == []


@pytest.mark.parametrize(("secret", "calls"), [(SECRET, 1), ("guessed", 0)], ids=["proved", "not proved"])
def test_a_worker_is_called_for_what_was_kept_and_for_nothing_else(account, monkeypatch, secret, calls):
    called = []
    monkeypatch.setattr(current_app, "send_task", lambda name, *rest, **more: called.append(name))
    post(account, secret=secret)
    assert called == ["publishers.handle_callbacks"] * calls


def test_what_one_account_was_told_is_not_heard_by_another(account, beside):
    event = {"about": {}, "facts": {"status": "published"}, "changed": False}
    Callback.objects.create(account=account, key="k", event=event, received_at=an_hour_ago())
    assert heard(EngineAccount(account), "k") == {"status": "published"}
    assert heard(EngineAccount(beside), "k") is None
