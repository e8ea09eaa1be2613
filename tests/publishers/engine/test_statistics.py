"""Figures: from the sandbox's numbers into samples, in pieces that survive an interruption."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from publishers import accounts
from publishers.models import Account, Delivery, DeliveryItem, MetricSample, Phase
from publishers.people.permissions import OPERATOR
from publishers.platforms.wechat.statistics import SOURCE
from publishers.statistics import collect, manual_entry
from tests.publishers.engine.cast import send, settle, signed_release

pytestmark = pytest.mark.django_db(transaction=True)
CHINA = dt.timezone(dt.timedelta(hours=8))
CALL = "/datacube/getarticletotaldetail"


@pytest.fixture
def account(office, sandbox):
    sandbox.reset(accounts=True)
    sandbox.settings(review_s=0, token_ttl_s=10**7)
    sandbox.add_account("wechat", "wx-figures", "s3cret", "榕溪县女声")
    yield accounts.add(
        office=office,
        platform="wechat",
        name="榕溪县女声",
        base_url=sandbox.base_url("wechat"),
        credentials={"appid": "wx-figures", "secret": "s3cret"},
        by=OPERATOR,
    )
    sandbox.reset(accounts=True)


@pytest.fixture
def live(account, release):
    delivery = send(release, account=account)
    assert settle(delivery) == Phase.SETTLED
    return delivery.items.get()


def days_later(sandbox, days, hour=10):
    """Move the sandbox's clock, and return a context in which it is ours, too."""
    now = dt.datetime.now(CHINA)
    then = (now + dt.timedelta(days=days)).replace(hour=hour, minute=0, second=0)
    sandbox.settings(clock_offset_s=int((then - now).total_seconds()))
    return time_machine.travel(then, tick=True)


def asked(sandbox):
    return [call["request"]["json"]["begin_date"] for call in sandbox.calls("wechat", "wx-figures", CALL)]


def test_each_day_is_kept_with_where_it_comes_from(account, live, sandbox):
    with days_later(sandbox, 3):
        assert collect.collect(account.pk) > 0
    reads = MetricSample.objects.filter(item=live, name="read_users").order_by("day")
    first, *others = reads
    assert len(others) == 2 and [sample.value for sample in reads] == [first.value * n for n in (1, 2, 3)]
    assert {sample.source for sample in reads} == {SOURCE} and all(sample.is_final for sample in reads)
    names = set(MetricSample.objects.values_list("name", flat=True))
    assert names == {"read_users", "shares", "wows", "likes", "favourites", "comments"}


def test_what_is_known_is_not_asked_for_again_that_day(account, live, sandbox):
    with days_later(sandbox, 2):
        collect.collect(account.pk)
        calls = len(asked(sandbox))
        assert collect.collect(account.pk) == 0
    assert len(asked(sandbox)) == calls


def test_what_a_person_brought_does_not_keep_the_platform_from_being_asked(account, live, sandbox):
    with days_later(sandbox, 2):
        yesterday = timezone.now().astimezone(CHINA).date() - dt.timedelta(days=1)
        manual_entry.enter(live, yesterday, {"reads": 5}, by=OPERATOR)
        line = manual_entry.Line(2, "山里的阅览室", live, yesterday, {"reads": 6})
        manual_entry.take(account, [line], filename="figures.csv", by=OPERATOR)
        assert collect.collect(account.pk) > 0
    sources = MetricSample.objects.filter(day=yesterday).values_list("source", flat=True)
    assert set(sources) == {SOURCE, manual_entry.ENTERED, manual_entry.IMPORTED}


def test_what_may_still_change_is_asked_for_again_and_becomes_final(account, live, sandbox):
    sandbox.settings(wechat_figures_delayed=True)
    with days_later(sandbox, 1):
        collect.collect(account.pk)
        assert not MetricSample.objects.filter(is_final=True).exists()
        kept = MetricSample.objects.count()
        sandbox.settings(wechat_figures_delayed=False)
        collect.collect(account.pk)
    assert MetricSample.objects.filter(is_final=True).count() == kept == MetricSample.objects.count()


def test_what_was_final_stays_when_the_platform_tells_the_day_again(account, live, sandbox):
    with days_later(sandbox, 1):
        collect.collect(account.pk)
    final = MetricSample.objects.filter(is_final=True)
    final.update(value=10**9)
    known = set(final.values_list("pk", flat=True))
    with days_later(sandbox, 2):
        assert collect.collect(account.pk) > 0
    assert known and set(final.filter(value=10**9).values_list("pk", flat=True)) == known


