"""A step is written down by one statement that looks at the claim as well; what it finds is as with two."""

import datetime as dt

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from publishers.accounts import pausing
from publishers.engine.leases import LONG_ENOUGH, Fenced, acquire, is_long_ago
from publishers.engine.outcomes import Halt
from publishers.engine.steps import Steps
from publishers.interface import Retry
from publishers.models import Attempt, Delivery, DeliveryItem, Outcome
from tests.factories_release import make_release
from tests.publishers.engine.cast import make_due, send, signed_release
from tests.publishers.engine.test_withdrawing_races import (
    PATIENCE_S,
    Elsewhere,
    uncommitted,
    until_it_waits,
    withdraw,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def release(office):
    return make_release()


class Worker:
    """Has a delivery in hand; ``submit`` makes a call that nobody can undo, and ``called`` counts them."""

    def __init__(self, delivery):
        self.lease, self.called = acquire(delivery.pk), 0
        self.steps = Steps(self.lease, lambda error: {"code": error.code})
        self.raises, self.meanwhile = None, lambda: None

    def submit(self):
        self.steps.step("submit", self._call, find=None, item=None, given={"title": "夜校"}, repeatable=False)

    def _call(self):
        self.called += 1
        self.seen = self.meanwhile()
        if self.raises:
            raise self.raises
        return {"id": "1"}


def refused(worker, error, *, meanwhile):
    """Return whether the worker's step raises ``error`` when ``meanwhile`` is committed while it begins."""
    raised = []

    def submit():
        try:
            worker.submit()
        except error as refusal:
            raised.append(refusal)

    with uncommitted(meanwhile):
        other = Elsewhere(submit)
        until_it_waits(other)
    other.join(PATIENCE_S)
    return bool(raised) and worker.called == 0 and not Attempt.objects.exists()


def test_a_step_is_written_down_whole(release, account):
    delivery = send(release, account=account)
    worker = Worker(delivery)
    worker.submit()
    row = Attempt.objects.get()
    assert (row.delivery, row.item, row.name, row.tries) == (delivery, None, "submit", 1)
    assert row.generation == delivery.generation
    assert (row.outcome, row.result, row.error, row.evidence) == (Outcome.DONE, {"id": "1"}, "", {})
    assert len(row.input_sha256) == 64 and worker.lease.now <= row.begun_at <= row.ended_at
    worker.submit()
    assert worker.called == 1 and Attempt.objects.get().tries == 1


def test_what_was_just_begun_is_no_silence(release, account):
    """Neither a question asks for the claim again at once, nor does the run count as one that hangs."""
    worker = Worker(send(release, account=account))
    worker.lease.looked_s -= 3600
    worker.submit()
    assert not is_long_ago(worker.lease)


def test_a_step_of_an_article_is_not_that_of_another(release, account):
    delivery = send(release, signed_release(8), account=account)
    worker, called = Worker(delivery), []
    for item in delivery.items.all():
        call = lambda item=item: called.append(item.position)  # noqa: E731
        worker.steps.step("withdraw", call, find=None, item=item, given=None, repeatable=False)
    assert called == [0, 1]


def test_a_call_that_is_made_again_shows_nothing_of_the_time_before(release, account):
    delivery = send(release, account=account)
    worker = Worker(delivery)
    worker.raises = Retry("busy", code="-1")
    with pytest.raises(Retry):
        worker.submit()
    failed = Attempt.objects.get()
    assert (failed.outcome, failed.error) == (Outcome.FAILED, "Retry") and failed.ended_at
    worker.raises, worker.meanwhile = None, Attempt.objects.get
    worker.submit()
    again = worker.seen
    assert (again.outcome, again.ended_at, again.error, again.evidence) == (Outcome.BEGUN, None, "", {})
    assert Attempt.objects.get().tries == 2


def test_who_was_overtaken_makes_no_call(release, account):
    delivery = send(release, account=account)
    stale = Worker(delivery)
    make_due(delivery)
    Worker(delivery)
    with pytest.raises(Fenced):
        stale.submit()
    assert stale.called == 0 and not Attempt.objects.exists()


def test_nor_does_who_is_overtaken_at_that_moment(release, account):
    stale = Worker(send(release, account=account))
    assert refused(stale, Fenced, meanwhile=lambda: Delivery.objects.update(fence=F("fence") + 1))


def test_a_withdrawal_that_is_committed_at_that_moment_stops_the_step(release, account, duty):
    worker = Worker(send(release, account=account))
    assert refused(worker, Halt, meanwhile=lambda: withdraw(release, duty))


def test_an_account_that_was_paused_stops_it(release, account):
    worker = Worker(send(release, account=account))
    pausing.pause(account, by_name="区玉英", reason="密码换了。")
    with pytest.raises(Halt):
        worker.submit()
    assert worker.called == 0 and not Attempt.objects.exists()


def test_a_lease_that_would_not_outlast_the_call_is_renewed_first(release, account):
    delivery = send(release, account=account)
    worker = Worker(delivery)
    short = timezone.now() + LONG_ENOUGH - dt.timedelta(seconds=5)
    Delivery.objects.filter(pk=delivery.pk).update(lease_until=short, next_at=short)
    worker.submit()
    delivery.refresh_from_db()
    assert worker.called == 1 and delivery.lease_until > short + dt.timedelta(seconds=20)
    assert delivery.next_at == delivery.lease_until


def test_a_withdrawal_that_waits_for_a_worker_holds_nothing_that_the_worker_needs(release, account, duty):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time: nobody holds a part.")
    delivery = send(release, account=account)
    with uncommitted(lambda: Delivery.objects.filter(pk=delivery.pk).update(retries=0)):
        other = Elsewhere(lambda: withdraw(release, duty))
        until_it_waits(other)
        with transaction.atomic():
            DeliveryItem.objects.select_for_update(nowait=True, no_key=True).get(delivery=delivery)
    other.join(PATIENCE_S)
    assert other.error is None
