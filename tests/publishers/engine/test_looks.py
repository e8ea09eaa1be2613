"""When a look is made, what it makes of what it is told, and what a person's word about it covers."""

import dataclasses
import datetime as dt

import pytest
from django.utils import timezone

from cms.refusals import Refused
from publishers import engine
from publishers.accounts import quotas
from publishers.distribution import correcting
from publishers.interface import PermanentError, Quota, QuotaExceeded, Retry, Shown
from publishers.models import (
    Account,
    Cause,
    CorrectionStrategy,
    Delivery,
    DeliveryItem,
    Desired,
    Phase,
    Seen,
    Sighting,
)
from publishers.people.permissions import OPERATOR
from publishers.verification import sightings, verify
from tests.publishers.engine.cast import run, send, signed_release
from tests.publishers.engine.clock import HOUR, an_hour_ago, in_an_hour, is_ahead, just_now
from tests.publishers.engine.test_verification import (
    TEXT,
    Asking,
    delivery,
    later,
    look,
    page_of,
    platform,
    seen,
    show,
    withdrawn,
)

__all__ = ["delivery", "platform", "withdrawn"]
pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.timedelta(days=1)
NO_CALL = PermanentError("no such call")


# --- when ---------------------------------------------------------------------------------------------------


def test_the_longest_waiting_is_looked_at_first(platform, account, server):
    made = [send(signed_release(number, pictures=0), account=account) for number in (1, 2, 3)]
    for each, hours in zip(made, (1, 3, 2), strict=True):
        run(each)
        Delivery.objects.filter(pk=each.pk).update(look_at=timezone.now() - hours * HOUR)
    assert verify.due() == [made[1].pk, made[2].pk, made[0].pk]


def test_what_a_worker_has_in_hand_is_not_looked_at(platform, withdrawn):
    """Its look would overtake the worker."""
    Delivery.objects.filter(pk=withdrawn.pk).update(
        phase=Phase.ATTENTION, lease_until=in_an_hour(), look_at=an_hour_ago()
    )
    fence = Delivery.objects.get(pk=withdrawn.pk).fence
    assert verify.due() == [] and look(withdrawn).fence == fence
    Delivery.objects.filter(pk=withdrawn.pk).update(lease_until=an_hour_ago())
    assert verify.due() == [withdrawn.pk]


def test_what_a_corrected_text_has_replaced_is_looked_at_no_more(platform, delivery):
    platform.shown = Shown(True, "更正")
    delivery.items.update(wanted=False, observed_generation=None)
    assert look(delivery).look_at is None and delivery.phase == Phase.SETTLED and seen(delivery) == []


@pytest.mark.parametrize(
    ("until", "waits"),
    [(-HOUR, HOUR), (5 * HOUR, 5 * HOUR), (400 * DAY, 31 * DAY)],
    ids=["past", "soon", "in more than a year"],
)
def test_a_quota_is_waited_for_an_hour_at_least_and_a_month_at_most(platform, delivery, until, waits):
    since = just_now()
    platform.error = QuotaExceeded("used up", until=timezone.now() + until)
    assert abs(look(delivery).look_at - since - waits) < HOUR / 2


def test_a_quota_that_ends_at_no_moment_changes_no_look(platform, delivery):
    platform.error = QuotaExceeded("used up", until=in_an_hour().replace(tzinfo=None))
    later(delivery, minutes=1)
    assert look(delivery).look_at == delivery.settled_at + HOUR


@pytest.mark.parametrize(("days", "waits"), [(0, dt.timedelta(minutes=1)), (30, DAY / 10)])
def test_a_platform_that_asks_to_wait_is_looked_at_ever_more_rarely_within_bounds(
    platform, delivery, days, waits
):
    platform.error = Retry("busy", after=60)
    later(delivery, days=days)
    since = just_now()
    assert is_ahead(look(delivery).look_at, waits, since=since) and seen(delivery)


# --- what is believed ---------------------------------------------------------------------------------------


def test_a_look_that_may_not_be_made_uses_up_nobodys_quota(delivery, monkeypatch, account):
    monkeypatch.setitem(verify.registry._publishers, "tiny", Asking())
    look(delivery)
    quotas.spend(account, Quota("/find", per_day=1, kept=1))


