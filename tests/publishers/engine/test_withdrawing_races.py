"""A withdrawal and a delivery at the same moment, on connections of their own: none escapes."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from wagtail.models import Page

from cms.models import Withdrawal
from cms.refusals import Refused
from cms.releases import withdrawals
from publishers import engine
from publishers.distribution import correcting, distribute
from publishers.models import CorrectionStrategy, Delivery, Desired, Phase
from publishers.people.permissions import OPERATOR
from tests.factories_release import make_release
from tests.publishers.engine.cast import make_due, send

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_S = 60


class Elsewhere(threading.Thread):
    """Does ``work`` on a connection of its own; ``error`` is what it raised."""

    def __init__(self, work: Callable[[], object]):
        super().__init__()
        self.work, self.error = work, None
        self.start()

    def run(self):
        try:
            self.work()
        except Exception as error:  # noqa: BLE001  (the test reads it)
            self.error = error
        finally:
            connection.close()


@contextmanager
def uncommitted(work: Callable[[], object]) -> Iterator[None]:
    """Do ``work`` in a transaction elsewhere that is committed when the block ends."""
    done, may_commit = threading.Event(), threading.Event()

    def hold_open():
        with transaction.atomic():
            work()
            done.set()
            may_commit.wait(PATIENCE_S)

    other = Elsewhere(hold_open)
    assert done.wait(PATIENCE_S), other.error
    try:
        yield
    finally:
        may_commit.set()
        other.join(PATIENCE_S)
        assert other.error is None, other.error


def waits_for_a_lock() -> bool:
    """Return whether somebody waits; SQLite, with one writer at a time, cannot be asked."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0


def until_it_waits(other: Elsewhere) -> None:
    end = threading.Event()
    while other.is_alive() and not waits_for_a_lock():
        end.wait(0.01)


@pytest.fixture
def release(office):
    return make_release()


def withdraw(release, by):
    withdrawals.withdraw(Page.objects.get(pk=release.page_id), reason="写错了。", by=by)


def test_what_is_committed_while_the_withdrawal_waits_is_taken_down_with_the_rest(
    release, account, server, duty
):
    with uncommitted(lambda: distribute([release], [account], by=OPERATOR)):
        withdrawal = Elsewhere(lambda: withdraw(release, duty))
        until_it_waits(withdrawal)
    withdrawal.join(PATIENCE_S)
    assert withdrawal.error is None
    delivery = Delivery.objects.get()
    assert delivery.items.get().desired == Desired.GONE
    assert engine.run(delivery.pk) == Phase.SETTLED and server.calls["/draft"] == 0


def test_what_comes_while_the_withdrawal_is_not_yet_committed_is_refused(release, account, duty):
    with uncommitted(lambda: withdraw(release, duty)):
        late = Elsewhere(lambda: distribute([release], [account], by=OPERATOR))
        until_it_waits(late)
    late.join(PATIENCE_S)
    assert isinstance(late.error, Refused) and not Delivery.objects.exists()


def test_a_correction_that_is_committed_while_the_withdrawal_waits_does_not_escape(
    release, account, server, duty
):
    earlier = send(release, account=account)
    engine.run(earlier.pk)
    newer = make_release(Page.objects.get(pk=release.page_id))
    with uncommitted(lambda: correcting.correct(newer, {account: CorrectionStrategy.BY_HAND}, by=OPERATOR)):
        withdrawal = Elsewhere(lambda: withdraw(release, duty))
        until_it_waits(withdrawal)
    withdrawal.join(PATIENCE_S)
    assert Withdrawal.objects.exists()
    for delivery in Delivery.objects.all():
        assert delivery.items.get().desired == Desired.GONE
        make_due(delivery)
    assert engine.run(Delivery.objects.exclude(pk=earlier.pk).get().pk) == Phase.SETTLED
