"""What the engine does with an account whose platform's interface needs a paper that it does not have."""

import dataclasses

import pytest

from cms.refusals import Refused
from publishers import accounts, engine, registry
from publishers.distribution import retry
from publishers.models import Account, Cause, Phase
from publishers.people.permissions import OPERATOR
from tests.publishers.engine.cast import make_account, send
from tests.publishers.engine.tiny import Tiny

pytestmark = pytest.mark.django_db(transaction=True)
PAPER = "合作协议2026-7"


class Contracted(Tiny):
    platform = dataclasses.replace(Tiny.platform, contract="小平台的书面确认。")


@pytest.fixture(autouse=True)
def contracted(ground, monkeypatch):
    monkeypatch.setitem(registry._publishers, "tiny", Contracted())


@pytest.fixture
def account(office, server):
    """An account whose paper was never there, whatever the hub's services would have let through."""
    with pytest.raises(Refused, match="书面确认"):
        make_account(office, server)
    credentials = {"appid": "wx1", "secret": "the-app-secret"}
    made = accounts.add(
        office=office,
        platform="tiny",
        name="南粤女声",
        base_url=server.url,
        transport="api",
        contract=PAPER,
        credentials=credentials,
        by=OPERATOR,
    )
    Account.objects.filter(pk=made.pk).update(contract="  ")
    made.refresh_from_db()
    return made


def test_nothing_is_sent_without_the_paper_and_a_person_reads_why(account, release, server):
    delivery = send(release, account=account)
    assert engine.run(delivery.pk) == Phase.ATTENTION
    delivery.refresh_from_db()
    assert server.total == 0
    assert delivery.cause == Cause.CAPABILITY and "合同" in delivery.reason and "南粤女声" in delivery.reason


def test_an_account_that_was_checked_before_sends_nothing_either(account, release, server):
    Account.objects.filter(pk=account.pk).update(contract=PAPER)
    account.refresh_from_db()
    assert accounts.check(account, by=OPERATOR).checked_at
    Account.objects.filter(pk=account.pk).update(contract="")
    asked = server.total
    assert engine.run(send(release, account=account).pk) == Phase.ATTENTION
    assert server.total == asked


def test_asking_what_the_account_may_do_calls_nothing_without_the_paper(account, server):
    assert "合同" in accounts.check(account, by=OPERATOR).problem
    assert server.total == 0


def test_with_the_paper_the_same_delivery_goes_out(account, release, server):
    delivery = send(release, account=account)
    engine.run(delivery.pk)
    Account.objects.filter(pk=account.pk).update(contract=PAPER)
    delivery.refresh_from_db()
    retry(delivery, by=OPERATOR)
    assert engine.run(delivery.pk) == Phase.SETTLED
