"""Quotas, rests and the main switch, kept in the database: every worker on every host keeps to them."""

import dataclasses
import datetime as dt
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from cms.document.china import CHINA
from cms.models import Role
from cms.refusals import Refused
from publishers import distribution, engine, registry
from publishers.accounts import pausing, quotas
from publishers.accounts.sessions import EngineAccount
from publishers.desk import limits
from publishers.engine import circuit_breaker, held_up, outcomes, switching
from publishers.engine.leases import acquire
from publishers.engine.outcomes import RunOutcome
from publishers.interface import ByHand, Quota, QuotaExceeded, Retry
from publishers.models import Account, Cause, Delivery, Phase, QuotaUse, Span, clock
from publishers.people.permissions import OPERATOR
from publishers.statistics import collect
from tests.factories import make_office, make_user
from tests.publishers.engine import tiny
from tests.publishers.engine.cast import make_due, send, signed_release
from tests.publishers.engine.clock import HOUR, is_ahead, just_now
from tests.publishers.engine.tiny import Tiny, TinyClient

DRAFT = Quota("/draft", per_day=5, kept=2)


@pytest.fixture
def limited(monkeypatch):
    """Let the platform declare quotas."""

    def declare(*declared):
        platform = registry.get("tiny").platform
        monkeypatch.setattr(type(registry.get("tiny")), "platform", _with(platform, declared))

    return declare


def _with(platform, declared):
    return dataclasses.replace(platform, quotas=declared)


def test_no_call_is_made_beyond_the_quota_and_the_delivery_says_when_it_goes_on(
    account, server, limited, office
):
    limited(Quota("/draft", per_day=1))
    assert engine.run(send(signed_release(1), account=account).pk) == Phase.SETTLED
    second = send(signed_release(2), account=account)
    engine.run(second.pk)
    second.refresh_from_db()
    assert server.calls["/draft"] == 1
    assert second.cause == Cause.QUOTA and "0:00" in second.reason
    assert second.next_at.astimezone(CHINA).time() == dt.time() and second.next_at > timezone.now()


def test_twenty_workers_stay_inside_the_quota_together(account):
    def spend(_number):
        try:
            quotas.spend(account, DRAFT)
            return True
        except QuotaExceeded:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(spend, range(40))) == DRAFT.per_day
    assert QuotaUse.objects.get().count == DRAFT.per_day


@pytest.mark.parametrize("began", [None, dt.timedelta(days=1)], ids=["the first day", "another day"])
def test_nobody_is_refused_when_several_workers_begin_a_day_at_the_same_moment(account, began):
    days, together = range(50), 4
    if began:
        uses = [QuotaUse(account=account, path=f"/{day}", span=Span.DAY, count=9) for day in days]
        for use in uses:
            use.since = quotas.window(Span.DAY)[0] - began
        QuotaUse.objects.bulk_create(uses)
    moment = threading.Barrier(together)

    def spend(_worker):
        try:
            for day in days:
                moment.wait()
                quotas.spend(account, Quota(f"/{day}", per_day=10))
        except BaseException:
            moment.abort()  # nobody waits for who is gone
            raise
        finally:
            connection.close()

    with ThreadPoolExecutor(together) as pool:
        list(pool.map(spend, range(together)))
    assert set(QuotaUse.objects.values_list("count", flat=True)) == {together}


def test_of_a_large_quota_some_calls_are_counted_ahead_and_none_is_made_beyond_it(account):
    plenty = Quota("/upload", per_day=quotas.LARGE)
    since, _until = quotas.window("day")
    left = quotas.AT_ONCE * 2 + 3
    QuotaUse.objects.create(
        account=account, path="/upload", span="day", since=since, count=quotas.LARGE - left
    )
    made = 0
    with pytest.raises(QuotaExceeded):
        for _ in range(left + 1):
            quotas.spend(account, plenty)
            made += 1
    assert made == quotas.AT_ONCE * 2
    assert QuotaUse.objects.get().count == quotas.LARGE - 3


def test_what_was_counted_ahead_ends_with_its_day(account):
    plenty = Quota("/upload", per_day=quotas.LARGE)
    evening = dt.datetime(2026, 11, 24, 23, 59, 30, tzinfo=CHINA)
    for moment in (evening, evening + dt.timedelta(minutes=1)):
        quotas.spend(account, plenty, now=moment)
    used = QuotaUse.objects.get()
    assert used.since.astimezone(CHINA).date() == dt.date(2026, 11, 25) and used.count == quotas.AT_ONCE


