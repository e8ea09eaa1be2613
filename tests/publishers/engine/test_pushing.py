"""The real engine pushes to the sandbox's receiver: whatever is cut short, readers see the article once."""

import datetime as dt
import json

import pytest
import requests
import time_machine
from django.db.models import F
from django.utils import timezone

from publishers import accounts, distribution, registry
from publishers.distribution import correcting, withdrawing
from publishers.models import Account, Attempt, Cause, CorrectionStrategy, Delivery, MetricSample, Phase
from publishers.people.permissions import OPERATOR
from publishers.statistics import collect
from publishers.tasks import handle_callbacks
from publishers.verification import verify
from tests.factories import TEXT, make_image, make_section, make_story, make_user
from tests.factories_release import make_release
from tests.publishers.engine.cast import run, send, signed_release
from tests.publishers.engine.clock import is_ahead, just_now
from tests.publishers.transports.pushing import KEY, Receiver, account, partner, reached, shown, withdraw

__all__ = ["account", "partner", "reached"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("reached")]
CHINA = dt.timezone(dt.timedelta(hours=8))
PUSH = "/push"


@pytest.fixture
def release(page):
    # The sandbox fetches pictures, and only what the micro-site shows can be fetched.
    return signed_release(page.pk, pictures=0)


@pytest.fixture
def live(release, account):
    delivery = send(release, account=account)
    assert settle(delivery) == Phase.SETTLED
    return delivery


def settle(delivery):
    """Run until nobody but a person goes on."""
    for _run in range(6):
        phase = run(delivery)
        if not Delivery.objects.filter(pk=delivery.pk, next_at__isnull=False).exists():
            return phase
    return phase


def ever_seen(sandbox):
    return len(sandbox.articles("partner", KEY))


# --- one article --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["lost_answer", "http_500_after", "reset_before", "http_500"])
def test_a_call_that_was_cut_short_makes_exactly_one_article(sandbox, release, account, fault):
    sandbox.fault(fault, platform="partner", path=PUSH)
    delivery = send(release, account=account)
    assert run(delivery) == Phase.SENDING
    assert settle(delivery) == Phase.SETTLED
    assert ever_seen(sandbox) == 1
    assert delivery.items.get().url == shown(sandbox)[0]["url"]


def test_a_partner_that_publishes_at_once_needs_no_second_run(sandbox, release, account):
    sandbox.settings(push_at_once=True)
    delivery = send(release, account=account)
    assert run(delivery) == Phase.SETTLED
    assert ever_seen(sandbox) == 1
    sandbox.settings(push_at_once=False)


def is_tried_on_the_contracts_times(delivery):
    """And is then a person's."""
    for wait_s in (60, 300, 900, 3600, 21_600):
        since = just_now()
        assert run(delivery) == Phase.SENDING
        delivery.refresh_from_db()
        assert is_ahead(delivery.next_at, dt.timedelta(seconds=wait_s), since=since)
    assert run(delivery) == Phase.ATTENTION


def test_what_cannot_be_taken_is_tried_on_the_contracts_times_and_then_a_persons(sandbox, release, account):
    sandbox.fault("http_500", platform="partner", path=PUSH, times=None)
    delivery = send(release, account=account)
    is_tried_on_the_contracts_times(delivery)
    assert ever_seen(sandbox) == 0


def test_a_partner_that_asks_for_fewer_calls_is_left_alone_so_long(sandbox, release, account):
    sandbox.fault("error", platform="partner", path=PUSH, code=429, seconds=40)
    delivery, since = send(release, account=account), just_now()
    assert run(delivery) == Phase.SENDING
    delivery.refresh_from_db()
    assert is_ahead(delivery.next_at, dt.timedelta(seconds=40), since=since)
    assert settle(delivery) == Phase.SETTLED and ever_seen(sandbox) == 1


@pytest.fixture
def behind_a_gateway(account):
    """Return the server that answers for the account's partner, which was well when it was checked."""
    with Receiver() as gateway:
        accounts.renew_credentials(account, {"push_url": gateway.url}, by=OPERATOR)
        Account.objects.filter(pk=account.pk).update(checked_at=timezone.now(), capabilities=["publish"])
        yield gateway


def test_a_page_of_a_gateway_neither_refuses_an_article_nor_stops_its_account(
    release, account, behind_a_gateway
):
    """It is tried on the contract's times, and then a person reads what is in the way."""
    behind_a_gateway.answer((403, b"<html>blocked</html>"))
    delivery = send(release, account=account)
    is_tried_on_the_contracts_times(delivery)
    delivery.refresh_from_db()
    account.refresh_from_db()
    assert "HTTP 403" in delivery.reason and not account.is_paused


