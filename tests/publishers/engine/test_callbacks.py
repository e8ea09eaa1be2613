"""What WeChat tells, over real HTTP: sandbox → the hub's address → the delivery it means is due."""

import base64
import datetime as dt
import os
import time

import pytest
import requests
from celery import current_app
from cryptography.fernet import Fernet
from django.utils import timezone

from publishers import accounts, callbacks, engine
from publishers.accounts.credentials import Unreadable
from publishers.callbacks import receiving
from publishers.engine import leases
from publishers.engine.outcomes import RunOutcome
from publishers.models import Attempt, Callback, Cause, Delivery, Phase
from publishers.people.permissions import OPERATOR
from publishers.tasks import handle_callbacks, sweep
from sandbox.wechat import events
from tests.publishers.engine.cast import send, signed_release
from tests.publishers.engine.clock import an_hour_ago, in_an_hour

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = "a-callback-token"
AES_KEY, NEXT_AES_KEY = (base64.b64encode(bytes([n]) * 32).decode()[:43] for n in (7, 8))


@pytest.fixture(autouse=True)
def called_at(settings, live_server):
    settings.PUBLIC_URL = live_server.url


@pytest.fixture
def account(office, sandbox):
    sandbox.settings(review_s=0)
    sandbox.add_account("wechat", "wx-callbacks", "s3cret", "榕溪县女声")
    credentials = {"appid": "wx-callbacks", "secret": "s3cret", "callback_token": TOKEN, "aes_key": AES_KEY}
    made = accounts.add(
        office=office,
        platform="wechat",
        name="榕溪县女声",
        base_url=sandbox.base_url("wechat"),
        credentials=credentials,
        by=OPERATOR,
    )
    yield made
    sandbox.reset(accounts=True)


@pytest.fixture
def told(sandbox, account):
    """Let the sandbox tell the account what happens, encrypted."""
    sandbox.callback(
        "wx-callbacks", callbacks.address_of(account), TOKEN, aes_key=AES_KEY, mode="safe", format="xml"
    )


@pytest.fixture
def in_review(sandbox, account, release):
    """Return a delivery that waits for the review, which no look has seen ended."""
    sandbox.fault("stall_review", platform="wechat")
    delivery = send(release, account=account)
    assert engine.run(delivery.pk) == Phase.CONFIRMING
    Delivery.objects.update(next_at=in_an_hour())
    return delivery


def is_due(delivery):
    return engine.sweep() == [delivery.pk]


def message(**changes):
    info = {"publish_id": "4711", "publish_status": 0, "article_id": " A\n", "article_detail": {"count": 0}}
    envelope = {"ToUserName": "gh_1", "FromUserName": "o1", "CreateTime": 1, "MsgType": "event"}
    return {**envelope, "Event": "PUBLISHJOBFINISH", "PublishEventInfo": {**info, **changes}}


def post(to, *, mode="safe", form="xml", ahead_s=0, told=None, **changes):
    """Send a message as WeChat does it; ``changes`` of token, aes_key, account make it another's."""
    where = {"token": TOKEN, "aes_key": AES_KEY, "account": "wx-callbacks", "mode": mode, "format": form}
    where |= changes
    query, body = events.sealed(where, told or message(), int(time.time()) + ahead_s)
    return requests.post(callbacks.address_of(to), params=query, data=body, timeout=20)


def test_the_end_of_a_review_makes_the_delivery_due_and_the_look_confirms_it(sandbox, told, in_review):
    assert engine.sweep() == []
    sandbox.finish_reviews()
    sandbox.send_events()
    [event] = sandbox.events("wx-callbacks")
    assert event["answers"] == ["success"]
    assert engine.sweep() == [], "received, and not acted upon in the answer's time"
    handle_callbacks()
    assert is_due(in_review)
    assert engine.run(in_review.pk) == Phase.SETTLED
    assert len(sandbox.articles("wechat", "wx-callbacks")) == 1


def test_a_lost_wake_up_is_made_good_by_the_sweep(sandbox, told, in_review):
    sandbox.finish_reviews()
    sandbox.send_events()
    sweep()
    assert Callback.objects.get().handled_at is not None
    assert is_due(in_review)


def test_what_comes_while_a_worker_holds_the_delivery_hastens_it_when_it_is_let_go(sandbox, told, in_review):
    lease = held(in_review)
    sandbox.finish_reviews()
    sandbox.send_events()
    handle_callbacks()
    assert Callback.objects.get().handled_at is None
    leases.release(lease, RunOutcome(Phase.CONFIRMING, after=dt.timedelta(hours=1)))
    assert engine.sweep() == []
    handle_callbacks()
    assert Callback.objects.get().handled_at is not None
    assert is_due(in_review) and engine.run(in_review.pk) == Phase.SETTLED


