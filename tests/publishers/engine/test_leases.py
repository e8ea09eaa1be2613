"""One worker at a time has a delivery; who lost it writes nothing more."""

import datetime as dt
import threading
import time
from contextlib import nullcontext

import pytest
import time_machine
from django.db import OperationalError, connection, transaction
from django.db.backends.signals import connection_created
from django.utils import timezone

from publishers import engine
from publishers.accounts import pausing
from publishers.engine import keeping, leases
from publishers.engine.leases import Fenced, acquire, renew_before_call
from publishers.engine.outcomes import Halt, RunOutcome
from publishers.models import Attempt, Delivery, Outcome, Phase, Transport
from tests.publishers.engine.cast import make_account, make_due, send, sent_titles, signed_release
from tests.publishers.engine.clock import HOUR, an_hour_ago, just_now
from tests.publishers.engine.tiny import Tiny, TinyClient

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = dt.timedelta(minutes=1)
PATIENCE_S = 30


def in_threads(count, work):
    """Run ``work`` in threads that start together; return what they returned."""
    results, barrier = [], threading.Barrier(count)

    def run():
        barrier.wait()
        try:
            results.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def wait_until(reached) -> None:
    end = time.monotonic() + PATIENCE_S
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_of_many_claimants_one_wins(release, account):
    delivery = send(release, account=account)
    results = in_threads(8, lambda: acquire(delivery.pk))
    assert len([result for result in results if result]) == 1


def test_workers_that_run_it_together_send_it_once(release, account, server):
    delivery = send(release, account=account)
    in_threads(6, lambda: engine.run(delivery.pk))
    assert len(sent_titles(server)) == 1 and server.calls["/draft"] == 1


def test_a_lease_that_has_ended_is_picked_up(release, account):
    delivery = send(release, account=account)
    first = acquire(delivery.pk)
    assert first and acquire(delivery.pk) is None and engine.sweep() == []
    make_due(delivery)
    assert engine.sweep() == [delivery.pk]
    second = acquire(delivery.pk)
    assert second.fencing_token == first.fencing_token + 1


def test_who_was_overtaken_can_write_nothing(release, account):
    delivery = send(release, account=account)
    stale = acquire(delivery.pk)
    make_due(delivery)
    acquire(delivery.pk)
    with pytest.raises(Fenced):
        renew_before_call(stale)
    with pytest.raises(Fenced):
        leases.release(stale, RunOutcome(Phase.SETTLED))
    delivery.refresh_from_db()
    assert delivery.phase == Phase.SENDING


def test_who_is_overtaken_during_a_call_stops_and_does_not_settle(release, account, server, monkeypatch):
    delivery = send(release, account=account)
    draft = type(server).draft

    def overtaken(self, body):
        answer = draft(self, body)
        make_due(delivery)
        threading.Thread(target=lambda: (acquire(delivery.pk), connection.close())).run()
        return answer

    monkeypatch.setattr(type(server), "draft", overtaken)
    assert engine.run(delivery.pk) == Phase.SENDING
    monkeypatch.undo()
    assert Attempt.objects.get(name="draft").outcome == Outcome.BEGUN
    assert server.calls["/submit"] == 0


def test_an_account_that_is_paused_stops_before_the_next_call(release, account, server, monkeypatch):
    delivery = send(release, account=account)
    draft = type(server).draft

    def paused_meanwhile(self, body):
        answer = draft(self, body)
        pausing.pause(account, by_name="值班", reason="先停一下。")
        connection.close()
        return answer

    monkeypatch.setattr(type(server), "draft", paused_meanwhile)
    assert engine.run(delivery.pk) == Phase.PAUSED
    assert server.calls["/submit"] == 0
    assert Attempt.objects.get(name="draft").outcome == Outcome.DONE
    pausing.resume(account)
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert server.calls["/draft"] == 1


