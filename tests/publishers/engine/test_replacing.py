"""What a correction waits for, what it leaves alone, and when it is a person's."""

import dataclasses

import pytest

from publishers import distribution, registry
from publishers.models import Cause, CorrectionStrategy, DeliveryItem, Desired, Phase
from publishers.people.permissions import OPERATOR
from tests.publishers.engine.cast import send
from tests.publishers.engine.changing import server
from tests.publishers.engine.test_correcting import (
    EARLIER,
    NEWER,
    changing,
    correct,
    release,
    settle,
    sign_newer,
    step,
)

__all__ = ["changing", "release", "server"]
pytestmark = pytest.mark.django_db(transaction=True)


def less_able(item):
    """The platform changes nothing any more."""
    plugin = registry.get("tiny")
    plugin.platform = dataclasses.replace(plugin.platform, can_correct=False)


def unknown(item):
    """There is nothing by which a call could name it."""
    DeliveryItem.objects.filter(pk=item.pk).update(remote={})


@pytest.mark.parametrize("becomes", [less_able, unknown])
def test_what_can_no_longer_be_changed_by_a_call_is_changed_by_a_person(
    becomes, page, release, account, server
):
    earlier = send(release, account=account)
    settle(earlier)
    delivery = correct(sign_newer(page), account, CorrectionStrategy.UPDATE)
    becomes(earlier.items.get())
    assert settle(delivery) == [Phase.ATTENTION] and delivery.cause == Cause.BY_HAND
    assert server.live() == [EARLIER] and server.calls["/submit"] == 1


@pytest.mark.parametrize("is_there", [True, False], ids=["perhaps", "certainly not"])
def test_what_was_given_up_halfway_is_a_persons_unless_certainly_nothing_arrived(
    is_there, page, release, account, server
):
    server.faults["/draft"] = ["lost"] if is_there else ["cut", "retry"]
    earlier = send(release, account=account)
    step(earlier)
    delivery = correct(sign_newer(page), account, CorrectionStrategy.UPDATE)
    if not is_there:
        step(earlier)  # looks, finds nothing, and its next call is refused
    distribution.cancel(earlier, by=OPERATOR)
    assert settle(delivery) == [Phase.ATTENTION if is_there else Phase.SETTLED]
    assert delivery.cause == (Cause.UNKNOWN if is_there else Cause.NONE)
    assert server.live() == ([] if is_there else [NEWER])


def test_a_correction_that_waits_leaves_the_task_of_taking_down_to_the_person_who_has_it(
    page, release, account, server
):
    earlier = send(release, account=account)
    settle(earlier)
    delivery = correct(sign_newer(page), account, CorrectionStrategy.REPUBLISH)
    step(delivery)
    server.faults["/remove"] = ["permanent"] * 9
    step(earlier)
    earlier.refresh_from_db()
    assert earlier.phase == Phase.ATTENTION and earlier.items.get().desired == Desired.GONE
    step(delivery, delivery)
    told = (earlier.phase, earlier.wishes, earlier.deadline_at)
    earlier.refresh_from_db()
    assert (earlier.phase, earlier.wishes, earlier.deadline_at) == told
    assert server.live() == [EARLIER]