def test_what_comes_before_the_answer_to_its_call_is_written_down_hastens_it_all_the_same(account, in_review):
    [submitted] = [row for row in Attempt.objects.exclude(result=None) if "publish_id" in row.result]
    Attempt.objects.filter(pk=submitted.pk).update(result=None)
    lease = held(in_review)
    assert post(account, told=message(publish_id=submitted.result["publish_id"])).status_code == 200
    handle_callbacks()
    assert Callback.objects.get().handled_at is None
    Attempt.objects.filter(pk=submitted.pk).update(result=submitted.result)
    leases.release(lease, RunOutcome(Phase.CONFIRMING, after=dt.timedelta(hours=1)))
    handle_callbacks()
    assert is_due(in_review) and Callback.objects.get().problem == ""


def test_what_names_nothing_does_not_wait_for_a_busy_account(account, in_review):
    held(in_review)
    post(account)
    handle_callbacks()
    assert Callback.objects.get().handled_at is None
    Callback.objects.update(received_at=an_hour_ago())
    handle_callbacks()
    assert "4711" in Callback.objects.get().problem


def held(delivery) -> leases.Lease:
    """Return the lease of a worker that has the delivery in hand."""
    Delivery.objects.filter(pk=delivery.pk).update(next_at=an_hour_ago())
    return leases.acquire(delivery.pk)


def test_with_a_lost_key_a_person_is_told_and_the_platform_is_asked_to_tell_it_again(account, settings):
    keys, address = settings.CREDENTIAL_KEYS, callbacks.address_of(account)
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    answer = post(account)
    assert (answer.status_code, answer.text) == (503, "") and int(answer.headers["Retry-After"]) > 0
    account.refresh_from_db()
    assert account.problem == str(Unreadable()) and callbacks.address_of(account) == address
    settings.CREDENTIAL_KEYS = keys
    assert post(account).status_code == 200


def test_what_is_told_twice_is_kept_once(sandbox, told, in_review):
    sandbox.fault("event_twice", platform="wechat")
    sandbox.finish_reviews()
    sandbox.send_events()
    assert [event["answers"] for event in sandbox.events("wx-callbacks")] == [["success"]] * 2
    assert Callback.objects.count() == 1


@pytest.mark.parametrize("fault", ["event_lost", "event_out_of_order"])
def test_an_article_taken_down_is_looked_at_whatever_became_of_the_event_before(
    sandbox, told, in_review, fault
):
    sandbox.fault(fault, platform="wechat")
    sandbox.finish_reviews()
    sandbox.send_events()
    Delivery.objects.update(next_at=an_hour_ago())
    assert engine.run(in_review.pk) == Phase.SETTLED
    Delivery.objects.update(look_at=timezone.now() + dt.timedelta(days=1))
    item = in_review.items.get()
    sandbox.take_down("wechat", "wx-callbacks", item.remote["article_id"])
    sandbox.send_events()
    handle_callbacks()
    in_review.refresh_from_db()
    assert in_review.look_at <= timezone.now() and in_review.next_at is None
    assert {callback.event["facts"]["status"] for callback in Callback.objects.all()} >= {"6"}


def test_a_success_told_late_costs_no_look(sandbox, told, in_review):
    sandbox.finish_reviews()
    Delivery.objects.update(next_at=an_hour_ago())
    assert engine.run(in_review.pk) == Phase.SETTLED
    Delivery.objects.update(look_at=None)
    sandbox.send_events()
    handle_callbacks()
    in_review.refresh_from_db()
    assert (in_review.phase, in_review.look_at) == (Phase.SETTLED, None)


def test_nor_does_a_word_about_a_review_that_still_ran(sandbox, account, in_review):
    publish_id = in_review.attempts.get(name="submit").result["publish_id"]
    sandbox.finish_reviews()
    Delivery.objects.update(next_at=an_hour_ago())
    assert engine.run(in_review.pk) == Phase.SETTLED
    Delivery.objects.update(look_at=None)
    post(account, told=message(publish_id=publish_id, publish_status=1))
    handle_callbacks()
    in_review.refresh_from_db()
    assert (in_review.phase, in_review.look_at) == (Phase.SETTLED, None)