@pytest.mark.parametrize("status", [400, 403, 408])
def test_a_withdrawal_that_meets_a_gateway_is_a_persons_at_once_while_the_hub_goes_on(
    page, release, account, behind_a_gateway, status
):
    delivery = send(release, account=account)
    assert run(delivery) == Phase.SETTLED
    behind_a_gateway.answer((status, b"<html>blocked</html>"), (200, {"status": "withdrawn"}))
    withdraw(page)
    assert run(delivery) == Phase.ATTENTION
    delivery.refresh_from_db()
    account.refresh_from_db()
    assert delivery.next_at and delivery.deadline_at and f"HTTP {status}" in delivery.reason
    assert not account.is_paused
    assert run(delivery) == Phase.SETTLED


def test_refused_credentials_stop_the_account(sandbox, release, account):
    accounts.check(account, by=OPERATOR)
    accounts.renew_credentials(account, {"push_secret": "another"}, by=OPERATOR)
    delivery = send(release, account=account)
    assert run(delivery) == Phase.PAUSED
    account.refresh_from_db()
    assert account.is_paused and ever_seen(sandbox) == 0


def test_a_refused_article_is_told_with_the_partners_reason(sandbox, release, account):
    sandbox.fault("reject_review", platform="partner", msg="标题不合要求")
    delivery = send(release, account=account)
    assert settle(delivery) == Phase.ATTENTION
    delivery.refresh_from_db()
    assert delivery.cause == Cause.REJECTED and "标题不合要求" in delivery.reason


# --- withdraw and correct -----------------------------------------------------------------------------------


def test_what_is_withdrawn_is_taken_down(sandbox, page, live):
    withdraw(page)
    assert settle(live) == Phase.SETTLED
    assert shown(sandbox) == []


def test_what_has_arrived_unknown_to_us_is_withdrawn_without_a_person(sandbox, page, release, account):
    sandbox.fault("lost_answer", platform="partner", path=PUSH)
    delivery = send(release, account=account)
    assert run(delivery) == Phase.SENDING
    withdraw(page)
    assert settle(delivery) == Phase.SETTLED
    assert shown(sandbox) == [] and delivery.items.get().observed_generation is None


def test_what_may_still_arrive_is_a_persons_until_it_no_longer_can(sandbox, page, release, account):
    sandbox.fault("reset_before", platform="partner", path=PUSH)
    delivery = send(release, account=account)
    assert run(delivery) == Phase.SENDING
    withdraw(page)
    assert settle(delivery) == Phase.ATTENTION
    delivery.refresh_from_db()
    assert delivery.next_at and delivery.deadline_at, "the hub goes on asking, and a person is told"
    assert delivery.items.get().observed_generation
    step = Attempt.objects.get(delivery=delivery, name="withdraw")
    step.result["since"] -= 8 * 3600
    step.save()
    assert settle(delivery) == Phase.SETTLED
    assert ever_seen(sandbox) == 0 and delivery.items.get().observed_generation is None


def test_what_is_in_review_is_withdrawn_before_anybody_sees_it(sandbox, page, release, account):
    sandbox.fault("stall_review", platform="partner")
    delivery = send(release, account=account)
    assert run(delivery) == Phase.CONFIRMING
    withdraw(page)
    assert settle(delivery) == Phase.SETTLED
    sandbox.finish_reviews()
    assert ever_seen(sandbox) == 0


def test_a_lost_answer_to_a_withdrawal_is_made_good(sandbox, page, live):
    sandbox.fault("lost_answer", platform="partner", path=PUSH)
    withdraw(page)
    assert settle(live) == Phase.SETTLED
    assert shown(sandbox) == []


@pytest.mark.parametrize("fault", [None, "lost_answer", "reset_before"])
def test_a_corrected_text_stands_at_the_same_address(sandbox, page, live, account, fault):
    newer = signed_release(page.pk, pictures=0, title="山里的阅览室（更正）")
    if fault:
        sandbox.fault(fault, platform="partner", path=PUSH)
    [correction] = correcting.correct(newer, {account: CorrectionStrategy.UPDATE}, by=OPERATOR)
    assert settle(correction) == Phase.SETTLED
    [article] = shown(sandbox)
    assert article["title"] == newer.title
    assert article["url"] == live.items.get().url == correction.items.get().url
    assert ever_seen(sandbox) == 1


def test_a_withdrawn_correction_takes_the_article_down(sandbox, page, live, account):
    newer = signed_release(page.pk, pictures=0, title="山里的阅览室（更正）")
    [correction] = correcting.correct(newer, {account: CorrectionStrategy.UPDATE}, by=OPERATOR)
    assert settle(correction) == Phase.SETTLED
    withdraw(page)
    assert {settle(live), settle(correction)} == {Phase.SETTLED}
    assert shown(sandbox) == []


def test_a_newer_text_takes_the_place_of_one_that_was_given_up_and_had_arrived(
    sandbox, page, release, account
):
    sandbox.fault("lost_answer", platform="partner", path=PUSH)
    delivery = send(release, account=account)
    run(delivery)
    distribution.cancel(delivery, by=OPERATOR)
    newer = signed_release(page.pk, pictures=0, title="山里的阅览室（更正）")
    [again] = distribution.distribute([newer], [account], again=True, alike=True, by=OPERATOR)
    assert settle(again) == Phase.SETTLED, Delivery.objects.get(pk=again.pk).reason
    assert [article["title"] for article in shown(sandbox)] == [newer.title]
    assert ever_seen(sandbox) == 1