def test_an_account_whose_credentials_cannot_be_read_keeps_nobody_from_the_page(delivery, account):
    Account.objects.filter(pk=account.pk).update(credentials=b"of another key")
    assert look(delivery).phase == Phase.SETTLED and seen(delivery) == [Seen.LIVE]


@pytest.mark.parametrize("answer", [None, ("title", None), ZeroDivisionError()])
def test_a_plugin_that_cannot_say_what_was_sent_leaves_the_title_to_be_looked_for(
    platform, delivery, server, monkeypatch, answer
):
    def sent(payload):
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(platform, "sent", sent, raising=False)
    platform.error = NO_CALL
    assert look(delivery).phase == Phase.SETTLED and seen(delivery) == [Seen.UNCLEAR]


def test_a_page_is_asked_for_where_only_the_article_names_its_host(platform, delivery, account):
    """As where a person recorded the address, of an account without one."""
    platform.error = NO_CALL
    Account.objects.filter(pk=account.pk).update(base_url="")
    assert look(delivery).phase == Phase.SETTLED and seen(delivery) == [Seen.LIVE]


def test_what_is_withdrawn_anew_is_known_by_the_text_that_went_out(platform, withdrawn, server):
    platform.error = NO_CALL
    withdrawn.items.update(observed_generation=2)
    Delivery.objects.filter(pk=withdrawn.pk).update(generation=2)
    show(server, withdrawn, 200, TEXT)
    assert look(withdrawn).phase == Phase.ATTENTION and seen(withdrawn) == [Seen.LIVE]


def test_however_much_a_platform_says_it_is_kept_and_told(platform, delivery, server):
    platform.shown = Shown(False, reason="\0" + "违规" * 500)
    to = "/" + "x" * 1500
    show(server, delivery, 302, to)
    server.pages[to] = (404, "")
    later(delivery, days=1)
    assert look(delivery).phase == Phase.ATTENTION
    [sighting] = Sighting.objects.all()
    assert (len(sighting.url), len(sighting.words), len(delivery.reason)) == (1000, 500, 500)
    assert "\0" not in sighting.words + delivery.reason


# --- what was to go -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "phase"), [(23, Phase.SETTLED), (25, Phase.ATTENTION)], ids=["within a day", "after it"]
)
@pytest.mark.parametrize("url", ["as it was", ""], ids=["an address", "none"])
def test_what_stays_unclear_is_a_persons_after_a_day_where_there_is_anything_to_look_at(
    platform, withdrawn, server, hours, phase, url
):
    platform.error = NO_CALL
    show(server, withdrawn, 200, "<p>请完成验证</p>")
    if not url:
        withdrawn.items.update(url="")
    later(withdrawn, hours=hours)
    assert look(withdrawn).phase == (phase if url else Phase.SETTLED)


def test_whoever_is_told_that_it_is_still_there_need_not_say_when_it_is_gone(platform, withdrawn, server):
    """The hub looks every quarter of an hour; of what was altered it looks when she has answered."""
    platform.shown, since = Shown(True), just_now()
    assert look(withdrawn).phase == Phase.ATTENTION
    assert is_ahead(withdrawn.look_at, verify.NOTICE, since=since)


def test_what_was_altered_is_looked_at_again_when_a_person_has_answered(platform, delivery):
    platform.shown = Shown(True, "别的标题")
    assert look(delivery).phase == Phase.ATTENTION and delivery.look_at is None


def recorded(platform, item):
    """A person published it: there is nothing by which a call could name it."""
    DeliveryItem.objects.filter(pk=item.pk).update(remote={})


def only_published(platform, item):
    platform.platform = dataclasses.replace(platform.platform, can_withdraw=False)


@pytest.mark.parametrize("of", [recorded, only_published])
def test_what_no_call_can_take_down_is_not_taken_down_again_by_one(platform, withdrawn, of):
    of(platform, withdrawn.items.get())
    platform.shown = Shown(True)
    assert look(withdrawn).phase == Phase.ATTENTION and withdrawn.generation == 1
    assert engine.sweep() == []


def test_of_an_edition_what_was_altered_is_never_taken_down_for_it(platform, account, server, duty):
    edition = [signed_release(number, pictures=0) for number in (1, 2)]
    made = send(*edition, account=account)
    run(made)
    platform.shown = Shown(True, "别的标题")
    assert look(made).phase == Phase.ATTENTION and made.generation == 1 and engine.sweep() == []


