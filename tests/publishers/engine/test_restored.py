"""After a restore the hub looks for what the lost one may have sent, and sends the rest without a look."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from publishers import registry
from publishers.distribution import cancel, distribute
from publishers.engine import after_restore
from publishers.interface import Absent, Found, Live
from publishers.models import Attempt, Cause, Delivery, DeliveryItem, MainSwitch, Phase
from publishers.people.permissions import OPERATOR
from tests.publishers.engine import cast
from tests.publishers.engine.cast import an_hour_ago, make_account, run, send, settle, signed_release
from tests.publishers.engine.tiny import Tiny

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def restored(server):
    """Say of when the backup is from which the database comes; whatever is looked for is a person's."""
    server.undecided = None
    return lambda ago: MainSwitch.objects.create(
        pk=1, restored_at=timezone.now() - ago, **after_restore.marks()
    )


def is_doubted(delivery) -> bool:
    run(delivery)
    return (delivery.phase, delivery.cause) == (Phase.ATTENTION, Cause.UNKNOWN)


def test_what_was_signed_after_the_restore_no_lost_hub_has_sent(account, restored):
    restored(dt.timedelta(hours=2))
    assert run(send(signed_release(), account=account)) == Phase.SETTLED


@pytest.mark.parametrize(("days", "doubts"), [(29, True), (31, False)])
def test_what_is_distributed_a_month_after_a_restore_is_sent_without_a_look(days, doubts, account, restored):
    with time_machine.travel(timezone.now() - dt.timedelta(days=40)):
        release = signed_release()
    restored(dt.timedelta(days=days))
    assert is_doubted(send(release, account=account)) == doubts


def test_what_she_gave_up_after_a_look_is_sent_there_alone(office, server, release, account, restored):
    restored(dt.timedelta())
    given_up = send(release, account=account)
    assert is_doubted(given_up)
    cancel(given_up, by=OPERATOR)
    assert is_doubted(send(release, account=make_account(office, server, "第二个账号"))), "another account"
    assert is_doubted(send(signed_release(8), account=account)), "another text"
    [again] = distribute([release], [account], again=True, alike=True, by=OPERATOR)
    assert run(again) == Phase.SETTLED


def test_what_was_given_up_before_the_restore_was_not_looked_for(release, account, server, restored):
    server.faults["/draft"] = ["lost"]
    given_up = send(release, account=account)
    run(given_up)
    cancel(given_up, by=OPERATOR)
    restored(dt.timedelta())
    [again] = distribute([release], [account], again=True, alike=True, by=OPERATOR)
    assert is_doubted(again)


class InTwoSteps(Tiny):
    """Prepares, then publishes, and finds what it published by its mark."""

    def __init__(self):
        self.sent = []

    def check(self, account):
        return frozenset({"publish"})

    def publish(self, job):
        [item] = job.items
        prepared = job.step("prepare", dict, find=lambda: self._find(item))
        job.step("publish", lambda: self._publish(item), find=lambda: self._find(item), given=prepared)
        return [Live("https://example.org/1", {})]

    def _publish(self, item):
        self.sent.append(item.token)
        return {}

    def _find(self, item):
        return Found({}) if item.token in self.sent else Absent()


@pytest.fixture
def platform(monkeypatch):
    plugin = InTwoSteps()
    monkeypatch.setitem(registry._publishers, "tiny", plugin)
    return plugin


def put_back(kept=()):
    """Put the rows back as in a backup that was made before the delivery, or after its step ``kept``."""
    Attempt.objects.exclude(name__in=kept).delete()
    DeliveryItem.objects.update(observed_generation=None, url="", remote={})
    begun = {"phase": Phase.SENDING if kept else Phase.SCHEDULED, "lease_until": None}
    Delivery.objects.update(**begun, settled_at=None, look_at=None, next_at=an_hour_ago())
    MainSwitch.objects.create(pk=1, restored_at=timezone.now(), **after_restore.marks())


@pytest.mark.parametrize("ahead", [0, 2], ids=["right", "ahead"])
@pytest.mark.parametrize("clock", ["of the signature", "of the step before"])
def test_it_is_found_whatever_clock_stamped_the_rows(clock, ahead, account, platform, monkeypatch):
    later = timezone.now() + dt.timedelta(hours=ahead)
    with monkeypatch.context() as patch:
        if clock == "of the signature":
            patch.setattr(cast, "an_hour_ago", lambda: later)
        release = signed_release(public_from=an_hour_ago())
    delivery = send(release, account=account)
    assert settle(delivery) == Phase.SETTLED and len(platform.sent) == 1
    if clock == "of the step before":
        Attempt.objects.filter(name="prepare").update(begun_at=later)
    put_back(kept=["prepare"] if clock == "of the step before" else [])

    assert settle(delivery) == Phase.SETTLED and len(platform.sent) == 1