def test_what_was_counted_ahead_is_lost_when_the_platform_says_that_it_is_used_up(account):
    plenty = Quota("/upload", per_day=quotas.LARGE)
    quotas.spend(account, plenty)
    quotas.use_up(account, plenty)
    with pytest.raises(QuotaExceeded):
        quotas.spend(account, plenty)


def test_what_is_used_up_is_of_the_databases_day_whatever_the_hosts_clock_says(account):
    with time_machine.travel(timezone.now() + dt.timedelta(days=1)):
        quotas.use_up(account, Quota("/draft", per_day=10))
    assert QuotaUse.objects.get().since == quotas.window(Span.DAY)[0]


@pytest.mark.parametrize("quota", [Quota("/draft", per_day=5), Quota("/draft", per_minute=5)], ids=str)
@pytest.mark.parametrize("ahead", [dt.timedelta(days=365), dt.timedelta(days=1)], ids=str)
def test_a_host_whose_clock_is_ahead_counts_in_the_databases_window(account, quota, ahead):
    with time_machine.travel(timezone.now() + ahead), pytest.raises(QuotaExceeded) as refused:
        while True:
            quotas.spend(account, quota)
    assert refused.value.until <= timezone.now() + dt.timedelta(days=1)


@pytest.mark.parametrize("span", Span)
def test_what_a_wrong_clock_wrote_once_costs_nothing_when_it_is_mended(account, span, limited):
    quota = Quota("/draft", per_day=5) if span == Span.DAY else Quota("/draft", per_minute=5)
    limited(quota)
    wrong, _until = quotas.window(span, timezone.now() + dt.timedelta(days=365))
    QuotaUse.objects.create(account=account, path="/draft", span=span, since=wrong, count=5)
    assert not any(usage.used for usage in limits.usage(account, QuotaUse.objects.all()))
    now = clock.now(account)
    for _ in range(5):
        quotas.spend(account, quota, now=now)
    with pytest.raises(QuotaExceeded):
        quotas.spend(account, quota, now=now)


def test_whoever_comes_late_to_a_window_counts_in_the_next_one_that_has_begun(account):
    quota, now = Quota("/draft", per_day=2), clock.now(account)
    quotas.spend(account, quota, now=now)
    quotas.spend(account, quota, now=now - dt.timedelta(days=1))
    assert QuotaUse.objects.get().count == 2


def test_a_host_whose_clock_is_ahead_puts_no_wait_and_no_deadline_into_the_future(account, server):
    used_up, asked = (send(signed_release(number), account=account) for number in (1, 2))
    renewed = timezone.now() + HOUR
    with time_machine.travel(timezone.now() + dt.timedelta(days=365)):
        waits = outcomes.of_error(QuotaExceeded("used up", until=renewed), used_up)
        task = outcomes.of_error(ByHand("看一看。", within=60), asked)
        withdrawal = held_up.instead(outcomes.internal(), asked)
    assert waits.at == renewed and withdrawal.deadline_at is not None and task.deadline_at is not None
    assert task.deadline_at < withdrawal.deadline_at <= timezone.now() + outcomes.SOON


def test_what_a_host_whose_clock_is_ahead_distributes_and_pauses_is_due_and_paused_now(account):
    release = signed_release()
    with time_machine.travel(timezone.now() + dt.timedelta(days=365)):
        delivery = send(release, account=account)
        pausing.pause(account, by_name="林", reason="换人。")
    assert delivery.due_at == delivery.next_at <= timezone.now()
    assert account.paused_at is not None and account.paused_at <= timezone.now()


def test_a_host_whose_clock_is_ahead_lets_nobody_rest_longer(account):
    busy = RunOutcome(Phase.SENDING, Cause.RETRY, "busy", after=dt.timedelta(seconds=1))
    with time_machine.travel(timezone.now() + 5 * HOUR):
        for _ in range(circuit_breaker.FAILURES):
            outcome = circuit_breaker.after_failure(account, busy)
    account.refresh_from_db()
    assert account.resting_until <= timezone.now() + circuit_breaker.FIRST_REST
    assert outcome.at == account.resting_until


