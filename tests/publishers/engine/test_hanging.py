"""A plugin that never comes back keeps neither the delivery nor the worker, and a person hears of it."""

import ctypes
import os
import signal
import threading

import pytest
from django.core import mail
from django.db import connection

from cms import mailing
from publishers import engine, registry
from publishers.accounts.sessions import LOOK_S
from publishers.engine import keeping, leases
from publishers.models import Attempt, Cause, Delivery, Outcome, Phase
from tests.factories_release import make_release
from tests.publishers.engine.cast import run, send, sent_titles
from tests.publishers.engine.test_held_up import withdraw
from tests.publishers.engine.tiny import Tiny

pytestmark = pytest.mark.django_db(transaction=True)


class Hanging(Tiny):
    """Waits for ever in a call of its own; from then on a run has lasted long enough."""

    def __init__(self, patch, meanwhile=lambda: None):
        self.patch, self.meanwhile, self.calls = patch, meanwhile, 0

    def publish(self, job):
        self.calls += 1
        job.step("draft", self._wait, given={})

    def _wait(self):
        self.meanwhile()
        self.patch.setattr(keeping, "LONGEST_S", 0)
        threading.Event().wait()


class HangingAtOnce(Hanging):
    def publish(self, job):
        self.calls += 1
        self._wait()


class Stubborn(Hanging):
    def _wait(self):
        while True:
            try:
                super()._wait()
            except BaseException:  # noqa: BLE001  (so do some)
                continue


class Selfish(Hanging):
    """Code in C that keeps the interpreter to itself: no other thread comes to its turn."""

    def _wait(self):
        self.patch.setattr(keeping, "STUCK_S", 0.05)
        while signal.getitimer(signal.ITIMER_REAL)[0] > 1:
            pass  # until the lease was renewed again
        ctypes.PyDLL(None).pause()


@pytest.fixture
def hanging(monkeypatch):
    """Make a plugin the platform's, under a worker that looks after it often."""
    monkeypatch.setattr(keeping, "BEAT_S", 0.02)

    def make(plugin=Hanging, **given):
        made = plugin(monkeypatch, **given)
        monkeypatch.setitem(registry._publishers, "tiny", made)
        return made

    return make


def test_who_never_comes_back_is_followed_by_another_worker_and_then_by_a_person(
    release, account, duty, hanging
):
    plugin, delivery = hanging(), send(release, account=account)
    assert run(delivery) == Phase.SENDING and plugin.calls == 1
    assert engine.sweep() == [delivery.pk], "The next worker need not wait."
    assert Attempt.objects.get().outcome == Outcome.BEGUN, "Who was overtaken writes nothing."

    # What may have arrived is looked for; here nothing can be.
    assert run(delivery) == Phase.ATTENTION and delivery.cause == Cause.UNKNOWN and plugin.calls == 2


def test_a_plugin_that_hangs_before_any_step_is_named_to_a_person_and_called_no_third_time(
    release, account, duty, hanging
):
    plugin, delivery = hanging(HangingAtOnce), send(release, account=account)
    assert run(delivery) == Phase.SENDING
    assert run(delivery) == Phase.ATTENTION and delivery.cause == Cause.INTERNAL
    assert "“tiny”" in delivery.reason and account.name in delivery.reason
    assert run(delivery) == Phase.ATTENTION and plugin.calls == 2 and not engine.sweep()
    mailing.send_due()
    assert [message.to for message in mail.outbox] == [[duty.email]]


def test_a_withdrawal_of_what_hangs_is_a_persons_task_and_mailed_as_soon_as_the_run_is_given_up(
    account, duty, hanging
):
    delivery = send(make_release(), account=account)
    hanging(meanwhile=lambda: withdraw(delivery, duty))
    assert run(delivery) == Phase.ATTENTION and delivery.cause == Cause.INTERNAL
    assert delivery.deadline_at and delivery.next_at, "The hub goes on trying beside her."
    assert account.name in delivery.reason
    mailing.send_due()
    assert duty.email in [who for message in mail.outbox for who in message.to]


@pytest.mark.parametrize(
    ("plugin", "code", "is_given_up"),
    [(Stubborn, os.EX_SOFTWARE, True), (Selfish, -signal.SIGALRM, False)],
    ids=["swallows", "keeps all"],
)
def test_who_does_not_let_himself_be_ended_ends_with_his_process(
    release, account, hanging, monkeypatch, plugin, code, is_given_up
):
    monkeypatch.setattr(keeping, "GRACE_S", 0.02)
    hanging(plugin)
    delivery = send(release, account=account)
    connection.close()
    if not (pid := os.fork()):
        engine.run(delivery.pk)
        os._exit(os.EX_OK)
    _pid, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == code
    assert engine.sweep() == [delivery.pk] * is_given_up, "Or else as soon as the lease has ended."


def test_a_run_that_is_over_leaves_nothing_behind_that_ends_the_worker(release, account, server):
    assert run(send(release, account=account)) == Phase.SETTLED
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_a_delivery_that_ends_its_worker_again_and_again_is_a_persons(release, account, duty, server):
    delivery = send(release, account=account)
    for _worker in range(3):
        assert leases.acquire(delivery.pk), "It died there."
        Delivery.objects.filter(pk=delivery.pk).update(
            lease_until=delivery.created_at, next_at=delivery.due_at
        )
    assert run(delivery) == Phase.ATTENTION and delivery.cause == Cause.INTERNAL and not server.total
    assert "“tiny”" in delivery.reason

    Delivery.objects.filter(pk=delivery.pk).update(next_at=delivery.due_at)
    assert run(delivery) == Phase.SETTLED and len(sent_titles(server)) == 1, "She may let it try again."


class Noting(Tiny):
    """Notes how long a call may wait for its answer; None: as the plugin says."""

    def __init__(self):
        self.waits = []

    def check(self, account):
        self.waits.append(account.http.longest_s)
        return super().check(account)

    def publish(self, job):
        self.waits.append(job.account.http.longest_s)
        return super().publish(job)


def test_a_probe_waits_ten_seconds_at_most_and_what_follows_as_long_as_its_plugin_says(account, monkeypatch):
    plugin = Noting()
    monkeypatch.setitem(registry._publishers, "tiny", plugin)
    assert run(send(make_release(), account=account)) == Phase.SETTLED
    assert plugin.waits == [LOOK_S, None]
