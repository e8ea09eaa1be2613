"""A platform that asks to wait is no platform that fails: it is left alone as it asks, on every road."""

import datetime as dt

import pytest
from django.utils import timezone
from django.utils.formats import date_format

from cms.models import Office, Role
from cms.releases import withdrawals
from publishers import accounts, engine
from publishers.distribution import correcting
from publishers.engine import circuit_breaker
from publishers.models import (
    Account,
    Cause,
    CorrectionStrategy,
    Delivery,
    DeliveryItem,
    Phase,
    QuotaUse,
    Span,
)
from publishers.people.permissions import OPERATOR
from publishers.statistics import collect
from publishers.verification import verify
from tests.factories import make_user
from tests.publishers.engine.cast import run, send, settle, signed_release
from tests.publishers.engine.clock import is_ahead, just_now
from tests.publishers.transports.pushing import KEY, partner, reached

__all__ = ["partner", "reached"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("reached")]
ASKED_S = 14
ASKED = dt.timedelta(seconds=ASKED_S)
#: More often than a failing partner is tried, and than a breaker bears.
OFTEN = 8
#: So often a withdrawal waits; then a person is told as well (engine.held_up).
SOON = 2
PUSH = "/push"
APP = "wxsandbox0001"
KINDS = ["http_429", "http_503"]
TOKEN = "/cgi-bin/stable_token"
UPLOAD, COVER = "/cgi-bin/media/uploadimg", "/cgi-bin/material/add_material"
ADD, SUBMIT, GET = "/cgi-bin/draft/add", "/cgi-bin/freepublish/submit", "/cgi-bin/freepublish/get"
DELETE, GETARTICLE = "/cgi-bin/freepublish/delete", "/cgi-bin/freepublish/getarticle"
FIGURES = "/datacube/getarticletotaldetail"


@pytest.fixture
def release(page):
    return signed_release(page.pk, pictures=1)


@pytest.fixture
def text(page):
    # The partner fetches pictures, and only what the micro-site shows can be fetched.
    return signed_release(page.pk, pictures=0)


@pytest.fixture
def wechat(office, sandbox):
    """Return an account over WeChat's interface at the sandbox; reviews take no time."""
    sandbox.settings(review_s=0)
    yield accounts.add(
        office=office,
        platform="wechat",
        name="清溪女声",
        credentials={"appid": APP, "secret": f"secret-{APP}"},
        base_url=sandbox.base_url("wechat"),
        by=OPERATOR,
    )
    sandbox.reset(accounts=True)


def busy(sandbox, path, platform="wechat", kind="http_429", times=None, seconds=ASKED_S):
    sandbox.fault(kind, platform=platform, path=path, times=times, seconds=seconds)


def waits_as_asked(delivery, times=OFTEN):
    """Run again and again, and see that it waits as long as it is asked, and is no failure."""
    for _time in range(times):
        since = just_now()
        assert run(delivery) in Delivery.OPEN, delivery.reason
        assert is_ahead(delivery.next_at, ASKED, since=since)
        assert delivery.retries == 0
        account = Account.objects.get(pk=delivery.account_id)
        assert (account.failures, account.paused_at) == (0, None)
        assert is_ahead(account.resting_until, ASKED, since=since)
        assert account.resting_until <= delivery.next_at, "its own try finds the account awake"


def put_off_for(delivery, span):
    Delivery.objects.filter(pk=delivery.pk).update(put_off_s=span.total_seconds())


# --- every road ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_partner_may_ask_to_wait_more_often_than_it_may_fail(sandbox, text, partner, kind):
    busy(sandbox, PUSH, "partner", kind)
    delivery = send(text, account=partner)
    waits_as_asked(delivery)
    sandbox.clear_faults()
    assert settle(delivery) == Phase.SETTLED
    assert len(sandbox.articles("partner", KEY)) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_correction_waits_as_it_is_asked(sandbox, page, text, partner, kind):
    assert settle(send(text, account=partner)) == Phase.SETTLED
    newer = signed_release(page.pk, pictures=0, title="山里的阅览室（更正）")
    [correction] = correcting.correct(newer, {partner: CorrectionStrategy.UPDATE}, by=OPERATOR)
    busy(sandbox, PUSH, "partner", kind)
    waits_as_asked(correction)
    sandbox.clear_faults()
    assert settle(correction) == Phase.SETTLED
    assert [each["title"] for each in sandbox.articles("partner", KEY)] == [newer.title]