def test_a_delivery_given_up_and_made_again_meets_its_own_article(sandbox, release, account):
    sandbox.fault("lost_answer", platform="partner", path=PUSH)
    delivery = send(release, account=account)
    run(delivery)
    distribution.cancel(delivery, by=OPERATOR)
    [again] = distribution.distribute([release], [account], again=True, alike=True, by=OPERATOR)
    assert settle(again) == Phase.SETTLED
    assert ever_seen(sandbox) == 1


# --- what becomes of it -------------------------------------------------------------------------------------


def test_an_article_that_the_partner_takes_down_is_looked_at_at_once(sandbox, live):
    sandbox.send_push_callbacks()
    handle_callbacks()
    Delivery.objects.update(look_at=timezone.now() + dt.timedelta(days=1))
    sandbox.take_down("partner", KEY, live.items.get().remote["remote_id"])
    sandbox.send_push_callbacks()
    assert {tuple(each["answers"]) for each in sandbox.push_callbacks()} == {("200",)}
    handle_callbacks()
    live.refresh_from_db()
    assert live.look_at <= timezone.now()
    verify.verify(live.pk)
    live.refresh_from_db()
    assert (live.phase, live.cause) == (Phase.ATTENTION, Cause.ALTERED)
    assert "平台下架" in live.reason


@pytest.mark.parametrize("as_csv", [False, True])
def test_figures_are_kept_with_the_call_that_told_them(sandbox, live, account, as_csv):
    sandbox.settings(push_figures_csv=as_csv)
    now = dt.datetime.now(CHINA)
    morning = (now + dt.timedelta(days=2)).replace(hour=9, minute=0, second=0)
    sandbox.settings(clock_offset_s=int((morning - now).total_seconds()))
    with time_machine.travel(morning, tick=True):
        assert account.pk in collect.due()
        assert collect.collect(account.pk) == 4
        assert collect.collect(account.pk) == 0, "what is known is not asked for again"
    samples = MetricSample.objects.filter(item=live.items.get())
    assert {sample.name for sample in samples} == {"reads", "likes", "shares", "comments"}
    assert {(sample.source, sample.day) for sample in samples} == {
        ("partner stats", (morning - dt.timedelta(days=1)).date())
    }
    sandbox.settings(clock_offset_s=0, push_figures_csv=False)


def test_figures_are_asked_only_on_ways_that_give_them(account, office):
    Account.objects.filter(pk=account.pk).update(transport="manual")
    assert account.pk not in collect.due()


def illustrated(office):
    picture = {"image": make_image(), "alt": "书架前的孩子", "credit": "李梅摄", "caption": ""}
    return make_story(make_section(office), make_user("author"), body=[*TEXT, ("image", picture)])


@pytest.mark.parametrize("by", ["the partner", "a person"])
def test_pictures_stay_for_the_partner_after_a_withdrawal_and_for_nobody_after_a_month(
    sandbox, office, account, by
):
    story = illustrated(office)
    delivery = send(make_release(story), account=account)
    assert settle(delivery) == Phase.SETTLED
    [picture] = json.loads(bytes(delivery.items.get().payload))["article"]["images"]
    if by == "a person":
        sandbox.fault("error", platform="partner", path=PUSH, code=422, times=None)
    withdraw(story)
    settle(delivery)
    if by == "a person":
        withdrawing.confirm_gone(delivery, by=OPERATOR)
    elsewhere = {"Referer": "https://partner.example/console"}
    assert requests.get(picture["url"], headers=elsewhere, timeout=20).status_code == 200
    a_month = dt.timedelta(days=31)
    Attempt.objects.update(begun_at=F("begun_at") - a_month)
    Delivery.objects.update(settled_at=F("settled_at") - a_month)
    assert requests.get(picture["url"], timeout=20).status_code == 404


@pytest.mark.parametrize("slug", ["toutiao", "penguin", "netease", "nanfang", "yidian"])
def test_every_platforms_own_rendering_arrives_with_its_pictures(office, sandbox, slug):
    if "push" not in registry.get(slug).platform.transports:
        pytest.skip(f"{slug} does not take our push.")
    sandbox.settings(review_s=0)
    url, key = f"{sandbox.base_url(slug)}/push", f"{slug}sandbox0001"
    account = accounts.add(
        office=office,
        platform=slug,
        name="岭南女声",
        transport="push",
        credentials={"push_url": url, "push_key": key, "push_secret": f"secret-{key}"},
        by=OPERATOR,
    )
    delivery = send(make_release(illustrated(office)), account=account)
    for _run in range(4):
        run(delivery)
        # Pictures are fetched while the partner reviews.
        sandbox.finish_reviews()
    assert settle(delivery) == Phase.SETTLED
    [article] = sandbox.articles(slug, key)
    assert article["status"] == "live" and f"/{slug}/image/" in article["content"] + article["cover_url"]
    sandbox.reset(accounts=True)
