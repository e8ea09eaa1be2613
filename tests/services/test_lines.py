"""What can wait has a line of its own: whatever hangs there keeps no delivery waiting."""

import datetime as dt
import socket
from collections.abc import Iterator

import pytest
from django.utils import timezone

from publishers.models import Delivery, DeliveryItem, Phase, Sighting
from publishers.models.clock import from_now
from publishers.operations import heartbeat
from tests.chaos.journeys import make_journey
from tests.publishers.engine.clock import an_hour_ago
from tests.services.test_workers import assert_there_once, is_over

pytestmark = pytest.mark.django_db(transaction=True)
#: Fewer than expire while they wait in the line, so that a shared one would see to all of them first.
HANGING = 5
#: Less than the look's lease, which is half an hour.
IN_HAND = dt.timedelta(minutes=20)


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def settled(journey, address: str) -> Delivery:
    """Let the journey's delivery be live at an address that hangs, and its look be due."""
    items = DeliveryItem.objects.filter(delivery=journey.delivery)
    items.update(url=f"{address}/{journey.delivery.pk}", observed_generation=1, remote={"article_id": "none"})
    Delivery.objects.filter(pk=journey.delivery.pk).update(
        phase=Phase.SETTLED, next_at=None, settled_at=timezone.now(), look_at=an_hour_ago()
    )
    return journey.delivery


def test_pages_that_never_answer_keep_no_delivery_waiting(sandbox, office, network, silent):
    live = [settled(make_journey(sandbox, office, "penguin"), silent) for _number in range(HANGING)]
    network.worker()
    network.aside()
    network.beat()
    looks = Delivery.objects.filter(pk__in=[delivery.pk for delivery in live], look_at__gt=from_now(IN_HAND))
    network.wait(looks.exists)  # one is in hand, and hangs
    urgent = make_journey(sandbox, office, "penguin")
    network.wait(is_over(urgent))
    assert_there_once(urgent)
    assert Sighting.objects.count() < HANGING, "The looks were over first: they shared a line with it."


def test_each_line_gives_a_sign_of_life_of_its_own(network):
    network.worker()
    network.beat()
    network.wait(lambda: heartbeat.age() is not None)
    assert heartbeat.age(heartbeat.ASIDE) is None
    network.aside()
    network.wait(lambda: heartbeat.age(heartbeat.ASIDE) is not None)
