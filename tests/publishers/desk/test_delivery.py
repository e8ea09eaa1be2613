"""One delivery: what was called, and the buttons that make sense."""

import datetime as dt

import pytest

from publishers import engine
from publishers.models import Delivery, Phase, SourceLink, SourceVisits
from tests.publishers.desk.conftest import text, turned_away
from tests.publishers.engine.cast import SECRET, send, sent_titles, signed_release
from tests.publishers.engine.clock import in_an_hour

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def waiting(network):
    return send(signed_release(7, title="山里的阅览室"), account=network.of_city, at=in_an_hour())


def phase(delivery) -> str:
    delivery.refresh_from_db()
    return delivery.phase


def test_every_call_is_shown_with_its_outcome_and_no_secret(network, desk, server):
    server.faults["/draft"] = ["permanent"]
    delivery = send(signed_release(7), account=network.of_city)
    engine.run(delivery.pk)
    shown = text(desk(network.duty).get("hub_delivery", delivery.pk))
    assert "upload" in shown and "draft" in shown and "99999" in shown
    assert SECRET not in shown and "tok-1" not in shown


def test_it_counts_the_readers_who_followed_its_own_links_to_the_original(waiting, network, desk):
    other = send(signed_release(8), account=network.of_city, at=in_an_hour())
    for delivery, counts in ((waiting, (2, 3)), (other, (7,))):
        item = delivery.items.get()
        for day, count in enumerate(counts, start=1):
            link = SourceLink.objects.create(token=f"t{item.pk}-{day}", item=item, generation=day)
            SourceVisits.objects.create(link=link, day=dt.date(2026, 1, day), count=count)
    shown = text(desk(network.duty).get("hub_delivery", waiting.pk))
    assert "5 times" in shown


def test_a_person_tries_again_what_needs_her(network, desk, server):
    server.faults["/draft"] = ["rejected"]
    delivery = send(signed_release(7, title="山里的阅览室"), account=network.of_city)
    engine.run(delivery.pk)
    desk(network.duty).post("hub_delivery", delivery.pk, said={"action": "retry"})
    assert engine.run(delivery.pk) == Phase.SETTLED
    assert sent_titles(server) == ["山里的阅览室"]
    history = text(desk(network.duty).get("hub_delivery", delivery.pk))
    assert "Delivery tried again" in history and "duty" in history


def test_a_person_moves_and_cancels_what_has_not_begun(waiting, network, desk):
    see = desk(network.liaison)
    answer = see.post("hub_delivery", waiting.pk, said={"action": "reschedule", "at": "2020-01-01 08:00"})
    assert "This time has passed" in text(answer)
    see.post("hub_delivery", waiting.pk, said={"action": "reschedule", "at": "2036-03-08 09:30"})
    waiting.refresh_from_db()
    assert waiting.due_at.isoformat() == "2036-03-08T01:30:00+00:00"
    see.post("hub_delivery", waiting.pk, said={"action": "cancel"})
    assert phase(waiting) == Phase.CANCELLED


@pytest.mark.parametrize("action", ["retry", "cancel", "reschedule"])
@pytest.mark.parametrize("who", ["auditor", "administrator"])
def test_who_may_only_look_has_no_buttons_and_is_refused(who, action, waiting, network, desk):
    see = desk(getattr(network, who))
    assert 'name="action"' not in text(see.get("hub_delivery", waiting.pk))
    answer = see.post("hub_delivery", waiting.pk, said={"action": action, "at": "2036-03-08 09:30"})
    assert turned_away(answer) and phase(waiting) == Phase.SCHEDULED


@pytest.mark.parametrize("action", ["retry", "cancel", "reschedule"])
def test_a_delivery_of_another_office_is_not_there(action, network, desk):
    delivery = send(signed_release(7), account=network.of_province, at=in_an_hour())
    see = desk(network.duty)
    assert see.get("hub_delivery", delivery.pk).status_code == 404
    answer = see.post("hub_delivery", delivery.pk, said={"action": action, "at": "2036-03-08 09:30"})
    assert answer.status_code == 404 and phase(delivery) == Phase.SCHEDULED


def test_what_is_settled_offers_nothing_and_refuses_in_one_sentence(network, desk):
    delivery = send(signed_release(7), account=network.of_city)
    engine.run(delivery.pk)
    see = desk(network.duty)
    assert 'name="action"' not in text(see.get("hub_delivery", delivery.pk))
    answer = see.post("hub_delivery", delivery.pk, said={"action": "cancel"})
    assert "cannot be cancelled any more" in text(answer)
    assert Delivery.objects.get().phase == Phase.SETTLED