@pytest.mark.parametrize("hindrance", [{"errcode": 61503}, {"errcode": 45009}, {"errcode": 48001}, {}])
def test_whatever_hinders_it_the_rest_is_made_good_later(account, release, live, sandbox, hindrance):
    other = send(signed_release(page_id=8, title="另一篇"), account=account)
    settle(other)
    Delivery.objects.filter(pk=other.pk).update(
        due_at=timezone.now() - dt.timedelta(days=1), settled_at=timezone.now() - dt.timedelta(days=1)
    )
    kind = "error" if hindrance else "http_500"
    sandbox.fault(kind, platform="wechat", path=CALL, skip=1, **hindrance)
    with days_later(sandbox, 1):
        kept = collect.collect(account.pk)
        assert kept and len(asked(sandbox)) >= 1
    with days_later(sandbox, 2):
        collect.collect(account.pk)
    assert MetricSample.objects.filter(item=live).values("day").distinct().count() == 2


def test_a_day_that_is_not_ready_does_not_keep_the_days_before_it(account, live, sandbox):
    settled = timezone.now() - dt.timedelta(days=1)
    Delivery.objects.update(due_at=settled, settled_at=settled)
    other = send(signed_release(page_id=8, title="另一篇"), account=account)
    settle(other)
    sandbox.fault("error", platform="wechat", path=CALL, errcode=61503)
    with days_later(sandbox, 1):
        collect.collect(account.pk)
    assert len(asked(sandbox)) == 2


def test_before_the_figures_are_ready_nothing_is_kept_and_nothing_raised(account, live, sandbox):
    with days_later(sandbox, 1, hour=7):
        assert collect.collect(account.pk) == 0


def test_an_article_without_msg_data_id_is_left_out(account, live, sandbox):
    DeliveryItem.objects.update(remote={"article_id": "A", "index": 1})
    with days_later(sandbox, 1):
        assert collect.collect(account.pk) == 0


def test_an_article_sent_to_followers_learns_its_address(account, live, sandbox):
    DeliveryItem.objects.update(url="")
    with days_later(sandbox, 1):
        collect.collect(account.pk)
    live.refresh_from_db()
    [article] = sandbox.articles("wechat", "wx-figures")
    assert live.url == article["url"]


@pytest.mark.parametrize(("days", "calls"), [(30, 1), (31, 0), (35, 0)])
def test_an_article_is_followed_for_thirty_days_and_costs_nothing_after(account, live, sandbox, days, calls):
    """Thirty days in China, whatever the hour at which it went out."""
    settled = dt.datetime.now(CHINA).replace(hour=0, minute=30)
    Delivery.objects.update(due_at=settled, settled_at=settled)
    with days_later(sandbox, days):
        collect.collect(account.pk)
    assert len(asked(sandbox)) == calls


@pytest.mark.parametrize("hour", [3, 20])
def test_what_went_out_on_its_day_is_asked_about_under_that_day_in_china_only(account, live, sandbox, hour):
    due = dt.datetime.now(CHINA).replace(hour=hour)
    Delivery.objects.update(due_at=due, settled_at=due.replace(hour=21))
    with days_later(sandbox, 1, hour=hour):
        collect.collect(account.pk)
    assert asked(sandbox) == [due.date().isoformat()]


@pytest.mark.parametrize("field", ["paused_at", "resting_until", "figures_at"])
def test_accounts_are_found_in_one_query_and_those_left_that_are_asked_nothing(
    account, django_assert_num_queries, field
):
    with django_assert_num_queries(1):
        assert collect.due() == [account.pk]
    Account.objects.update(**{field: timezone.now() + dt.timedelta(hours=1)})
    assert collect.due() == []
    if field != "paused_at":
        Account.objects.update(**{field: timezone.now() - dt.timedelta(hours=1)})
        assert collect.due() == [account.pk]


@pytest.mark.parametrize("hour", [3, 20])
def test_a_long_review_lets_the_days_before_be_asked_for_but_no_more_than_three(account, live, sandbox, hour):
    """The platform counts from the day on which it published, in China, which may be earlier than ours."""
    settled = dt.datetime.now(CHINA).replace(hour=hour)
    Delivery.objects.update(due_at=settled - dt.timedelta(days=10), settled_at=settled)
    with days_later(sandbox, 1):
        collect.collect(account.pk)
    days = [settled.date() - dt.timedelta(days=back) for back in range(4)]
    assert asked(sandbox) == [day.isoformat() for day in days]