def test_a_delivery_given_up_for_want_of_an_answer_goes_on_when_it_comes(sandbox, told, in_review):
    Delivery.objects.update(phase=Phase.ATTENTION, cause=Cause.UNCONFIRMED, next_at=None)
    sandbox.finish_reviews()
    sandbox.send_events()
    handle_callbacks()
    assert engine.run(in_review.pk) == Phase.SETTLED


def test_an_unknown_article_is_kept_with_that_word_and_nothing_is_due(account):
    assert post(account).text == "success"
    handle_callbacks()
    kept = Callback.objects.get()
    assert kept.key == "publish 4711 0" and kept.event["facts"]["article_id"] == "A"
    assert "4711" in kept.problem and kept.handled_at


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize("mode", ["safe", "compatible"])
def test_both_encrypted_modes_and_both_formats_are_read(account, mode, form):
    items = [
        {"idx": 1, "article_url": "https://a.example/1"},
        {"idx": 2, "article_url": "https://a.example/2"},
    ]
    told = message(article_detail={"count": 2, "item": items}, publish_status=4, fail_idx=[1, 2])
    assert post(account, mode=mode, form=form, told=told).text == "success"
    facts = Callback.objects.get().event["facts"]
    assert facts["urls"] == ["https://a.example/1", "https://a.example/2"]
    assert (facts["status"], facts["failed"]) == ("4", ["1", "2"])


def test_one_article_reads_like_many(account):
    item = {"idx": 1, "article_url": "https://a.example/1"}
    post(account, told=message(article_detail={"count": 1, "item": item}))
    assert Callback.objects.get().event["facts"]["urls"] == ["https://a.example/1"]


def test_the_key_before_the_present_one_opens_what_was_sealed_with_it(account):
    renewed = {"aes_key": NEXT_AES_KEY, "previous_aes_key": AES_KEY}
    accounts.renew_credentials(account, renewed, by=OPERATOR)
    assert post(account).status_code == post(account, aes_key=NEXT_AES_KEY).status_code == 200


def test_a_plain_message_is_read_only_by_an_account_without_a_key(account, office, sandbox):
    assert post(account, mode="plain").status_code == 403
    plain = accounts.add(
        office=office,
        platform="wechat",
        name="清溪县女声",
        base_url=sandbox.base_url("wechat"),
        credentials={"appid": "wx2", "secret": "s", "callback_token": TOKEN},
        by=OPERATOR,
    )
    assert [post(plain, mode="plain", form=form).text for form in ("xml", "json")] == ["success"] * 2


def test_in_plain_mode_a_plain_message_is_read_whatever_key_was_there_before(account):
    accounts.renew_credentials(account, {"callback_mode": "plain"}, by=OPERATOR)
    assert post(account, mode="plain").text == "success"


WRONG = {
    "another token": {"token": "guessed"},
    "another key": {"aes_key": NEXT_AES_KEY},
    "another account": {"account": "wx-somebody-else"},
    "an old time": {"ahead_s": -3600},
    "a time to come": {"ahead_s": 3600},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=list(WRONG))
def test_what_does_not_prove_to_be_wechats_is_refused_and_not_kept(account, wrong):
    assert post(account, **wrong).status_code == 403
    assert not Callback.objects.exists()


def test_a_message_whose_content_was_exchanged_is_refused(account):
    where = {"token": TOKEN, "aes_key": AES_KEY, "account": "wx-callbacks", "mode": "safe", "format": "xml"}
    query, _body = events.sealed(where, message(), int(time.time()))
    _query, other = events.sealed(where, message(publish_id="4712"), int(time.time()))
    answer = requests.post(callbacks.address_of(account), params=query, data=other, timeout=20)
    assert answer.status_code == 403 and not Callback.objects.exists()


HOSTILE = {
    "entities": b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><Event>&b;</Event></xml>',
    "a file": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><xml><Event>&a;</Event></xml>',
    "no XML": b"<xml><Event>",
    "a list": b"[1]",
    "nothing": b"",
    "noise": os.urandom(500),
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=list(HOSTILE))
@pytest.mark.parametrize("query", [{}, {"encrypt_type": "aes", "msg_signature": "x"}])
def test_a_hostile_body_is_refused(account, office, sandbox, body, query):
    accounts.renew_credentials(account, {"aes_key": ""} if not query else {}, by=OPERATOR)
    stamp = str(int(time.time()))
    query = {"signature": events.signature(TOKEN, stamp, "n"), "timestamp": stamp, "nonce": "n", **query}
    answer = requests.post(callbacks.address_of(account), params=query, data=body, timeout=20)
    assert answer.status_code == 403 and not Callback.objects.exists()


