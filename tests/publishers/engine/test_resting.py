"""What counts as an account's failure, and whom its rest holds back: what it could take, nothing else."""

import datetime as dt

import pytest
from django.utils import timezone

from publishers import distribution, engine
from publishers.engine import circuit_breaker
from publishers.engine.leases import acquire
from publishers.interface import CapabilityMissing
from publishers.models import Account, Cause, Delivery, Phase, Transport
from publishers.people.permissions import OPERATOR
from tests.publishers.engine import tiny
from tests.publishers.engine.cast import run, send, signed_release
from tests.publishers.engine.clock import HOUR, an_hour_ago, in_an_hour

pytestmark = pytest.mark.django_db(transaction=True)


def resting(account, failures=0) -> Account:
    Account.objects.filter(pk=account.pk).update(resting_until=in_an_hour(), failures=failures)
    account.refresh_from_db()
    return account


def changed(delivery, **values) -> Delivery:
    Delivery.objects.filter(pk=delivery.pk).update(**values)
    return delivery


# --- whom a rest holds back ---------------------------------------------------------------------------------


@pytest.mark.parametrize("failures", [0, circuit_breaker.FAILURES], ids=["asked to wait", "failed"])
def test_a_rest_holds_back_what_the_account_could_take_and_nothing_else(account, failures):
    due, in_hand, told, by_hand = (send(signed_release(number), account=account) for number in range(1, 5))
    send(signed_release(5), account=account, at=timezone.now() + dt.timedelta(days=1))
    assert acquire(in_hand.pk)
    changed(told, phase=Phase.ATTENTION, cause=Cause.QUOTA)
    changed(by_hand, transport=Transport.MANUAL)
    circuit_breaker.hold_back(resting(account, failures))
    held = Delivery.objects.get(cause=Cause.RETRY)
    assert (held.pk, held.next_at) == (due.pk, account.resting_until) and held.reason
    # Who asks to wait is given to a person after some hours; a failing account has a count of its own.
    assert held.put_off_s == 0 if failures else HOUR.total_seconds() - 60 < held.put_off_s


def test_a_run_that_meets_a_rest_has_used_up_no_try_and_has_waited_so_long_as_well(account):
    delivery = send(signed_release(), account=account)
    delivery.retries, delivery.put_off_s = 3, 100
    met = circuit_breaker.rests(resting(account), delivery)
    assert (met.phase, met.retries, met.at) == (delivery.phase, 3, account.resting_until)
    assert met.put_off_s > HOUR.total_seconds()


def test_when_a_person_ends_a_rest_all_that_waited_for_its_end_goes_on(account):
    asked, other, later = (send(signed_release(number), account=account) for number in (1, 2, 3))
    circuit_breaker.hold_back(resting(account))
    changed(later, next_at=account.resting_until + HOUR)
    distribution.retry(asked, by=OPERATOR)
    other.refresh_from_db()
    later.refresh_from_db()
    assert other.next_at <= timezone.now() < later.next_at


# --- what counts as a failure -------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["retry", "lost"])
def test_a_failure_counts_only_where_nothing_went_well_before_it(account, server, fault):
    delivery = send(signed_release(pictures=0), account=account)
    server.faults = {"/draft": [fault], "/submit": [fault]}
    run(delivery)
    account.refresh_from_db()
    assert (account.failures, delivery.retries) == (1, 1)
    run(delivery)  # the draft is there now
    account.refresh_from_db()
    assert (account.failures, delivery.retries) == (0, 1)


def test_what_goes_on_has_not_been_put_off_before(account, server):
    server.faults = {"/draft": ["asked"], "/submit": ["asked"]}
    delivery = send(signed_release(), account=account)
    for _time in range(2):
        run(delivery)
        assert delivery.put_off_s == 7


def test_who_was_found_well_after_a_rest_begins_to_count_anew(account, server):
    delivery = send(signed_release(pictures=0), account=account)
    Account.objects.update(failures=circuit_breaker.FAILURES, resting_until=an_hour_ago())
    server.faults = {"/draft": ["retry"]}
    run(delivery)
    account.refresh_from_db()
    assert (account.failures, account.resting_until) == (1, None)


# --- what the account may do --------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [None, 403], ids=["the plugin", "the platform"])
def test_what_the_account_may_do_is_asked_anew_when_the_platform_says_that_it_may_less(
    status, account, server, monkeypatch
):
    """Where nobody answers that, it is asked before the next delivery; the person is told all the same."""
    engine.run(send(signed_release(1), account=account).pk)
    monkeypatch.setitem(tiny.ERRORS, "capability", lambda: CapabilityMissing("publish", status=status))
    server.faults, asked = {"/submit": ["capability"], "/find": ["retry"]}, server.calls["/find"]
    delivery = send(signed_release(2), account=account)
    assert (run(delivery), delivery.cause) == (Phase.ATTENTION, Cause.CAPABILITY)
    account.refresh_from_db()
    assert (server.calls["/find"] - asked, account.checked_at is None) == (
        (1, True) if status else (0, False)
    )
