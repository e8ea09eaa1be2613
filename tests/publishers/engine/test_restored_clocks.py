"""A hub that comes from a backup sends nothing again that the lost one sent, whatever clocks said."""

import datetime as dt

import pytest
from django.utils import timezone

from publishers import registry
from publishers.engine import after_restore
from publishers.interface import Absent, Found, Live
from publishers.models import Attempt, Delivery, DeliveryItem, MainSwitch, Phase
from tests.publishers.engine import cast
from tests.publishers.engine.cast import an_hour_ago, send, settle, signed_release
from tests.publishers.engine.tiny import Tiny

pytestmark = pytest.mark.django_db(transaction=True)


class InTwoSteps(Tiny):
    """Prepares, then publishes, and finds what it published by its mark."""

    def __init__(self):
        self.sent, self.looks = [], []

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
        self.looks.append(item)
        return Found({}) if item.token in self.sent else Absent()


@pytest.fixture
def platform(monkeypatch):
    plugin = InTwoSteps()
    monkeypatch.setitem(registry._publishers, "tiny", plugin)
    return plugin


def restore(kept=()):
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
    restore(kept=["prepare"] if clock == "of the step before" else [])

    assert settle(delivery) == Phase.SETTLED and len(platform.sent) == 1


def test_a_text_that_was_signed_after_the_restore_is_sent_without_a_look(account, platform):
    restore()
    assert settle(send(signed_release(), account=account)) == Phase.SETTLED
    assert len(platform.sent) == 1 and not platform.looks
