"""A partner over real HTTP, from the signed text to its readers' page and back, on two platforms."""

import datetime as dt

import pytest
import requests
import time_machine
from django.utils import timezone

from cms.document.china import CHINA
from cms.models import Release, Role
from cms.releases import withdrawals as cms_withdrawing
from publishers import accounts, engine, feeds
from publishers.distribution import correcting
from publishers.feeds.pictures import promised
from publishers.models import CorrectionStrategy, Delivery, FeedEntry, MetricSample, Phase
from publishers.models.addresses import callback_url
from publishers.people.permissions import OPERATOR
from publishers.statistics import collect
from publishers.tasks import handle_callbacks
from readers.snapshots import snapshots
from tests.factories import make_user
from tests.publishers.engine.cast import make_due, send, signed_release
from tests.triggers import lifted

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "s3cret"


@pytest.fixture(autouse=True)
def served_at(settings, live_server):
    settings.PUBLIC_URL = live_server.url


@pytest.fixture(params=[("toutiao", "json"), ("nanfang", "xml")], ids="-".join)
def place(request, office, sandbox):
    """Return an account by feed, and the partner that has subscribed to it."""
    platform, form = request.param
    sandbox.add_account(platform, "reader", SECRET, "岭南女声")
    account = accounts.add(
        office=office,
        platform=platform,
        name="岭南女声",
        base_url=sandbox.base_url(platform),
        transport="feed",
        credentials={"callback_secret": SECRET},
        by=OPERATOR,
    )
    sandbox.subscribe(platform, "reader", feeds.address_of(account, form), callback_url(account.pk))
    yield account
    sandbox.reset(accounts=True)
    sandbox.clear_faults()


def sign(page, title):
    """Sign a text with a picture, and show it to readers of the micro-site."""
    release = signed_release(page.pk, title=title)
    snapshots.make(release, None)
    return release


@pytest.fixture
def release(page):
    return sign(page, "山里的阅览室")


@pytest.fixture
def withdraw(page, office):
    duty = make_user("duty", office, Role.DUTY_EDITOR)
    return lambda: cms_withdrawing.withdraw(page, reason="事实有误", by=duty)


@pytest.fixture
def delivery(place, release):
    made = send(release, account=place)
    assert engine.run(made.pk) == Phase.CONFIRMING
    return made


def bring_on(delivery) -> str:
    handle_callbacks()
    make_due(delivery)
    return engine.run(delivery.pk)


def article(sandbox):
    [found] = sandbox.articles()
    return found


def test_an_article_reaches_readers_and_comes_back_with_its_address(sandbox, delivery, release):
    [read] = sandbox.read_feeds()
    assert (read["answer"], read["changed"]) == ("200", 1)
    found = article(sandbox)
    assert found["title"] == release.title and found["cover_url"]
    assert found["via"] == "feed"
    assert found["source_url"].startswith("http") and "/r/" in found["source_url"]
    assert bring_on(delivery) == Phase.SETTLED
    [item] = delivery.items.all()
    assert item.url == found["url"]
    shown = requests.get(item.url, timeout=20)
    assert shown.status_code == 200 and release.title in shown.text
    assert [told["answer"] for told in sandbox.feeds()["callbacks"]] == ["200"]


def test_a_partners_figures_are_asked_signed_as_its_callbacks(sandbox, place, delivery):
    sandbox.read_feeds()
    assert bring_on(delivery) == Phase.SETTLED
    now = dt.datetime.now(CHINA)
    morning = (now + dt.timedelta(days=2)).replace(hour=9, minute=0, second=0)
    sandbox.settings(clock_offset_s=int((morning - now).total_seconds()))
    with time_machine.travel(morning, tick=True):
        assert collect.collect(place.pk) == 0, "the partner has named no address"
        known = {"figures_url": f"{sandbox.base_url(place.platform)}/push", "figures_key": "reader"}
        accounts.renew_credentials(place, known, by=OPERATOR)
        assert collect.collect(place.pk) == 4
        accounts.renew_credentials(place, {"callback_secret": "another"}, by=OPERATOR)
        MetricSample.objects.all().delete()
        assert collect.collect(place.pk) == 0, "what is not proved is refused"
    sandbox.settings(clock_offset_s=0)


def test_an_unchanged_feed_is_not_read_again(sandbox, delivery):
    sandbox.read_feeds()
    [again] = sandbox.read_feeds()
    assert (again["answer"], again["changed"]) == ("304", 0)