def test_nothing_is_called_on_a_paused_account(release, account, server):
    delivery = send(release, account=account)
    pausing.pause(account, by_name="值班", reason="先停一下。")
    Delivery.objects.filter(pk=delivery.pk).update(phase=Phase.SENDING, next_at=an_hour_ago())
    assert engine.run(delivery.pk) == Phase.PAUSED
    later = send(signed_release(page_id=8), account=account)
    assert later.phase == Phase.PAUSED and later.reason == "先停一下。"
    assert server.total == 0
    held = Delivery.objects.get(pk=delivery.pk)
    assert held.next_at is None


def test_a_pause_is_seen_by_whoever_holds_a_claim(release, account):
    delivery = send(release, account=account)
    held = acquire(delivery.pk)
    pausing.pause(account, by_name="值班", reason="先停一下。")
    with pytest.raises(Halt) as halt:
        renew_before_call(held)
    assert halt.value.run_outcome.phase == Phase.PAUSED and "先停一下。" in halt.value.run_outcome.reason


@pytest.mark.parametrize(("by_name", "stops"), [("值班", True), ("", False)], ids=["a person", "the hub"])
def test_what_goes_by_hand_stops_for_a_person_and_not_for_refused_credentials(
    release, account, by_name, stops
):
    delivery = send(release, account=account)
    Delivery.objects.filter(pk=delivery.pk).update(transport=Transport.MANUAL)
    held = acquire(delivery.pk)
    pausing.pause(account, by_name=by_name, reason="先停一下。")
    with pytest.raises(Halt) if stops else nullcontext():
        renew_before_call(held)


@pytest.mark.parametrize(("during", "before"), [("upload", "/upload"), ("submit", "/state")])
def test_a_long_call_over_the_account_is_looked_at_before_a_picture_or_a_question(
    account, server, monkeypatch, during, before
):
    monkeypatch.setattr(leases, "QUESTION_S", -1)
    real = getattr(server, during)

    def paused_meanwhile(body):
        pausing.pause(account, by_name="值班", reason="先停一下。")
        connection.close()
        monkeypatch.setattr(server, during, real)
        return real(body)

    monkeypatch.setattr(server, during, paused_meanwhile)
    delivery = send(signed_release(pictures=2), account=account)
    assert engine.run(delivery.pk) == Phase.PAUSED
    assert server.calls[before] == (1 if during == "upload" else 0)


def test_no_call_begins_with_a_lease_that_is_nearly_over(release, account, server, monkeypatch):
    delivery, left = send(release, account=account), []
    draft, submit = server.draft, server.submit

    def shortened(body):
        soon = timezone.now() + dt.timedelta(seconds=5)
        Delivery.objects.filter(pk=delivery.pk).update(lease_until=soon)
        connection.close()
        return draft(body)

    def measured(body):
        left.append(Delivery.objects.get(pk=delivery.pk).lease_until - timezone.now())
        connection.close()
        return submit(body)

    monkeypatch.setattr(server, "draft", shortened)
    monkeypatch.setattr(server, "submit", measured)
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert left[0] > leases.LONG_ENOUGH / 2


def test_a_plugin_cannot_swallow_the_end_of_its_run(release, account, server, monkeypatch):
    publish = Tiny.publish

    def swallowing(self, job):
        try:
            return publish(self, job)
        except Exception:  # noqa: BLE001
            return []

    monkeypatch.setattr(Tiny, "publish", swallowing)
    server.polls_until_live = 5
    assert engine.run(send(release, account=account).pk) == Phase.CONFIRMING


def test_steps_are_never_nested_and_never_inside_a_transaction(release, account, monkeypatch, caplog):
    def nested(self, job):
        job.step("outer", lambda: job.step("inner", lambda: 1))

    def inside(self, job):
        with transaction.atomic():
            job.step("inside", lambda: 1)

    for number, publish in enumerate((nested, inside)):
        monkeypatch.setattr(Tiny, "publish", publish)
        assert engine.run(send(signed_release(page_id=20 + number), account=account).pk) == Phase.ATTENTION
    assert "never nested" in caplog.text and "never made inside a transaction" in caplog.text
    assert not Attempt.objects.filter(name="inner").exists()