def test_a_host_whose_clock_is_ahead_keeps_to_a_rest(account):
    delivery = send(signed_release(1), account=account)
    Account.objects.update(failures=9, resting_until=timezone.now() + HOUR)
    with time_machine.travel(timezone.now() + 5 * HOUR):
        assert acquire(delivery.pk) is None


def test_a_child_process_counts_for_itself(account):
    """What its parent counted, the parent calls."""
    quotas.spend(account, Quota("/upload", per_day=quotas.LARGE))
    assert quotas._counted
    child = os.fork()
    if not child:
        os._exit(len(quotas._counted))
    _pid, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def test_a_day_ends_at_midnight_in_china(account):
    evening = dt.datetime(2026, 11, 24, 23, 59, 30, tzinfo=CHINA)
    for _ in range(DRAFT.per_day):
        quotas.spend(account, DRAFT, now=evening)
    with pytest.raises(QuotaExceeded) as refused:
        quotas.spend(account, DRAFT, now=evening)
    assert refused.value.until == dt.datetime(2026, 11, 25, tzinfo=CHINA)
    quotas.spend(account, DRAFT, now=refused.value.until)


def test_a_minute_has_a_limit_of_its_own(account):
    quota = Quota("/draft", per_minute=1, per_day=100)
    noon = dt.datetime(2026, 11, 24, 12, 0, 5, tzinfo=CHINA)
    quotas.spend(account, quota, now=noon)
    with pytest.raises(QuotaExceeded) as refused:
        quotas.spend(account, quota, now=noon)
    assert refused.value.until == dt.datetime(2026, 11, 24, 12, 1, tzinfo=CHINA)
    assert QuotaUse.objects.get(span="day").count == 1


def test_slow_looks_leave_calls_to_others(account, server, limited):
    limited(DRAFT)
    slow, urgent = EngineAccount(account, slow=True), EngineAccount(account)
    for _ in range(DRAFT.per_day - DRAFT.kept):
        slow.http.post(f"{server.url}/draft", json={})
    with pytest.raises(QuotaExceeded):
        slow.http.post(f"{server.url}/draft", json={})
    urgent.http.post(f"{server.url}/draft", json={})
    assert server.calls["/draft"] == DRAFT.per_day - DRAFT.kept + 1


class Counted(Tiny):
    """Tells figures by a call of which all are kept for others."""

    platform = dataclasses.replace(
        Tiny.platform, figure_source="tiny", figure_days=30, quotas=(Quota("/state", per_day=1, kept=1),)
    )

    def figures(self, account, published_on):
        TinyClient(account).call("/state", {})
        return ()


def test_asking_for_figures_leaves_calls_to_others(account, server, monkeypatch):
    delivery = send(signed_release(), account=account)
    assert engine.run(delivery.pk) == Phase.SETTLED
    yesterday = timezone.now() - dt.timedelta(days=1)
    Delivery.objects.filter(pk=delivery.pk).update(due_at=yesterday, settled_at=yesterday)
    monkeypatch.setitem(registry._publishers, "tiny", Counted())
    before = server.calls["/state"]
    assert collect.collect(account.pk) == 0
    assert server.calls["/state"] == before


def test_what_the_platform_says_is_used_up_is_asked_for_no_more_today(account, server, limited, monkeypatch):
    from tests.publishers.engine import tiny

    limited(Quota("/draft", per_day=100))
    midnight = quotas.window("day")[1]
    used_up = lambda: QuotaExceeded("used up", until=midnight, status=200)  # noqa: E731
    monkeypatch.setitem(tiny.ERRORS, "quota", used_up)
    server.faults["/draft"] = ["quota"]
    for number in (1, 2):
        engine.run(send(signed_release(number), account=account).pk)
    assert server.calls["/draft"] == 1
    assert set(Delivery.objects.values_list("cause", flat=True)) == {Cause.QUOTA}


def test_a_call_for_which_no_connection_was_made_costs_nothing(account, server, limited):
    limited(Quota("/draft", per_minute=5, per_day=1))
    server.stop()
    unreachable = EngineAccount(account)
    for _try in range(3):
        with pytest.raises(requests.ConnectTimeout):
            unreachable.http.post(f"{server.url}/draft", json={})
    assert set(QuotaUse.objects.values_list("span", "count")) == {(Span.MINUTE, 0), (Span.DAY, 0)}


