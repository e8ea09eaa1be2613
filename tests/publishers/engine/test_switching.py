"""What the main switch keeps of a pause, and what a resume leaves alone."""

import pytest

from cms.models import Role
from publishers import engine
from publishers.engine import switching
from publishers.models import Delivery, Phase
from publishers.people.permissions import OPERATOR
from tests.factories import make_user
from tests.publishers.engine.cast import send, signed_release
from tests.publishers.engine.clock import an_hour_ago

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.DUTY_EDITOR])
def test_administrators_and_duty_editors_of_the_first_office_pause_and_resume(office, role):
    person = make_user("she", office, role)
    switching.pause_all("停一停。", by=person)
    switching.resume_all(switching.SEND, by=person)
    state = switching.state()
    assert (state.paused_at, state.paused_by, state.paused_reason) == (None, "", "")


def test_a_long_reason_is_kept_as_far_as_there_is_room(office):
    switching.pause_all(f" {'停' * 600} ", by=OPERATOR)
    assert switching.state().paused_reason == "停" * 500


def test_another_rule_than_the_two_is_a_mistake_of_the_caller_and_changes_nothing(office):
    switching.pause_all("停一停。", by=OPERATOR)
    with pytest.raises(ValueError, match="later"):
        switching.resume_all("later", by=OPERATOR)
    assert switching.state().paused_at is not None


def test_what_had_begun_goes_on_without_a_question(account, server):
    server.faults["/draft"] = ["retry"]
    begun = send(signed_release(1, pictures=0), account=account)
    engine.run(begun.pk)
    switching.pause_all("停一停。", by=OPERATOR)
    Delivery.objects.filter(pk=begun.pk).update(next_at=an_hour_ago())
    switching.resume_all(switching.ASK, by=OPERATOR)
    assert engine.sweep() == [begun.pk] and engine.run(begun.pk) == Phase.SETTLED


def test_while_everything_is_paused_no_worker_is_handed_what_comes_next(account):
    first, second = (send(signed_release(number, pictures=0), account=account) for number in (1, 2))
    Delivery.objects.update(next_at=an_hour_ago())
    assert engine.next_after(first.pk)
    switching.pause_all("停一停。", by=OPERATOR)
    assert engine.next_after(first.pk) == engine.next_after(second.pk) == []
