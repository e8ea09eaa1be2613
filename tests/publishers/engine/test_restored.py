"""After a restore the hub looks for what the lost one may have sent, and sends the rest without a look."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from publishers.distribution import cancel, distribute
from publishers.models import Cause, MainSwitch, Phase
from publishers.people.permissions import OPERATOR
from tests.publishers.engine.cast import make_account, run, send, signed_release

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def restored(server):
    """Say of when the backup is from which the database comes; whatever is looked for is a person's."""
    server.undecided = None
    return lambda ago: MainSwitch.objects.create(pk=1, restored_at=timezone.now() - ago)


def is_doubted(delivery) -> bool:
    run(delivery)
    return (delivery.phase, delivery.cause) == (Phase.ATTENTION, Cause.UNKNOWN)


def test_what_was_signed_after_the_backup_no_lost_hub_has_sent(release, account, restored):
    restored(dt.timedelta(hours=2))
    assert run(send(release, account=account)) == Phase.SETTLED


@pytest.mark.parametrize(("days", "doubts"), [(29, True), (31, False)])
def test_what_is_distributed_a_month_after_a_restore_is_sent_without_a_look(days, doubts, account, restored):
    with time_machine.travel(timezone.now() - dt.timedelta(days=40)):
        release = signed_release()
    restored(dt.timedelta(days=days))
    assert is_doubted(send(release, account=account)) == doubts


def test_what_she_gave_up_after_a_look_is_sent_there_alone(office, server, release, account, restored):
    restored(dt.timedelta())
    given_up = send(release, account=account)
    assert is_doubted(given_up)
    cancel(given_up, by=OPERATOR)
    assert is_doubted(send(release, account=make_account(office, server, "第二个账号"))), "another account"
    assert is_doubted(send(signed_release(8), account=account)), "another text"
    [again] = distribute([release], [account], again=True, alike=True, by=OPERATOR)
    assert run(again) == Phase.SETTLED


def test_what_was_given_up_before_the_restore_was_not_looked_for(release, account, server, restored):
    server.faults["/draft"] = ["lost"]
    given_up = send(release, account=account)
    run(given_up)
    cancel(given_up, by=OPERATOR)
    restored(dt.timedelta())
    [again] = distribute([release], [account], again=True, alike=True, by=OPERATOR)
    assert is_doubted(again)
