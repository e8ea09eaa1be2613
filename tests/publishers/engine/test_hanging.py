"""A plugin that never comes back keeps neither the delivery nor the worker, and a person hears of it."""

import os
import threading

import pytest
from django.core import mail
from django.db import connection

from cms import mailing
from publishers import engine, registry
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


def test_who_swallows_his_end_is_ended_with_his_process(release, account, hanging, monkeypatch):
    monkeypatch.setattr(keeping, "GRACE_S", 0.02)
    hanging(Stubborn)
    delivery = send(release, account=account)
    connection.close()
    if not (pid := os.fork()):
        engine.run(delivery.pk)
        os._exit(os.EX_OK)
    _pid, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == os.EX_SOFTWARE
    assert engine.sweep() == [delivery.pk]


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
