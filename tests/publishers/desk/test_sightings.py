"""What was seen of articles afterwards, on the screens, and a person's answer to it."""

import datetime as dt

import pytest
from django.utils import timezone

from cms.releases import withdrawals
from publishers import engine
from publishers.models import Delivery, DeliveryItem, Desired, Phase, Seen, Sighting
from publishers.verification import verify
from tests.factories import make_section, make_story
from tests.factories_release import make_release
from tests.publishers.desk.conftest import text, turned_away
from tests.publishers.engine.cast import send, signed_release
from tests.publishers.engine.clock import an_hour_ago

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def altered(network, server):
    """A delivery whose article was found to be gone."""
    delivery = send(signed_release(), account=network.of_city)
    engine.run(delivery.pk)
    Delivery.objects.filter(pk=delivery.pk).update(settled_at=an_hour_ago() - dt.timedelta(days=1))
    verify.verify(delivery.pk)
    return Delivery.objects.get(pk=delivery.pk)


def test_what_was_found_afterwards_is_shown_and_a_duty_editor_may_accept_it(altered, network, desk):
    shown = text(desk(network.duty).get("hub_delivery", altered.pk))
    assert altered.phase == Phase.ATTENTION and "The page answers 404." in shown and "HTTP 404" in shown
    assert "The page answers 404." in text(desk(network.duty).get("hub_deliveries"))
    answer = desk(network.duty).post("hub_accept", altered.pk)
    assert "it stays as it is" in text(answer) and "word of duty" in text(answer)
    altered.refresh_from_db()
    assert altered.phase == Phase.SETTLED


def test_nobody_else_accepts_it(altered, network, desk):
    assert "Accept what is there" not in text(desk(network.auditor).get("hub_delivery", altered.pk))
    for person in (network.auditor, network.administrator, network.author):
        assert turned_away(desk(person).post("hub_accept", altered.pk))
    altered.refresh_from_db()
    assert altered.phase == Phase.ATTENTION


def test_a_withdrawal_shows_how_far_it_got_and_whose_word_proves_it(network, desk):
    page = make_story(make_section(network.city), author=network.author, title="夜校的灯")
    signed = make_release(page)
    places = [send(signed, account=account) for account in (network.of_city, network.of_province)]
    for delivery in places:
        engine.run(delivery.pk)
    withdrawals.withdraw(page, reason="有误", by=network.duty)
    down, _waiting = places
    DeliveryItem.objects.filter(delivery=down).update(
        desired=Desired.GONE, observed_generation=None, wanted=False
    )
    Delivery.objects.filter(pk=down.pk).update(phase=Phase.SETTLED, next_at=None)
    Sighting.objects.create(
        item=down.items.get(), at=timezone.now(), found=Seen.GONE, by_name="林晓岚", status=None
    )
    shown = text(desk(network.duty).get("hub_page_distribution", page.pk))
    assert "<strong>1</strong> / 2 places taken down" in shown
    assert "<strong>1</strong> verified" in shown and "word of 林晓岚: Not there" in shown
