"""The main switch at the desk: who may use it, what everybody reads meanwhile, what resuming does."""

import pytest
from django.utils import timezone

from cms.models import Role
from publishers import engine
from publishers.engine import switching
from publishers.models import Cause, Delivery, MainSwitch, Phase
from publishers.people.permissions import OPERATOR
from tests.factories import make_user
from tests.publishers.desk.conftest import refused, text, turned_away
from tests.publishers.engine.cast import send, signed_release
from tests.publishers.engine.clock import an_hour_ago, in_an_hour

pytestmark = pytest.mark.django_db(transaction=True)
SCREENS = ("wagtailadmin_home", "hub_deliveries", "hub_accounts", "hub_texts", "hub_switch")
PAUSED = "Everything is paused: nothing is sent."


def test_the_first_offices_duty_editor_pauses_with_a_reason_that_every_screen_shows(network, desk):
    see = desk(network.provincial)
    shown = text(see.post("hub_switch", said={"action": "pause", "reason": " "}))
    assert "Say why everything is paused." in shown and switching.state().paused_at is None
    see.post("hub_switch", said={"action": "pause", "reason": "平台公告停机。"})
    for screen in SCREENS:
        shown = text(desk(network.duty).get(screen))
        assert PAUSED in shown and "平台公告停机。" in shown and "provincial" in shown
    assert PAUSED not in text(desk(network.author).get("wagtailadmin_home"))


def test_no_screen_speaks_of_it_while_nothing_is_paused(network, desk):
    for screen in SCREENS:
        assert PAUSED not in text(desk(network.provincial).get(screen))


def test_an_administrator_of_the_first_office_may_and_nobody_else(network, desk):
    administrator = make_user("first", network.province, Role.ADMINISTRATOR)
    desk(administrator).post("hub_switch", said={"action": "pause", "reason": "演练。"})
    assert switching.state().paused_by == "first"
    for who in (network.duty, network.administrator, network.liaison, network.auditor):
        see = desk(who)
        assert 'name="action"' not in text(see.get("hub_switch"))
        assert turned_away(see.post("hub_switch", said={"action": "resume", "late": "send"}))
    assert refused(desk(network.author).get("hub_switch"))
    assert switching.state().paused_at is not None


@pytest.mark.parametrize(("late", "phase"), [("send", Phase.SETTLED), ("ask", Phase.ATTENTION)])
def test_what_is_late_goes_out_or_waits_for_a_person_as_was_chosen(late, phase, network, desk):
    switching.pause_all("演练。", by=OPERATOR)
    delivery = send(signed_release(7), account=network.of_city)
    send(signed_release(8), account=network.of_city, at=in_an_hour())
    begun = send(signed_release(9), account=network.of_city)
    Delivery.objects.filter(pk=begun.pk).update(phase=Phase.SENDING)
    engine.run(delivery.pk)
    see = desk(network.provincial)
    shown = text(see.post("hub_switch", said={"action": "resume"}))
    assert "Choose what happens to what is late." in shown and "1 delivery should have begun" in shown
    see.post("hub_switch", said={"action": "resume", "late": late})
    engine.run(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.phase == phase and (delivery.cause == Cause.LATE) == (late == "ask")


def test_a_restored_database_says_from_when_it_is_and_what_to_do_first(network, desk):
    reason = {"paused_at": timezone.now(), "paused_by": "command line", "paused_reason": "Restored."}
    MainSwitch.objects.create(pk=1, restored_at=an_hour_ago(), **reason)
    shown = text(desk(network.duty).get("hub_deliveries"))
    assert "The database comes from a backup of" in shown and "Reconcile with the platforms first" in shown