@pytest.fixture
def held_up(platform, delivery, server, duty):
    """What is withdrawn and could not be taken down: a person's task, while the hub looks."""
    server.faults["/state"] = ["permanent"]
    items = delivery.items.all()
    DeliveryItem.objects.filter(pk__in=items.values("pk")).update(desired=Desired.GONE)
    Delivery.objects.filter(pk=delivery.pk).update(phase=Phase.SENDING, next_at=an_hour_ago(), wishes=2)
    assert run(delivery) == Phase.ATTENTION
    return delivery


def test_what_the_platform_still_shows_is_not_believed_gone_for_its_pages_sake(platform, held_up, server):
    platform.shown = Shown(True)
    show(server, held_up, 404)
    assert look(held_up).phase == Phase.ATTENTION and seen(held_up) == [Seen.LIVE]
    platform.shown = Shown(False)
    Delivery.objects.filter(pk=held_up.pk).update(look_at=an_hour_ago())
    assert look(held_up).phase == Phase.SETTLED and held_up.is_gone


@pytest.mark.parametrize("rest", ["going", "unsent", "gone"])
def test_a_task_of_an_edition_ends_when_nothing_of_it_is_left_to_do(platform, held_up, server, account, rest):
    second = DeliveryItem.objects.create(
        delivery=held_up, account=account, position=1, release=signed_release(8, pictures=0)
    )
    if rest != "unsent":
        first = held_up.items.first()
        values = {"desired": Desired.GONE, "remote": first.remote, "observed_generation": 1}
        DeliveryItem.objects.filter(pk=second.pk).update(**values, url=first.url)
    platform.look = lambda job: [Shown(item.pk == second.pk and rest == "going") for item in job.items]
    server.pages = {}
    assert look(held_up).phase == (Phase.SETTLED if rest == "gone" else Phase.ATTENTION)
    assert held_up.items.filter(wanted=True).exists() is (rest != "gone")


def test_the_correction_goes_on_at_once_when_the_hub_sees_that_the_earlier_text_is_down(
    platform, page, account, server
):
    earlier = send(signed_release(page.pk, pictures=0), account=account)
    run(earlier)
    newer = signed_release(page.pk, title="山里的阅览室（更正）", pictures=0)
    [correction] = correcting.correct(newer, {account: CorrectionStrategy.REPUBLISH}, by=OPERATOR)
    run(correction)
    server.faults["/state"] = ["permanent"]
    assert run(earlier) == Phase.ATTENTION
    Delivery.objects.filter(pk=correction.pk).update(next_at=in_an_hour())
    platform.shown = Shown(False)
    assert look(earlier).phase == Phase.SETTLED
    assert engine.sweep() == [correction.pk]


# --- what a person accepts ----------------------------------------------------------------------------------


def test_what_was_accepted_before_it_went_out_anew_is_told_again(platform, delivery, duty):
    platform.shown = Shown(True, "别的标题")
    look(delivery)
    sightings.accept(delivery, by=duty)
    assert look(delivery).phase == Phase.SETTLED
    Sighting.objects.update(at=timezone.now() - 3 * HOUR)
    later(delivery, hours=2)
    assert look(delivery).phase == Phase.ATTENTION


def test_what_waits_for_another_reason_is_not_accepted(platform, delivery, duty):
    platform.shown = Shown(True, "别的标题")
    look(delivery)
    Delivery.objects.filter(pk=delivery.pk).update(cause=Cause.BY_HAND)
    with pytest.raises(Refused):
        sightings.accept(delivery, by=duty)


def test_of_an_edition_a_person_accepts_what_is_other_than_it_was_sent(platform, account, server, duty):
    made = send(*[signed_release(number, pictures=0) for number in (1, 2)], account=account)
    run(made)
    platform.look = lambda job: [Shown(item.position == 0, reason="违规") for item in job.items]
    later(made, days=1)
    for item in made.items.all():
        server.pages[item.url.removeprefix(server.url)] = (200, page_of(TEXT))
    assert look(made).phase == Phase.ATTENTION
    sightings.accept(made, by=duty)
    [word] = Sighting.objects.exclude(by_name="")
    assert (word.item.position, word.found) == (1, Seen.GONE)
    assert [item.desired for item in made.items.all()] == [Desired.LIVE, Desired.GONE]