def test_a_huge_body_is_refused_before_it_is_read(account):
    answer = requests.post(callbacks.address_of(account), data=b"x" * (64 * 1024 + 1), timeout=20)
    assert answer.status_code == 413


def test_the_address_gives_the_echo_back_to_wechat_only(sandbox, account):
    address = callbacks.address_of(account)
    sandbox.callback("wx-callbacks", address, TOKEN)
    with pytest.raises(ValueError, match="echostr"):
        sandbox.callback("wx-callbacks", address, "guessed")


@pytest.mark.parametrize(("ahead_s", "status"), [(-3600, 403), (3600, 403), (0, 200)])
def test_the_echo_is_given_back_at_its_time_only_and_calls_no_worker(account, ahead_s, status, monkeypatch):
    called = []
    monkeypatch.setattr(current_app, "send_task", lambda name, *rest, **more: called.append(name))
    stamp = str(int(time.time()) + ahead_s)
    query = {"signature": events.signature(TOKEN, stamp, "n"), "timestamp": stamp, "nonce": "n"}
    answer = requests.get(callbacks.address_of(account), params={**query, "echostr": "e"}, timeout=20)
    assert answer.status_code == status and (answer.text == "e") == (status == 200) and called == []


def test_the_address_is_nobodys_while_articles_go_by_hand(account):
    address = callbacks.address_of(account)
    accounts.change(account, transport="manual", by=OPERATOR)
    assert callbacks.address_of(account) == ""
    assert [ask(address, timeout=20).status_code for ask in (requests.get, requests.post)] == [404, 404]
    accounts.change(account, transport="api", by=OPERATOR)
    assert callbacks.address_of(account) == address and post(account).text == "success"


def test_nobody_guesses_an_address(account, live_server, office, server):
    key = callbacks.key_of(account)
    others = [key[:-1] + ("0" if key[-1] != "0" else "1"), f"{account.pk}", f"{account.pk}-", "0-" + "a" * 64]
    others += [f"x{key}", "x-" + "a" * 64, "-" + "a" * 64]
    codes = [requests.get(f"{live_server.url}/callbacks/{each}/", timeout=20).status_code for each in others]
    assert codes == [404] * len(others)


def test_messages_of_readers_are_answered_and_not_kept(account):
    told = {
        "ToUserName": "g",
        "FromUserName": "o",
        "CreateTime": 1,
        "MsgType": "text",
        "Content": "你好",
        "MsgId": 1,
    }
    assert post(account, told={"ToUserName": "g", **told}).text == "success"
    assert not Callback.objects.exists()


def test_events_of_one_article_do_not_touch_another(sandbox, told, account, in_review):
    other = send(signed_release(page_id=8, title="另一篇"), account=account)
    sandbox.fault("stall_review", platform="wechat")
    engine.run(other.pk)
    Delivery.objects.update(next_at=in_an_hour())
    publish_id = in_review.attempts.get(name="submit").result["publish_id"]
    post(account, told=message(publish_id=publish_id, publish_status=1))
    handle_callbacks()
    assert engine.sweep() == [in_review.pk]


def test_what_waits_is_acted_upon_oldest_first(account, monkeypatch):
    """More may wait than one turn takes."""
    monkeypatch.setattr(receiving, "BATCH", 2)
    for number in ("4711", "4712", "4713"):
        post(account, told=message(publish_id=number))
    newest = Callback.objects.filter(key="publish 4711 0")
    newest.update(received_at=timezone.now() + dt.timedelta(minutes=1))
    handle_callbacks()
    assert Callback.objects.get(handled_at=None) == newest.get()


@pytest.mark.parametrize("name", ["isnull", "publish_id__contains", "publish_id__regex", "", "a b"])
def test_what_one_callback_names_wrongly_holds_up_no_other(account, in_review, name):
    told = {"about": {name: "("}, "facts": {}, "changed": False}
    bad = Callback.objects.create(account=account, key="bad", event=told, received_at=an_hour_ago())
    post(account, told=message(publish_id=in_review.attempts.get(name="submit").result["publish_id"]))
    handle_callbacks()
    bad.refresh_from_db()
    assert bad.handled_at and bad.problem
    assert not Callback.objects.filter(handled_at=None).exists() and is_due(in_review)


def test_however_long_a_name_is_that_nobody_knows_what_came_with_it_is_handled(account):
    assert post(account, told=message(publish_id="4" * 3000)).text == "success"
    handle_callbacks()
    [kept] = Callback.objects.all()
    assert kept.handled_at and 0 < len(kept.problem) <= 500 and len(kept.key) <= 200
