"""Several workers on a real broker: killed, stopped, cut off, called twice. The verdict is the ledger's."""

import pytest
from django.db import connection
from django.utils import timezone

from publishers.models import Delivery, Phase
from tests.chaos.journeys import SUBMIT, leases_end, make_journey
from tests.publishers.engine.clock import an_hour_ago

pytestmark = pytest.mark.django_db(transaction=True)
DRAFT = "/cgi-bin/draft/add"
# Longer than the worker lives on, or than the test needs to do its harm.
LATE_S = 6


@pytest.fixture
def journey(sandbox, office):
    return make_journey(sandbox, office, "wechat")


def answers_late(sandbox, journey, path):
    """Let the platform do its work at once and answer late, so that the call is on its way for a while."""
    sandbox.fault("delay", seconds=LATE_S, platform="wechat", account=journey.account_id, path=path)


def was_called(sandbox, journey, path):
    return lambda: sandbox.calls("wechat", journey.account_id, path)


def is_over(*journeys):
    """Say whether all are settled or with a person; what waits for a review need not wait for its time."""

    def look():
        for journey in journeys:
            journey.sandbox.finish_reviews(journey.account_id)
        going = Delivery.objects.filter(pk__in=[journey.delivery.pk for journey in journeys])
        going.filter(phase=Phase.CONFIRMING, lease_until=None, next_at__gt=timezone.now()).update(
            next_at=an_hour_ago()
        )
        return not going.exclude(phase__in=(Phase.SETTLED, Phase.ATTENTION)).exists()

    return look


def assert_there_once(*journeys):
    for journey in journeys:
        journey.delivery.refresh_from_db()
        assert journey.delivery.phase == Phase.SETTLED, journey.delivery.reason
        assert journey.shown() == {release.title: 1 for release in journey.releases}
        assert journey.submissions() == 1


def test_killed_with_its_machine_a_worker_is_succeeded_by_another(sandbox, office, network, journey):
    answers_late(sandbox, journey, DRAFT)
    first = network.worker(concurrency=2)
    network.beat()
    network.wait(was_called(sandbox, journey, DRAFT))
    first.kill()
    leases_end(journey)
    others = [make_journey(sandbox, office, platform) for platform in ("wechat", "penguin", "penguin")]
    network.worker()
    network.worker()
    network.wait(is_over(journey, *others))
    assert_there_once(journey, *others)
    assert len(was_called(sandbox, journey, DRAFT)()) == 1


def test_stopped_a_worker_finishes_what_it_has_in_hand(sandbox, network, journey):
    answers_late(sandbox, journey, DRAFT)
    worker, beat = network.worker(), network.beat()
    network.wait(was_called(sandbox, journey, DRAFT))
    beat.stop()
    assert worker.stop() == 0
    journey.delivery.refresh_from_db()
    assert journey.delivery.lease_until is None and journey.submissions() == 1
    network.beat()
    network.worker()
    network.wait(is_over(journey))
    assert_there_once(journey)


def test_its_child_killed_the_worker_gets_the_message_again_and_leaves_the_delivery_alone(
    sandbox, network, journey
):
    answers_late(sandbox, journey, SUBMIT["wechat"])
    worker, beat = network.worker(), network.beat()
    network.wait(was_called(sandbox, journey, SUBMIT["wechat"]))
    worker.kill_its_child()
    network.wait(lambda: worker.got_again("publishers.deliver"))
    beat.stop()
    journey.delivery.refresh_from_db()
    assert journey.delivery.lease_until > timezone.now() and journey.submissions() == 1
    leases_end(journey)
    network.beat()
    network.wait(is_over(journey))
    assert_there_once(journey)


def test_a_broker_that_is_cut_off_and_comes_back_loses_nothing(sandbox, office, network, wire, journey):
    answers_late(sandbox, journey, DRAFT)
    network.worker()
    network.beat()
    network.wait(was_called(sandbox, journey, DRAFT))
    wire.down()
    # What is in hand needs no broker, and what is sent now waits in the database.
    network.wait(lambda: journey.submissions() == 1)
    while_cut_off = make_journey(sandbox, office, "penguin")
    wire.up()
    network.wait(is_over(journey, while_cut_off))
    assert_there_once(journey, while_cut_off)


def test_called_many_times_at_once_and_by_two_beats_workers_send_once(sandbox, office, network, journey):
    answers_late(sandbox, journey, SUBMIT["wechat"])
    network.worker(concurrency=2)
    network.worker()
    network.call(journey.delivery.pk, times=12)
    network.wait(was_called(sandbox, journey, SUBMIT["wechat"]))
    network.call(journey.delivery.pk, times=12)
    network.beat()
    network.beat()
    others = [make_journey(sandbox, office, platform) for platform in ("wechat", "penguin", "penguin")]
    network.wait(is_over(journey, *others))
    assert_there_once(journey, *others)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL tells who is connected")
def test_a_worker_keeps_its_connection_and_gets_another_when_that_is_cut(sandbox, office, network, journey):
    network.worker(concurrency=1)
    network.beat()
    network.wait(is_over(journey))
    kept = connections_of_others()
    second = make_journey(sandbox, office, "penguin")
    network.wait(is_over(second))
    assert kept and connections_of_others() == kept
    cut(kept)
    third = make_journey(sandbox, office, "penguin")
    network.wait(is_over(third))
    assert_there_once(journey, second, third)
    assert not kept & connections_of_others()


def connections_of_others() -> set[int]:
    asked = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with connection.cursor() as cursor:
        cursor.execute(f"{asked} AND backend_type = 'client backend'")
        return {pid for (pid,) in cursor.fetchall()}


def cut(pids) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s::int[]) AS pid", [list(pids)])
