"""Followers are told of a delivery only when a person decided so, and then instead of publishing it."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.utils import timezone
from wagtail.log_actions import registry as logs

from cms.models import Role
from cms.refusals import Refused
from publishers import accounts, engine
from publishers.distribution import broadcasts
from publishers.models import Account, Attempt, Delivery, Outcome, Phase
from publishers.people.permissions import OPERATOR
from tests.factories import make_user
from tests.publishers.engine.cast import make_due, send, settle
from tests.publishers.engine.clock import in_an_hour

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account(office, sandbox):
    sandbox.reset(accounts=True)
    sandbox.settings(review_s=0)
    sandbox.add_account("wechat", "wx-followers", "s3cret", "榕溪县女声")
    made = accounts.add(
        office=office,
        platform="wechat",
        name="榕溪县女声",
        base_url=sandbox.base_url("wechat"),
        credentials={"appid": "wx-followers", "secret": "s3cret"},
        by=OPERATOR,
    )
    accounts.check(made, by=OPERATOR)
    made.refresh_from_db()
    return made


@pytest.fixture
def delivery(release, account):
    return send(release, account=account, at=in_an_hour())


def via(sandbox):
    return [article["via"] for article in sandbox.articles("wechat", "wx-followers")]


def test_without_a_decision_nobody_is_told(delivery, sandbox):
    assert settle(delivery) == Phase.SETTLED
    assert via(sandbox) == ["api"]


def test_the_command_decides_so_and_takes_it_back(delivery):
    for more, decided in (((), True), (("--not",), False)):
        call_command("delivery", "notify", str(delivery.pk), *more)
        delivery.refresh_from_db()
        assert delivery.notifies is decided


def test_a_decision_sends_it_to_followers_and_nothing_else_and_is_written_down(delivery, account, sandbox):
    broadcasts.decide(delivery, True, by=OPERATOR)
    make_due(delivery)
    assert engine.run(delivery.pk) == Phase.CONFIRMING
    assert via(sandbox) == ["mass"]
    assert not Attempt.objects.filter(name="submit").exists()
    assert "hub.delivery.notify" in [entry.action for entry in logs.get_logs_for_instance(delivery)]


def test_a_decision_can_be_taken_back_in_time(delivery, sandbox):
    broadcasts.decide(delivery, True, by=OPERATOR)
    broadcasts.decide(delivery, False, by=OPERATOR)
    assert settle(delivery) == Phase.SETTLED
    assert via(sandbox) == ["api"]


@pytest.mark.parametrize("step", ["mass", "submit"])
@pytest.mark.parametrize("outcome", [Outcome.BEGUN, Outcome.UNKNOWN, Outcome.DONE])
def test_it_is_too_late_when_readers_may_have_it(delivery, step, outcome):
    Attempt.objects.create(
        delivery=delivery, generation=1, name=step, begun_at=in_an_hour(), outcome=outcome, input_sha256="0"
    )
    with pytest.raises(Refused):
        broadcasts.decide(delivery, step == "submit", by=OPERATOR)
    delivery.refresh_from_db()
    assert not delivery.notifies and not broadcasts.may_be_decided(delivery)


@pytest.mark.parametrize("known", [{"observed_generation": 1}, {"desired": "gone"}], ids=str)
def test_it_is_too_late_when_it_is_there_or_is_to_go(delivery, known):
    """Whoever recorded it made no call."""
    delivery.items.update(**known)
    with pytest.raises(Refused):
        broadcasts.decide(delivery, True, by=OPERATOR)
    assert not Delivery.objects.get().notifies


def test_it_is_too_late_while_a_worker_has_it_in_hand(delivery):
    Delivery.objects.update(lease_until=in_an_hour(), phase=Phase.SENDING)
    with pytest.raises(Refused):
        broadcasts.decide(delivery, True, by=OPERATOR)


def test_a_worker_that_outlived_its_lease_publishes_nothing_after_the_decision(delivery, sandbox):
    fence = Delivery.objects.get().fence
    broadcasts.decide(delivery, True, by=OPERATOR)
    assert Delivery.objects.get().fence == fence + 1


def test_an_account_without_the_right_is_refused(delivery):
    Account.objects.update(capabilities=["draft", "publish"])
    delivery.account.refresh_from_db()
    with pytest.raises(Refused):
        broadcasts.decide(delivery, True, by=OPERATOR)


def test_only_who_may_send_decides(delivery, office):
    auditor = make_user("audit", office, Role.AUDITOR)
    with pytest.raises(PermissionDenied):
        broadcasts.decide(delivery, True, by=auditor)


def test_what_is_withdrawn_while_its_sending_is_unknown_is_not_sent_to_find_out(delivery, sandbox, release):
    broadcasts.decide(delivery, True, by=OPERATOR)
    sandbox.fault("reset_before", platform="wechat", path="/cgi-bin/message/mass/sendall")
    make_due(delivery)
    engine.run(delivery.pk)
    delivery.items.update(desired="gone")
    delivery.attempts.filter(name="mass").update(begun_at=timezone.now() - dt.timedelta(minutes=2))
    assert settle(delivery) == Phase.ATTENTION
    calls = sandbox.calls("wechat", "wx-followers", "/cgi-bin/message/mass/sendall")
    assert len(calls) == 1 and via(sandbox) == []
