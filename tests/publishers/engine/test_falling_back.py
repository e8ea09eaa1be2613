"""What falls back by the clock, and what never does: where a call may have arrived, a person looks first."""

import pytest
from django.db import transaction
from wagtail.log_actions import registry as logs

from publishers import tasks
from publishers.distribution.correcting import carry_newer
from publishers.engine import falling_back
from publishers.models import Account, Cause, Delivery, Phase
from tests.publishers.engine.cast import run, send, signed_release
from tests.publishers.engine.clock import an_hour_ago
from tests.publishers.engine.test_by_hand import falling, is_a_task, stopped

__all__ = ["falling"]
pytestmark = pytest.mark.django_db(transaction=True)


def for_an_hour(account, server) -> Delivery:
    """Return a delivery that has been due so long on an account whose credentials are refused."""
    delivery = stopped(account, server)
    Account.objects.update(paused_at=an_hour_ago())
    Delivery.objects.update(due_at=an_hour_ago())
    return delivery


def test_what_the_clock_gives_to_a_person_says_why_and_stands_in_its_history(falling, server):
    delivery = for_an_hour(falling, server)
    tasks.see_to_people()
    delivery.refresh_from_db()
    assert (delivery.transport, delivery.phase) == ("manual", Phase.SENDING)
    [entry] = logs.get_logs_for_instance(delivery).filter(action="hub.delivery.fall_back")
    assert falling.name in delivery.reason and entry.data["reason"] == delivery.reason
    run(delivery)
    assert is_a_task(delivery)


def test_without_the_switch_what_is_due_waits_for_the_credentials(account, server):
    delivery = for_an_hour(account, server)
    assert falling_back.after_stops() == []
    delivery.refresh_from_db()
    assert (delivery.transport, delivery.phase) == ("api", Phase.PAUSED)


def test_a_draft_of_the_earlier_text_keeps_the_newer_one_from_falling_back(falling, server):
    server.faults = {"/submit": ["rejected"]}
    delivery = send(signed_release(7), account=falling)
    assert run(delivery) == Phase.ATTENTION and server.drafts
    with transaction.atomic():
        carry_newer(signed_release(7, title="新题"), user=None)
    server.faults = {"/draft": ["permanent"]}
    assert (run(delivery), delivery.cause) == (Phase.ATTENTION, Cause.PERMANENT)
    assert (delivery.generation, delivery.transport) == (2, "api")
