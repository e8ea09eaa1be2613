"""Who is told, once for each event, and that a mail server that is down changes nothing."""

import pytest
from django.core import mail

from cms import mailing
from cms.models import Mail, Role
from publishers import engine
from publishers.accounts import pausing
from publishers.distribution import retry
from publishers.models import Phase
from publishers.people.permissions import OPERATOR
from tests.factories import make_office, make_user
from tests.publishers.engine.cast import make_account, send, signed_release
from tests.publishers.engine.conftest import ground, office, server

__all__ = ["ground", "office", "server"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def county(office):
    return make_office("county", parent=make_office("city", parent=office))


@pytest.fixture
def account(county, server):
    return make_account(county, server)


def told() -> list[str]:
    return sorted(address for message in mail.outbox for address in message.to)


def test_an_account_that_stops_tells_the_nearest_administrators_once(account, county, office, server):
    city = county.get_parent()
    for name, place in (("city1", city), ("city2", city), ("province", office)):
        make_user(name, place, Role.ADMINISTRATOR)
    make_user("left", county, Role.ADMINISTRATOR, is_active=False)
    waiting = [send(signed_release(page), account=account) for page in (7, 8, 9)]
    server.faults["/draft"] = ["credentials"] * 3
    for delivery in waiting:
        assert engine.run(delivery.pk) == Phase.PAUSED
    # Another worker, which had a delivery of the account in hand, is refused as well.
    pausing.stop_for_credentials(account, "refused again")
    assert told() == ["city1@example.org", "city2@example.org"]
    assert f"/admin/accounts/{account.pk}/" in mail.outbox[0].body


def test_a_delivery_that_needs_a_person_tells_the_duty_editors_and_says_why(account, county, office, server):
    make_user("duty", county, Role.DUTY_EDITOR)
    make_user("above", office, Role.DUTY_EDITOR)
    server.faults["/draft"] = ["rejected"]
    delivery = send(signed_release(title="夜校的灯"), account=account)
    engine.run(delivery.pk)
    delivery.refresh_from_db()
    [message] = mail.outbox
    assert message.to == ["duty@example.org"] and "夜校的灯" in message.subject
    assert delivery.reason in message.body and f"/admin/deliveries/{delivery.pk}/" in message.body


def test_where_the_only_duty_editor_has_left_those_above_are_told(account, county, office, server):
    make_user("left", county, Role.DUTY_EDITOR, is_active=False)
    make_user("above", office, Role.DUTY_EDITOR)
    server.faults["/draft"] = ["rejected"]
    engine.run(send(signed_release(), account=account).pk)
    assert told() == ["above@example.org"]


def test_each_new_event_is_told_and_what_goes_on_by_itself_is_not(account, county, server):
    make_user("duty", county, Role.DUTY_EDITOR)
    server.faults["/draft"] = ["retry"]
    delivery = send(signed_release(), account=account)
    engine.run(delivery.pk)
    assert told() == []
    server.faults["/draft"] = ["rejected", "rejected"]
    for _event in range(2):
        retry(delivery, by=OPERATOR)
        engine.run(delivery.pk)
    assert told() == ["duty@example.org"] * 2


def test_a_mail_server_that_is_down_changes_nothing(account, county, server, settings):
    settings.EMAIL_BACKEND = "cms.mailing.Outbox"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    make_user("duty", county, Role.DUTY_EDITOR)
    server.faults["/draft"] = ["rejected"]
    assert engine.run(send(signed_release(), account=account).pk) == Phase.ATTENTION
    assert mailing.send_due() == 0 and Mail.objects.get().message["to"] == ["duty@example.org"]