def test_a_partner_that_takes_everything_twice_shows_it_once(sandbox, delivery):
    sandbox.fault("feed_twice")
    sandbox.read_feeds()
    assert len(sandbox.articles()) == 1


def test_a_correction_changes_the_article_at_its_address(sandbox, place, delivery, page):
    sandbox.read_feeds()
    bring_on(delivery)
    url = article(sandbox)["url"]
    [newer] = correcting.correct(sign(page, "更正后的标题"), {place: CorrectionStrategy.UPDATE}, by=OPERATOR)
    engine.run(newer.pk)
    sandbox.read_feeds()
    found = article(sandbox)
    assert (found["title"], found["url"], found["remote_ids"]["version"]) == ("更正后的标题", url, 2)
    assert bring_on(newer) == Phase.SETTLED


def test_a_partner_that_ignores_updates_is_not_believed_to_have_them(sandbox, place, delivery, page):
    sandbox.read_feeds()
    bring_on(delivery)
    [corrected] = correcting.correct(
        sign(page, "更正后的标题"), {place: CorrectionStrategy.UPDATE}, by=OPERATOR
    )
    engine.run(corrected.pk)
    sandbox.fault("feed_ignores_updates")
    sandbox.read_feeds()
    assert bring_on(corrected) == Phase.CONFIRMING


def test_a_withdrawal_reaches_the_readers_and_is_done_by_the_partners_word(sandbox, delivery, withdraw):
    sandbox.read_feeds()
    bring_on(delivery)
    url = article(sandbox)["url"]
    withdraw()
    assert bring_on(delivery) == Phase.ATTENTION, "not gone before the partner or a person says so"
    sandbox.read_feeds()
    assert article(sandbox)["status"] == "withdrawn"
    assert requests.get(url, timeout=20).status_code == 410
    assert bring_on(delivery) == Phase.SETTLED
    delivery.refresh_from_db()
    assert delivery.is_gone


def test_a_partner_that_ignores_the_withdrawal_leaves_a_persons_task(sandbox, delivery, withdraw):
    sandbox.read_feeds()
    bring_on(delivery)
    withdraw()
    bring_on(delivery)
    sandbox.fault("feed_ignores_withdrawals")
    sandbox.read_feeds()
    assert bring_on(delivery) == Phase.ATTENTION
    assert article(sandbox)["status"] == "live"


def test_pictures_stay_for_the_partner_after_the_withdrawal_and_for_nobody_after_a_month(
    sandbox, delivery, withdraw
):
    pictures = [each["url"] for each in FeedEntry.objects.get().content["images"]]
    withdraw()
    bring_on(delivery)
    elsewhere = {"Referer": "https://partner.example/console"}
    assert len(pictures) == 1
    assert {requests.get(url, headers=elsewhere, timeout=20).status_code for url in pictures} == {200}
    FeedEntry.objects.update(changed_at=FeedEntry.objects.get().changed_at - dt.timedelta(days=31))
    assert {requests.get(url, timeout=20).status_code for url in pictures} == {404}


@pytest.mark.parametrize("settled", [{"days": 29}, {"days": 31}, None], ids=str)
@pytest.mark.parametrize("transport", ["push", "api"])
def test_of_what_is_down_pictures_stay_for_whom_it_was_pushed_to_a_month(
    delivery, withdraw, transport, settled
):
    """A person took it down: no call tells when."""
    [sha256] = [each["sha256"] for each in FeedEntry.objects.get().content["images"]]
    FeedEntry.objects.all().delete()
    delivery.attempts.all().delete()
    settled_at = settled and timezone.now() - dt.timedelta(**settled)
    Delivery.objects.update(transport=transport, settled_at=settled_at)
    is_kept = transport == "push" and settled == {"days": 29}
    assert bool(promised(sha256)) == is_kept
    delivery.items.update(observed_generation=1)
    assert bool(promised(sha256)) == (transport == "push"), "while it is there"


def test_a_picture_is_promised_by_a_genuine_release_only(sandbox, delivery, release, withdraw):
    [address] = [each["url"] for each in FeedEntry.objects.get().content["images"]]
    withdraw()
    bring_on(delivery)
    with lifted():
        Release.objects.filter(pk=release.pk).update(title="别的标题")
    assert requests.get(address, timeout=20).status_code == 404