@pytest.mark.parametrize("kind", KINDS)
def test_a_withdrawal_waits_as_it_is_asked(sandbox, page, text, partner, kind):
    delivery = send(text, account=partner)
    assert settle(delivery) == Phase.SETTLED
    busy(sandbox, PUSH, "partner", kind)
    withdrawals.withdraw(
        page, reason="事实有误", by=make_user("duty", Office.of_page(page), Role.DUTY_EDITOR)
    )
    waits_as_asked(delivery, times=SOON)
    assert run(delivery) == Phase.ATTENTION and delivery.next_at and delivery.retries == 0
    sandbox.clear_faults()
    assert settle(delivery) == Phase.SETTLED
    assert [each["status"] for each in sandbox.articles("partner", KEY)] == ["withdrawn"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", [TOKEN, UPLOAD, COVER, ADD, SUBMIT, GET])
def test_each_call_of_a_publication_waits_as_it_is_asked(sandbox, release, wechat, path, kind):
    if (path, kind) == (SUBMIT, "http_503"):
        # Whether it was taken is not known: the box and the list are asked instead of the call.
        busy(sandbox, path, kind=kind, times=1)
        delivery = send(release, account=wechat)
        waits_as_asked(delivery, times=1)
        assert run(delivery) in Delivery.OPEN and not sandbox.articles("wechat", APP)
        return
    busy(sandbox, path, kind=kind)
    delivery = send(release, account=wechat)
    waits_as_asked(delivery)
    sandbox.clear_faults()
    assert settle(delivery) == Phase.SETTLED
    assert len(sandbox.articles("wechat", APP)) == 1


def test_the_call_that_takes_an_article_down_waits_as_it_is_asked(sandbox, page, release, wechat):
    delivery = send(release, account=wechat)
    assert settle(delivery) == Phase.SETTLED
    busy(sandbox, DELETE)
    withdrawals.withdraw(
        page, reason="事实有误", by=make_user("duty", Office.of_page(page), Role.DUTY_EDITOR)
    )
    waits_as_asked(delivery, times=SOON)
    assert run(delivery) == Phase.ATTENTION and delivery.next_at and delivery.retries == 0
    sandbox.clear_faults()
    assert settle(delivery) == Phase.SETTLED
    assert [each["status"] for each in sandbox.articles("wechat", APP)] == ["withdrawn"]


REFUSED = {"http_429": {"kind": "http_429"}} | {
    str(code): {"kind": "error", "errcode": code} for code in (45011, 40001)
}


def used(path, span=Span.DAY) -> list[int]:
    return list(QuotaUse.objects.filter(path=path, span=span).values_list("count", flat=True))


@pytest.mark.parametrize("refusal", REFUSED.values(), ids=list(REFUSED))
@pytest.mark.parametrize("path", [ADD, SUBMIT, GET, DELETE])
def test_a_call_that_was_refused_undone_costs_nothing_of_the_quota(
    sandbox, page, release, wechat, path, refusal
):
    """Ten deletions a day would be used up by who asks ten times to wait."""
    duty = make_user("duty", Office.of_page(page), Role.DUTY_EDITOR)
    delivery = send(release, account=wechat)
    if path == DELETE:
        assert settle(delivery) == Phase.SETTLED
        withdrawals.withdraw(page, reason="事实有误", by=duty)
    sandbox.fault(platform="wechat", path=path, times=None, **refusal)
    for _time in range(OFTEN):
        run(delivery)
    assert not any(used(path))
    sandbox.clear_faults()
    assert settle(delivery) == Phase.SETTLED
    assert used(path) == [1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_look_comes_again_when_it_is_asked_to(sandbox, release, wechat, kind):
    delivery = send(release, account=wechat)
    assert settle(delivery) == Phase.SETTLED
    busy(sandbox, GETARTICLE, kind=kind, seconds=5000)
    verify.verify(delivery.pk)
    delivery.refresh_from_db()
    left_alone = delivery.look_at - timezone.now()
    assert dt.timedelta(seconds=4900) < left_alone <= dt.timedelta(seconds=5000), "not at the usual hour"
    wechat.refresh_from_db()
    assert (delivery.phase, wechat.failures, wechat.paused_at) == (Phase.SETTLED, 0, None)


@pytest.mark.parametrize("kind", KINDS)
def test_figures_are_not_asked_for_before_the_platform_wants_it(sandbox, release, wechat, kind):
    delivery = send(release, account=wechat)
    assert settle(delivery) == Phase.SETTLED
    DeliveryItem.objects.update(observed_generation=1)
    Delivery.objects.update(settled_at=timezone.now() - dt.timedelta(days=2))
    busy(sandbox, FIGURES, kind=kind, times=1, seconds=3 * 3600)
    assert collect.collect(wechat.pk) == 0 and collect.due() == []
    wechat.refresh_from_db()
    assert (wechat.failures, wechat.paused_at) == (0, None)
    Account.objects.update(figures_at=timezone.now() - dt.timedelta(minutes=1))
    assert collect.due() == [wechat.pk]


# --- everything of the account ------------------------------------------------------------------------------


def pushes(sandbox) -> int:
    return sum(each["path"] == PUSH for each in sandbox.calls("partner"))


@pytest.mark.parametrize("kind", KINDS)
def test_whom_a_partner_asks_to_wait_its_other_deliveries_leave_it_alone_too(sandbox, partner, kind):
    busy(sandbox, PUSH, "partner", kind)
    first, *others = (send(signed_release(number, pictures=0), account=partner) for number in range(1, 31))
    since = just_now()
    assert run(first) == Phase.SENDING
    for other in others:
        assert engine.run(other.pk) == Phase.SCHEDULED
    assert pushes(sandbox) == 1 and engine.sweep() == []
    account = Account.objects.get(pk=partner.pk)
    assert is_ahead(account.resting_until, ASKED, since=since) and account.failures == 0
    for other in others:
        other.refresh_from_db()
        assert other.next_at == account.resting_until and "要求" in other.reason
        assert ASKED_S - 2 <= other.put_off_s <= ASKED_S
    sandbox.clear_faults()
    for delivery in (first, *others):
        assert settle(delivery) == Phase.SETTLED


def test_a_withdrawal_that_comes_meanwhile_is_a_persons_task_and_asks_no_sooner(sandbox, page, text, partner):
    delivery = send(text, account=partner)
    assert settle(delivery) == Phase.SETTLED
    busy(sandbox, PUSH, "partner", seconds=60)
    assert run(send(signed_release(99, pictures=0), account=partner)) == Phase.SENDING
    before = pushes(sandbox)
    withdrawals.withdraw(
        page, reason="事实有误", by=make_user("duty", Office.of_page(page), Role.DUTY_EDITOR)
    )
    assert engine.run(delivery.pk) == Phase.ATTENTION
    delivery.refresh_from_db()
    assert pushes(sandbox) == before
    assert delivery.next_at == Account.objects.get(pk=partner.pk).resting_until
    sandbox.clear_faults()
    assert run(delivery) == Phase.SETTLED


def test_a_success_of_another_does_not_end_the_wait(sandbox, text, partner):
    """One in hand ends well after the platform asked another to wait."""
    circuit_breaker.rest_as_asked(partner, ASKED_S)
    Account.objects.filter(pk=partner.pk).update(failures=2)
    partner.refresh_from_db()
    circuit_breaker.close(partner)
    partner.refresh_from_db()
    assert partner.failures == 0 and partner.resting_until > timezone.now()


def test_a_shorter_wait_does_not_end_a_longer_one(partner):
    circuit_breaker.rest_as_asked(partner, 600)
    longer = partner.resting_until
    circuit_breaker.rest_as_asked(partner, ASKED_S)
    assert partner.resting_until == longer


# --- for how long -------------------------------------------------------------------------------------------


def test_who_asks_for_as_long_as_a_failing_partner_is_tried_is_given_to_a_person(sandbox, text, partner):
    busy(sandbox, PUSH, "partner")
    delivery = send(text, account=partner)
    waits_as_asked(delivery, times=1)
    put_off_for(delivery, dt.timedelta(hours=7))
    since = just_now()
    assert run(delivery) == Phase.SENDING
    # Once in 14 seconds for seven hours would be 1,800 calls.
    assert delivery.next_at - since > dt.timedelta(minutes=40)
    put_off_for(delivery, dt.timedelta(hours=7, minutes=30))
    assert run(delivery) == Phase.ATTENTION
    assert delivery.cause == Cause.RETRY and "要求" in delivery.reason
    assert delivery.put_off_s == 0, "a person's try begins anew"


def test_a_wait_of_days_is_kept_to_a_day(sandbox, text, partner):
    busy(sandbox, PUSH, "partner", seconds=10**7)
    delivery, since = send(text, account=partner), just_now()
    assert run(delivery) == Phase.SENDING
    assert is_ahead(delivery.next_at, dt.timedelta(days=1), since=since)


def test_a_partner_that_fails_between_two_requests_to_wait_is_still_counted(sandbox, text, partner):
    delivery = send(text, account=partner)
    for _time in range(5):
        sandbox.fault("http_429", platform="partner", path=PUSH, seconds=ASKED_S)
        assert run(delivery) == Phase.SENDING
        sandbox.fault("http_500", platform="partner", path=PUSH)
        assert run(delivery) == Phase.SENDING
    sandbox.fault("http_500", platform="partner", path=PUSH)
    assert run(delivery) == Phase.ATTENTION


def test_a_platform_that_names_no_time_is_asked_again_in_a_minute(sandbox, text, partner):
    sandbox.fault("http_429", platform="partner", path=PUSH)
    delivery, since = send(text, account=partner), just_now()
    assert run(delivery) == Phase.SENDING
    assert is_ahead(delivery.next_at, dt.timedelta(minutes=1), since=since) and delivery.retries == 0


def test_who_reads_the_board_learns_who_asks_and_until_when(sandbox, text, partner):
    busy(sandbox, PUSH, "partner", seconds=600)
    delivery = send(text, account=partner)
    run(delivery)
    at = date_format(timezone.localtime(delivery.next_at), "DATETIME_FORMAT")
    assert delivery.reason == f"{partner}要求稍后再来；系统将在{at}继续。"
