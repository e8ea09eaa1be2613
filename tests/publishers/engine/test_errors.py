"""What the engine does about each kind of error, and what people read."""

import dataclasses
import datetime as dt
import logging

import pytest
from django.db import InterfaceError, InternalError, OperationalError
from django.utils import timezone

from publishers import engine, registry
from publishers.accounts import consents, pausing
from publishers.accounts.sessions import EngineAccount
from publishers.distribution import retry
from publishers.engine import outcomes
from publishers.engine.attempts import Attempts
from publishers.interface import Grant, PermanentError, QuotaExceeded
from publishers.models import Account, Attempt, Cause, Outcome, Phase
from publishers.people.permissions import OPERATOR
from tests.publishers.engine import tiny
from tests.publishers.engine.cast import make_due, send, sent_titles, signed_release, written_in
from tests.publishers.engine.clock import HOUR, an_hour_ago, is_ahead, just_now
from tests.publishers.engine.tiny import Tiny

pytestmark = pytest.mark.django_db(transaction=True)


def run_with(fault, release, account, server, path="/draft"):
    server.faults[path] = [fault]
    delivery = send(release, account=account)
    engine.run(delivery.pk)
    delivery.refresh_from_db()
    return delivery


def test_retry_waits_as_long_as_the_plugin_says_and_then_goes_on(release, account, server):
    since = just_now()
    delivery = run_with("asked", release, account, server)
    assert (delivery.phase, delivery.cause, delivery.retries) == (Phase.SENDING, Cause.RETRY, 0)
    assert is_ahead(delivery.next_at, dt.timedelta(seconds=7), since=since) and "南粤女声" in delivery.reason
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert server.calls["/upload"] == 1 and server.calls["/draft"] == 2


def test_waiting_grows_to_an_hour_and_then_a_person_looks(release, account, server):
    server.faults["/draft"] = ["retry"] * 20
    delivery = send(release, account=account)
    waits_s = [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600]
    assert len(waits_s) == outcomes.RETRIES
    for wait_s in waits_s:
        since = just_now()
        assert engine.run(delivery.pk) == Phase.SENDING
        delivery.refresh_from_db()
        assert is_ahead(delivery.next_at, dt.timedelta(seconds=wait_s), since=since)
        make_due(delivery)
    assert engine.run(delivery.pk) == Phase.ATTENTION
    delivery.refresh_from_db()
    assert delivery.reason


def test_a_used_up_quota_waits_until_it_is_renewed(release, account, server):
    since = just_now()
    delivery = run_with("quota", release, account, server)
    assert (delivery.phase, delivery.cause) == (Phase.SENDING, Cause.QUOTA)
    assert is_ahead(delivery.next_at, HOUR, since=since)
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.SETTLED


def test_a_quota_that_is_renewed_already_is_not_asked_for_again_at_once(
    release, account, server, monkeypatch
):
    over = lambda: QuotaExceeded("used up", until=an_hour_ago())  # noqa: E731  (a clock that is behind)
    monkeypatch.setitem(tiny.ERRORS, "quota", over)
    since = just_now()
    delivery = run_with("quota", release, account, server)
    assert (delivery.phase, delivery.cause) == (Phase.SENDING, Cause.QUOTA)
    assert is_ahead(delivery.next_at, outcomes.SOONEST, since=since)


def test_refused_credentials_stop_the_account_and_all_its_deliveries(release, account, server):
    other = send(signed_release(page_id=8), account=account, at=timezone.now() + dt.timedelta(days=1))
    delivery = run_with("credentials", release, account, server)
    account.refresh_from_db()
    other.refresh_from_db()
    assert account.is_paused and account.problem == account.paused_reason
    for stopped in (delivery, other):
        assert (stopped.phase, stopped.cause, stopped.next_at) == (Phase.PAUSED, Cause.CREDENTIALS, None)
        assert stopped.reason == account.problem
    pausing.resume(account)
    assert engine.run(delivery.pk) == Phase.SETTLED
    other.refresh_from_db()
    assert other.phase == Phase.SCHEDULED and other.next_at == other.due_at


@pytest.mark.parametrize("url", ["https://h:99999", "https://x..y", "https://[::1"])
def test_a_mistyped_address_stops_the_account_and_is_what_people_read(release, account, url):
    """Stored before it was refused at set-up, it is neither the plugin's failure nor each article's."""
    Account.objects.filter(pk=account.pk).update(base_url=url, checked_at=timezone.now())
    delivery = send(release, account=account)
    assert engine.run(delivery.pk) == Phase.PAUSED
    delivery.refresh_from_db()
    assert delivery.cause == Cause.CREDENTIALS and "接口地址" in delivery.reason


def test_a_missing_capability_goes_to_a_person_by_name(release, account, server):
    delivery = run_with("capability", release, account, server, path="/submit")
    assert (delivery.phase, delivery.cause) == (Phase.ATTENTION, Cause.CAPABILITY)
    assert "发布" in delivery.reason


def test_a_refusal_shows_the_platforms_reason_as_it_is(release, account, server):
    delivery = run_with("rejected", release, account, server)
    assert (delivery.phase, delivery.cause) == (Phase.ATTENTION, Cause.REJECTED)
    assert delivery.reason == "标题里有不允许的词。"


def test_a_permanent_error_shows_its_code_and_keeps_the_evidence(release, account, server):
    delivery = run_with("permanent", release, account, server)
    assert (delivery.phase, delivery.cause) == (Phase.ATTENTION, Cause.PERMANENT)
    assert "99999" in delivery.reason
    attempt = Attempt.objects.get(name="draft")
    assert (attempt.outcome, attempt.error, attempt.evidence["code"]) == (
        Outcome.FAILED,
        "PermanentError",
        "99999",
    )
    assert attempt.evidence["body"] == '{"access_token": "***"}'