def test_what_is_given_back_is_of_the_day_on_which_it_was_counted(account):
    evening = dt.datetime(2026, 11, 24, 23, 59, 59, tzinfo=CHINA)
    for moment in (evening, evening + dt.timedelta(minutes=1)):
        quotas.spend(account, DRAFT, now=moment)
    quotas.give_back(account, DRAFT, evening)
    assert QuotaUse.objects.get().count == 1, "the next day's call was made"
    for _more in range(2):
        quotas.give_back(account, DRAFT, evening + dt.timedelta(minutes=1))
    assert QuotaUse.objects.get().count == 0, "never less than nothing"


def test_a_call_is_given_back_once(account, server, limited):
    limited(DRAFT)
    session = EngineAccount(account)
    for _call in range(2):
        session.http.post(f"{server.url}/draft", json={})
    session.note_undone()
    session.note_undone()
    assert QuotaUse.objects.get().count == 1


def test_the_limit_of_a_minute_does_not_use_up_the_day(account, server, limited):
    limited(Quota("/draft", per_minute=0, per_day=100))
    delivery = send(signed_release(), account=account)
    engine.run(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.cause, server.calls["/draft"]) == (Cause.QUOTA, 0)
    assert not QuotaUse.objects.filter(span="day", count__gt=0).exists()


def test_other_calls_of_the_account_go_on(account, limited):
    limited(Quota("/upload", per_day=0))
    with pytest.raises(QuotaExceeded):
        quotas.spend(account, Quota("/upload", per_day=0))
    assert engine.run(send(signed_release(pictures=0), account=account).pk) == Phase.SETTLED


# --- the circuit breaker ---


def fail_until_it_rests(account, server) -> Delivery:
    engine.run(send(signed_release(90, pictures=0), account=account).pk)  # probes the account
    delivery = send(signed_release(91, pictures=0), account=account)
    server.faults["/draft"] = ["retry"] * circuit_breaker.FAILURES
    for _ in range(circuit_breaker.FAILURES):
        make_due(delivery)
        engine.run(delivery.pk)
    account.refresh_from_db()
    delivery.refresh_from_db()
    return delivery


def test_an_account_that_fails_again_and_again_rests_and_says_so(account, server):
    delivery = fail_until_it_rests(account, server)
    assert account.failures == circuit_breaker.FAILURES and account.resting_until > timezone.now()
    assert delivery.next_at >= account.resting_until and delivery.reason
    calls = server.total
    waiting = send(signed_release(92, pictures=0), account=account)
    assert acquire(waiting.pk) is None
    waiting.refresh_from_db()
    assert waiting.next_at == account.resting_until and "连续" in waiting.reason and server.total == calls
    assert engine.sweep() == []


def test_after_its_rest_the_account_is_probed_before_anything_is_sent(account, server):
    delivery = fail_until_it_rests(account, server)
    server.faults["/find"] = ["retry"]
    make_due(delivery)
    drafts = server.calls["/draft"]
    engine.run(delivery.pk)
    account.refresh_from_db()
    assert server.calls["/draft"] == drafts and account.failures == circuit_breaker.FAILURES + 1
    rest = account.resting_until - timezone.now()
    assert rest > circuit_breaker.FIRST_REST  # each rest is longer than the one before
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.SETTLED
    account.refresh_from_db()
    assert account.failures == 0 and account.resting_until is None


def test_each_rest_is_twice_as_long_and_none_longer_than_half_an_hour(account):
    minutes = []
    for _failure in range(60):
        since = just_now()
        circuit_breaker.after_failure(account, RunOutcome(Phase.SENDING))
        if account.resting_until is not None:
            rests = (1, 2, 4, 8, 16, 30)
            minutes += [
                rest for rest in rests if is_ahead(account.resting_until, rest * HOUR / 60, since=since)
            ]
    assert minutes == [1, 2, 4, 8, 16] + [30] * 51


def test_a_platform_that_asks_to_wait_is_left_alone_so_long_and_has_not_failed(account, server, monkeypatch):
    monkeypatch.setitem(tiny.ERRORS, "retry", lambda: Retry("later", after=HOUR.total_seconds()))
    since = just_now()
    delivery = fail_until_it_rests(account, server)
    assert delivery.next_at - HOUR >= since
    assert account.failures == 0 and account.resting_until <= delivery.next_at
    assert not circuit_breaker.must_be_probed(account)