def test_accounts_do_not_wait_for_each_other(office, account, server, release):
    other = make_account(office, server, "第二个账号")
    pausing.pause(account, by_name="", reason="停。")
    assert engine.run(send(release, account=other).pk) == Phase.SETTLED


# --- a worker that is dead, and one that was only stopped --------------------------------------------------


def test_what_a_dead_worker_had_is_free_within_a_minute_and_so_is_its_accounts_place(release, account):
    first, second = send(release, account=account), send(signed_release(page_id=8), account=account)
    since = just_now()
    assert acquire(first.pk) and acquire(second.pk) is None
    first.refresh_from_db()
    assert since + MINUTE > first.lease_until == first.next_at > since
    # Ended by the database's clock, whatever the workers' clocks say.
    with time_machine.travel(timezone.now() + 5 * HOUR):
        assert acquire(first.pk) is None
    make_due(first)
    assert set(engine.sweep()) & {first.pk, second.pk} and acquire(second.pk)


@pytest.fixture(params=["calm", "busy"])
def database(request):
    """Where it is busy, it refuses the first beat."""
    refuses = [OperationalError("database is locked")] * (request.param == "busy")

    def ask(execute, *statement):
        if refuses:
            raise refuses.pop()
        return execute(*statement)

    def made(connection, **given):
        if threading.current_thread().name == "lease":
            connection.execute_wrappers.append(ask)

    connection_created.connect(made)
    yield
    connection_created.disconnect(made)
    assert not refuses


def test_of_the_beats_of_a_lease_two_may_be_refused():
    assert 3 * keeping.BEAT_S <= leases.CERTAIN_S < leases.LEASE.total_seconds()


@pytest.mark.usefixtures("database")
def test_a_lease_is_kept_for_as_long_as_a_call_lasts(release, account, server, monkeypatch):
    monkeypatch.setattr(keeping, "BEAT_S", 0.02)
    delivery, draft = send(release, account=account), type(server).draft

    def slowly(self, body):
        """Answer when the lease, which was about to end, was renewed beside this call."""
        soon = timezone.now() + dt.timedelta(seconds=5)
        Delivery.objects.filter(pk=delivery.pk).update(lease_until=soon)
        try:
            wait_until(
                lambda: Delivery.objects.get(pk=delivery.pk).lease_until > soon + dt.timedelta(seconds=9)
            )
        finally:
            connection.close()
        return draft(self, body)

    monkeypatch.setattr(type(server), "draft", slowly)
    assert engine.run(delivery.pk) == Phase.SETTLED and len(sent_titles(server)) == 1


def test_a_lease_that_has_ended_is_not_brought_back_by_its_beat(release, account):
    delivery = send(release, account=account)
    stale = acquire(delivery.pk)
    make_due(delivery)
    assert leases.keep(stale) is False
    assert acquire(delivery.pk)


@pytest.mark.parametrize("taken", [True, False], ids=["taken over", "only ended"])
def test_who_wakes_just_before_its_call_makes_it_only_if_nobody_can_have_it(
    taken, release, account, server, monkeypatch
):
    """Stopped between the note that it calls and the call, for longer than its lease lasts."""
    delivery = send(release, account=account)

    class Stopped(TinyClient):
        def call(self, path, body):
            if path != "/draft":
                return super().call(path, body)
            make_due(delivery)
            if taken:
                in_threads(1, lambda: acquire(delivery.pk))
            with time_machine.travel(timezone.now() + dt.timedelta(minutes=3)):
                return super().call(path, body)

    with monkeypatch.context() as patch:
        patch.setattr("tests.publishers.engine.tiny.TinyClient", Stopped)
        engine.run(delivery.pk)
    assert server.calls["/draft"] == 0
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert server.calls["/draft"] == 1 and len(sent_titles(server)) == 1
