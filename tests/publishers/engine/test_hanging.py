"""A plugin that never comes back keeps neither the delivery nor the worker, and a person hears of it."""

import ctypes
import dataclasses
import datetime as dt
import os
import signal
import threading

import pytest
from django.core import mail
from django.db import OperationalError, connection
from django.utils import timezone

from cms import mailing
from publishers import accounts, engine, registry
from publishers.accounts.sessions import LOOK_S
from publishers.asking import ending
from publishers.engine import keeping, leases
from publishers.models import Attempt, Cause, Delivery, Outcome, Phase, Sighting
from publishers.people.permissions import OPERATOR
from publishers.statistics import collect
from publishers.verification import verify
from tests.factories_release import make_release
from tests.publishers.engine.cast import run, send, sent_titles, signed_release
from tests.publishers.engine.clock import an_hour_ago, is_ahead, just_now
from tests.publishers.engine.test_held_up import withdraw
from tests.publishers.engine.tiny import Tiny

pytestmark = pytest.mark.django_db(transaction=True)


class Hanging(Tiny):
    """Waits for ever in a call of its own; then the run has lasted long enough."""

    def __init__(self, patch, meanwhile=lambda: None):
        self.patch, self.meanwhile, self.calls = patch, meanwhile, 0

    def publish(self, job):
        self.calls += 1
        job.step("draft", self._wait, given={})

    def _wait(self):
        self.meanwhile()
        usual = ending.LONGEST_S
        self.patch.setattr(ending, "LONGEST_S", 0)
        try:
            threading.Event().wait()
        finally:
            self.patch.setattr(ending, "LONGEST_S", usual)


class HangingAside(Hanging):
    """Hangs in whatever it is asked outside of a delivery's run."""

    platform = dataclasses.replace(Tiny.platform, can_look=True, figure_days=30, figure_source="figures")

    def look(self, job):
        self._wait()

    def figures(self, account, published_on):
        self._wait()

    def check(self, account):
        self._wait()


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


class StubbornAside(HangingAside, Stubborn):
    pass


class Selfish(Hanging):
    """Code in C that keeps the interpreter to itself: no other thread comes to its turn."""

    def _wait(self):
        self.patch.setattr(ending, "STUCK_S", 0.05)
        while signal.getitimer(signal.ITIMER_REAL)[0] > 1:
            pass  # until the lease was renewed again
        ctypes.PyDLL(None).pause()


@pytest.fixture
def hanging(monkeypatch):
    """Make a plugin the platform's, under a worker that looks after it often."""
    monkeypatch.setattr(keeping, "BEAT_S", 0.02)
    monkeypatch.setattr(ending, "BEAT_S", 0.02)

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
    monkeypatch.setattr(ending, "GRACE_S", 0.02)
    hanging(plugin)
    delivery = send(release, account=account)
    connection.close()
    if not (pid := os.fork()):
        engine.run(delivery.pk)
        os._exit(os.EX_OK)
    _pid, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == code
    assert engine.sweep() == [delivery.pk] * is_given_up, "Or else as soon as the lease has ended."


def raising(error):
    def look(job):
        raise error

    return look


@pytest.fixture
def live(account, server):
    """Return what has been live for two days, and is due to be looked at and asked for its figures."""
    delivery, long_ago = send(signed_release(1), account=account), timezone.now() - dt.timedelta(days=2)
    assert run(delivery) == Phase.SETTLED
    moments = {"settled_at": long_ago, "due_at": long_ago, "look_at": an_hour_ago()}
    Delivery.objects.filter(pk=delivery.pk).update(**moments)
    return delivery


def test_a_look_that_never_comes_back_ends_with_the_plugins_name_and_the_next_has_its_day(live, hanging):
    hanging(HangingAside)
    live.items.update(url="")
    verify.verify(live.pk)
    live.refresh_from_db()
    assert live.phase == Phase.SETTLED and live.look_at > timezone.now()
    assert "小平台" in Sighting.objects.get().words and "look：一直没有返回" in Sighting.objects.get().words


def test_figures_that_never_come_are_asked_for_a_day_later(live, account, hanging):
    hanging(HangingAside)
    since = just_now()
    assert account.pk in collect.due() and collect.collect(account.pk) == 0
    assert account.pk not in collect.due()
    account.refresh_from_db()
    assert is_ahead(account.figures_at, dt.timedelta(days=1), since=since)


def test_a_check_that_never_comes_back_is_the_accounts_problem(account, hanging):
    hanging(HangingAside)
    assert "check：一直没有返回" in accounts.check(account, by=OPERATOR).problem


@pytest.mark.parametrize("asked", ["look", "figures"])
def test_who_ends_with_his_process_aside_is_not_asked_again_at_once(
    live, account, hanging, monkeypatch, asked
):
    monkeypatch.setattr(ending, "GRACE_S", 0.02)
    hanging(StubbornAside)
    connection.close()
    if not (pid := os.fork()):
        verify.verify(live.pk) if asked == "look" else collect.collect(account.pk)
        os._exit(os.EX_OK)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == os.EX_SOFTWARE
    is_due = {"look": live.pk in verify.due(), "figures": account.pk in collect.due()}
    live.refresh_from_db()
    assert not is_due[asked] and (asked == "figures" or live.look_at > timezone.now() + verify.LEASE)


@pytest.mark.parametrize("error", [OperationalError("its own"), KeyError("url")], ids=repr)
def test_a_look_that_fails_is_noted_with_the_plugins_name(live, hanging, error):
    plugin = hanging(HangingAside)
    plugin.look = raising(error)
    verify.verify(live.pk)
    assert f"look：{type(error).__name__}" in Sighting.objects.get().words


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