def test_a_request_to_wait_does_not_make_an_account_well_that_fails(account, server):
    delivery = fail_until_it_rests(account, server)
    server.faults["/find"] = ["asked"]
    make_due(delivery)
    engine.run(delivery.pk)
    account.refresh_from_db()
    assert account.failures == circuit_breaker.FAILURES and circuit_breaker.must_be_probed(account)


def test_a_success_forgets_the_failures_before_it(account, server):
    delivery = send(signed_release(1, pictures=0), account=account)
    server.faults["/draft"] = ["retry"] * (circuit_breaker.FAILURES - 1)
    for _ in range(circuit_breaker.FAILURES):
        make_due(delivery)
        engine.run(delivery.pk)
    account.refresh_from_db()
    assert account.failures == 0 and account.resting_until is None


def test_a_refused_article_is_no_failure_of_the_account(account, server):
    server.faults["/draft"] = ["rejected"] * 9
    for number in range(circuit_breaker.FAILURES + 1):
        engine.run(send(signed_release(number + 1, pictures=0), account=account).pk)
    account.refresh_from_db()
    assert account.failures == 0 and account.resting_until is None


def test_a_person_may_end_the_rest(account, server):
    delivery = fail_until_it_rests(account, server)
    distribution.retry(delivery, by=OPERATOR)
    assert engine.run(delivery.pk) == Phase.SETTLED


# --- the main switch ---


def test_while_everything_is_paused_nothing_is_begun(account, server):
    delivery = send(signed_release(), account=account)
    switching.pause_all("全国哀悼日，暂停一切发布。", by=OPERATOR)
    assert engine.sweep() == [] and acquire(delivery.pk) is None and server.total == 0
    switching.resume_all(switching.SEND, by=OPERATOR)
    assert engine.sweep() == [delivery.pk]
    assert engine.run(delivery.pk) == Phase.SETTLED


def test_what_is_in_hand_stops_before_its_next_call(account, server, monkeypatch):
    delivery = send(signed_release(), account=account)
    answer = server.draft

    def pause(body):
        switching.pause_all("先停一停。", by=OPERATOR)
        connection.close()
        return answer(body)

    monkeypatch.setattr(server, "draft", pause)
    assert engine.run(delivery.pk) == Phase.SENDING
    delivery.refresh_from_db()
    assert "先停一停。" in delivery.reason and server.calls["/submit"] == 0
    switching.resume_all(switching.ASK, by=OPERATOR)
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert server.calls["/draft"] == server.calls["/submit"] == 1


def test_whoever_resumes_says_what_becomes_of_the_late(account, server):
    late = send(signed_release(1), account=account)
    later = send(signed_release(2), account=account, at=timezone.now() + dt.timedelta(hours=1))
    switching.pause_all("先停一停。", by=OPERATOR)
    switching.resume_all(switching.ASK, by=OPERATOR)
    late.refresh_from_db()
    later.refresh_from_db()
    assert (late.phase, late.cause) == (Phase.ATTENTION, Cause.LATE) and later.phase == Phase.SCHEDULED
    assert engine.sweep() == [] and server.total == 0
    distribution.retry(late, by=OPERATOR)
    assert engine.run(late.pk) == Phase.SETTLED


def test_who_has_left_switches_nothing(office, account):
    left = make_user("left", office, Role.DUTY_EDITOR, is_active=False)
    with pytest.raises(PermissionDenied):
        switching.pause_all("停。", by=left)
    switching.pause_all("停。", by=OPERATOR)
    with pytest.raises(PermissionDenied):
        switching.resume_all(switching.SEND, by=left)


def test_only_the_first_office_switches_and_says_why(office, account):
    branch = make_office("rongxi", name="榕溪市妇女联合会", parent=office)
    for person in (make_user("branch", branch, Role.ADMINISTRATOR), make_user("author", office, Role.AUTHOR)):
        with pytest.raises(PermissionDenied):
            switching.pause_all("停。", by=person)
    duty = make_user("duty", office, Role.DUTY_EDITOR)
    with pytest.raises(Refused):
        switching.pause_all(" ", by=duty)
    switching.pause_all("停。", by=duty)
    assert switching.state().paused_by == "duty" and switching.state().paused_at is not None
    with pytest.raises(Refused):
        switching.pause_all("再停。", by=duty)
    with pytest.raises(PermissionDenied):
        switching.resume_all(switching.SEND, by=make_user("stranger"))
    switching.resume_all(switching.SEND, by=duty)
    with pytest.raises(Refused):
        switching.resume_all(switching.SEND, by=duty)