def test_no_token_stands_in_what_is_kept_wherever_the_platform_says_it(account):
    consents.replace(account, Grant("openid", "refresh-1"), by_name="周明")
    session = EngineAccount(account)
    session.token(lambda: ("tok-1", 7200))
    session.keep(dataclasses.replace(session.grant, refresh_token="renewed-1"))
    for told in ("tok-1", "refresh-1", "renewed-1"):
        kept = session.evidence(PermanentError(f"{told} is refused", body=f"no such: {told}"))
        assert (kept["message"], kept["body"]) == ("*** is refused", "no such: ***")


@pytest.mark.parametrize("length", range(480, 502, 3))
def test_a_token_at_the_place_where_words_are_cut_is_not_kept_by_half(account, length):
    session = EngineAccount(account)
    session.token(lambda: ("tok-1234567890", 7200))
    told = "x" * length + " tok-1234567890 is refused"
    kept = session.evidence(PermanentError(told, body=told))
    assert kept["message"] == kept["body"] and "tok" not in kept["body"] and len(kept["body"]) <= 500


def test_of_an_error_page_of_megabytes_only_the_beginning_is_kept(release, account, server, monkeypatch):
    page = "<h1>出错了</h1>" + "<p>请稍后再试</p>" * 200_000
    monkeypatch.setitem(tiny.ERRORS, "permanent", lambda: PermanentError("no", body=page))
    run_with("permanent", release, account, server)
    kept = Attempt.objects.get(name="draft").evidence["body"]
    assert kept and page.startswith(kept) and len(kept) <= 500


def test_a_surprise_goes_to_a_person_with_a_traceback_in_the_log(release, account, server, caplog):
    delivery = run_with("surprise", release, account, server)
    assert (delivery.phase, delivery.cause) == (Phase.ATTENTION, Cause.INTERNAL)
    assert "Traceback" in caplog.text and "media_id" in caplog.text
    assert Attempt.objects.get(name="draft").outcome == Outcome.UNKNOWN


@pytest.mark.parametrize("error", [OperationalError, InterfaceError, InternalError])
def test_a_database_that_fails_is_nobodys_task_and_the_next_worker_goes_on(
    error, release, account, server, monkeypatch
):
    def fail(self, row):
        raise error("the connection is gone")

    delivery = send(release, account=account)
    with monkeypatch.context() as failing, pytest.raises(error):
        failing.setattr(Attempts, "begin", written_in("psycopg", fail))
        engine.run(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.phase, delivery.cause) == (Phase.SENDING, "") and delivery.lease_until
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.SETTLED


def test_a_plugin_that_answers_for_too_few_articles_is_named_with_how_many(
    release, account, server, monkeypatch
):
    monkeypatch.setattr(Tiny, "publish", lambda self, job: [])
    delivery = send(release, account=account)
    assert engine.run(delivery.pk) == Phase.ATTENTION
    delivery.refresh_from_db()
    assert delivery.cause == Cause.PERMANENT and "1篇中的0篇" in delivery.reason


def test_a_platform_that_cannot_be_reached_is_tried_again(release, account, server):
    server.stop()
    delivery = send(release, account=account)
    assert engine.run(delivery.pk) == Phase.SENDING
    delivery.refresh_from_db()
    assert delivery.cause == Cause.RETRY


def test_retrying_after_attention_makes_only_the_failed_call_again(release, account, server):
    delivery = run_with("rejected", release, account, server, path="/submit")
    retry(delivery, by=OPERATOR)
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert (server.calls["/draft"], server.calls["/submit"]) == (1, 2)
    assert len(sent_titles(server)) == 1


@pytest.mark.parametrize("fault", ["undocumented", "undocumented, taken"])
def test_a_refusal_in_words_that_no_document_names_is_looked_for_before_it_is_tried_again(
    release, account, server, fault
):
    server.faults["/submit"] = [fault]
    delivery = send(release, account=account)
    assert engine.run(delivery.pk) == Phase.ATTENTION
    delivery.refresh_from_db()
    assert (delivery.cause, delivery.reason) == (Cause.REJECTED, "系统异常。")
    retry(delivery, by=OPERATOR)
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert len(server.articles) == 1 and server.calls["/submit"] == (1 if "taken" in fault else 2)


def test_a_delivery_waits_for_its_plugin_and_goes_on_when_it_is_there(
    release, account, server, monkeypatch, caplog
):
    caplog.set_level(logging.INFO)
    delivery = send(release, account=account)
    monkeypatch.delitem(registry._publishers, "tiny")
    for _time in range(20):
        make_due(delivery)
        assert engine.run(delivery.pk) == Phase.SCHEDULED
    assert len([told for told in caplog.messages if "is scheduled" in told]) == 1, "no news is told twice"
    delivery.refresh_from_db()
    assert "tiny" in delivery.reason and server.total == 0
    monkeypatch.setitem(registry._publishers, "tiny", Tiny())
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert len(server.articles) == 1


def test_what_had_begun_is_looked_for_when_its_plugin_is_back(release, account, server, monkeypatch):
    server.faults["/submit"] = ["lost"]
    delivery = send(release, account=account)
    engine.run(delivery.pk)
    plugin = registry._publishers.pop("tiny")
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.SENDING
    monkeypatch.setitem(registry._publishers, "tiny", plugin)
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert len(server.articles) == 1
