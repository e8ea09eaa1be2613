"""Each rule holds on every way by which a text leaves: distributed, composed anew, as a correction."""

import datetime as dt
from itertools import count

import pytest
from django.utils.translation import override
from wagtail.models import Page

from cms.models import Role
from cms.refusals import Refused
from cms.releases import withdrawals
from cms.releases.sign_off import release_signed
from publishers import distribution
from publishers.distribution import correcting, editions
from publishers.models import Attempt, CorrectionStrategy, Delivery, DeliveryItem, Outcome
from publishers.people.permissions import OPERATOR
from publishers.people.refusals import PerhapsThere
from tests.factories import make_office, make_user
from tests.publishers.engine.cast import send, signed_release
from tests.publishers.engine.clock import an_hour_ago, in_an_hour
from tests.publishers.engine.conftest import account, ground, page, server

__all__ = ["account", "ground", "page", "server"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english(settings):
    settings.LANGUAGE_CODE = "en"
    with override("en"):
        yield


@pytest.fixture
def office(db, ground):
    return make_office("province", name="广东省妇联")


def distribute(account, *releases, **given):
    distribution.distribute(releases, [account], alike=True, by=OPERATOR, **given)


def recompose(account, *releases, **given):
    standing_in = signed_release(next(_pages), title="早先编好的", pictures=0)
    edition = send(standing_in, account=account, at=in_an_hour())
    editions.recompose(edition, releases, alike=True, by=OPERATOR, **given)


def correct(account, release):
    correcting.correct(release, {account: CorrectionStrategy.BY_HAND}, by=OPERATOR)


def text(way, account, page):
    """Return the page's newest text; one that is to be corrected is on the account already."""
    if way is correct:
        send(signed_release(page.pk, title="有错的", pictures=0), account=account)
    return signed_release(page.pk, pictures=0)


_pages = count(900)
ALL = (distribute, recompose, correct)
SENDING = (distribute, recompose)


def refused(way, account, *releases, match, error=Refused, **given):
    before = list(DeliveryItem.objects.filter(release__in=releases).values_list("pk"))
    with pytest.raises(error, match=match):
        way(account, *releases, **given)
    assert list(DeliveryItem.objects.filter(release__in=releases).values_list("pk")) == before


@pytest.mark.parametrize("way", ALL)
def test_each_way_is_open_to_what_is_signed(way, account, page):
    release = text(way, account, page)
    way(account, release)
    assert DeliveryItem.objects.filter(release=release, wanted=True).exists()


@pytest.mark.parametrize("way", ALL)
def test_what_is_withdrawn_does_not_leave(way, account, office, page):
    release = text(way, account, page)
    duty = make_user("duty", office, Role.DUTY_EDITOR)
    withdrawals.withdraw(Page.objects.get(pk=page.pk), reason="写错了。", by=duty)
    refused(way, account, release, match="withdrawn")


@pytest.mark.parametrize("way", ALL)
def test_what_was_not_signed_so_does_not_leave(way, account, page):
    release = text(way, account, page)
    release.title = "没有人签过的题目"
    refused(way, account, release, match="Only what was signed off")


@pytest.mark.parametrize("way", SENDING)
def test_an_earlier_text_than_the_newest_does_not_leave(way, account):
    earlier = signed_release(pictures=0)
    signed_release(pictures=0, title="更正")
    refused(way, account, earlier, match="has been corrected")


@pytest.mark.parametrize("way", SENDING)
def test_what_is_there_or_on_its_way_does_not_leave_again(way, account):
    release = signed_release(pictures=0)
    send(release, account=account, at=in_an_hour())
    refused(way, account, release, match="is on 南粤女声 or on its way there already")


@pytest.mark.parametrize("way", SENDING)
def test_what_may_be_there_leaves_only_when_somebody_has_looked(way, account):
    release = signed_release(pictures=0)
    halfway = send(release, account=account, at=in_an_hour())
    row = {"generation": 1, "name": "draft", "input_sha256": "", "begun_at": an_hour_ago()}
    Attempt.objects.create(delivery=halfway, outcome=Outcome.UNKNOWN, **row)
    distribution.cancel(halfway, by=OPERATOR)
    refused(way, account, release, match="cancelled halfway", error=PerhapsThere)
    way(account, release, again=True)
    assert DeliveryItem.objects.filter(release=release, wanted=True).exists()


@pytest.mark.parametrize("way", SENDING)
def test_no_more_leave_together_than_the_platform_takes(way, account):
    three = [signed_release(page_id, pictures=0) for page_id in (20, 21, 22)]
    refused(way, account, *three, match="at most 2")


@pytest.mark.parametrize("way", SENDING)
def test_nothing_leaves_before_readers_may_see_it(way, account):
    until = in_an_hour() + dt.timedelta(hours=1)
    way(account, signed_release(30, pictures=0, public_from=until), at=in_an_hour())
    assert Delivery.objects.get(items__release__page_id=30).due_at == until


@pytest.mark.parametrize("way", SENDING)
def test_a_time_without_its_zone_is_a_mistake_of_the_caller(way, account):
    naive = in_an_hour().replace(tzinfo=None)
    refused(way, account, signed_release(pictures=0), match="zone", error=ValueError, at=naive)


@pytest.mark.parametrize("signal", [release_signed, withdrawals.release_withdrawn])
def test_readers_are_told_before_the_deliveries(signal):
    told = [receiver().__module__.split(".")[0] for _key, receiver, *_more in signal.receivers]
    assert told == sorted(told, reverse=True) and set(told) == {"readers", "publishers"}
