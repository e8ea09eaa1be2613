"""What can wait has a line of its own, and what is urgent: whatever hangs, what is urgent is begun."""

from collections.abc import Iterator

import pytest

from publishers.models import Delivery, Sighting
from publishers.operations import heartbeat
from tests.chaos.hanging import EACH, Hanging, silence
from tests.chaos.journeys import make_journey
from tests.services.test_workers import assert_there_once, is_over

#: So many processes take what is urgent (deploy/).
PLACES = 2
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def silent(network) -> Iterator[int]:
    """A port where nobody answers; mail goes there."""
    with silence() as port:
        network.mail_goes_to(port)
        yield port


def assert_urgent_waits_for_none(sandbox, office, network, hanging):
    waited_for = hanging.in_hand()
    urgent = make_journey(sandbox, office, "penguin", urgent=True)
    network.wait(lambda: Delivery.objects.get(pk=urgent.delivery.pk).fence)
    assert waited_for <= hanging.in_hand(), "It was claimed only when another call was over."
    network.wait(is_over(urgent))
    assert_there_once(urgent)


def test_whatever_hangs_keeps_no_urgent_delivery_waiting(sandbox, office, network, silent):
    hanging = Hanging(sandbox, office, silent)
    network.worker()
    network.aside()
    network.urgent()
    network.beat()
    network.wait(hanging.in_hand)
    network.wait(hanging.hangs_aside)
    assert_urgent_waits_for_none(sandbox, office, network, hanging)
    assert Sighting.objects.count() < EACH, "The looks were over first: they shared a line with it."


def test_urgent_work_that_hangs_on_one_platform_keeps_none_of_another_waiting(
    sandbox, office, network, silent
):
    hanging = Hanging(sandbox, office, silent)
    hanging.go_live()
    network.worker()
    network.urgent(concurrency=PLACES)
    network.beat()
    network.wait(hanging.in_hand)
    hanging.withdraw()
    network.wait(hanging.withdraws)
    assert_urgent_waits_for_none(sandbox, office, network, hanging)


def test_each_line_gives_a_sign_of_life_of_its_own(network):
    network.worker()
    network.beat()
    network.wait(lambda: heartbeat.age() is not None)
    assert set(heartbeat.ages()) == {heartbeat.WORKER}
    network.aside()
    network.urgent()
    network.wait(lambda: set(heartbeat.ages()) == set(heartbeat.LINES))
