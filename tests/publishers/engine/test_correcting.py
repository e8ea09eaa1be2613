"""A corrected text takes the earlier one's place: once, everywhere, and in the manner that was chosen."""

import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone
from wagtail.models import Page

from cms.models import Release, Role
from cms.refusals import Refused
from cms.releases import withdrawals as cms_withdrawing
from publishers import accounts, engine, registry
from publishers.distribution import cancel, correcting, distribute, reschedule, retry
from publishers.distribution.correcting import carry_newer
from publishers.distribution.withdrawing import confirm_gone
from publishers.manual.by_hand import record_address
from publishers.models import (
    Cause,
    CorrectionStrategy,
    Delivery,
    DeliveryItem,
    Desired,
    Fingerprint,
    Phase,
    Plan,
    Sighting,
)
from publishers.people.permissions import OPERATOR
from tests.factories import make_office, make_user
from tests.factories_release import make_release
from tests.publishers.engine.cast import (
    Killed,
    dying_at,
    make_account,
    make_due,
    send,
    signed_release,
)
from tests.publishers.engine.changing import Changing, Removing, server
from tests.publishers.engine.clock import an_hour_ago, in_an_hour
from tests.publishers.engine.tiny import Tiny

__all__ = ["server"]
pytestmark = pytest.mark.django_db(transaction=True)
EARLIER, NEWER = "山里的阅览室", "山里的阅览室（更正）"


@pytest.fixture(autouse=True)
def changing(ground, monkeypatch):
    monkeypatch.setitem(registry._publishers, "tiny", Changing())


@pytest.fixture
def release(page):
    return signed_release(page.pk, title=EARLIER)


def sign_newer(page, title=NEWER, **given) -> Release:
    """Sign another text of the page, as sign-off does."""
    with transaction.atomic():
        release = signed_release(page.pk, title=title, **given)
        carry_newer(release, user=None)
    return release


def correct(release, account, manner, by=OPERATOR) -> Delivery:
    [delivery] = correcting.correct(release, {account: manner}, by=by)
    return delivery


def settle(*deliveries) -> list[str]:
    """Run them in turn until nobody but a person goes on."""
    for _ in range(12):
        for delivery in deliveries:
            make_due(delivery)
            engine.run(delivery.pk)
    for delivery in deliveries:
        delivery.refresh_from_db()
    return [delivery.phase for delivery in deliveries]


def step(*deliveries) -> None:
    """Run each once."""
    for delivery in deliveries:
        make_due(delivery)
        engine.run(delivery.pk)


def withdraw(page, by):
    cms_withdrawing.withdraw(Page.objects.get(pk=page.pk), reason="写错了。", by=by)


# --- three manners ----------------------------------------------------------------------------------------


def test_where_the_platform_can_the_text_changes_at_its_address(page, release, account, server):
    earlier = send(release, account=account)
    settle(earlier)
    sent, url = bytes(earlier.items.get().payload), earlier.items.get().url
    delivery = correct(sign_newer(page), account, CorrectionStrategy.UPDATE)
    assert settle(delivery) == [Phase.SETTLED]
    assert server.live() == [NEWER] and len(server.changes) == 1
    item, old = delivery.items.get(), earlier.items.get()
    assert item.url == url and item.observed_generation and item.replaces == old
    # What went out earlier stays on record, and is no longer what is there.
    assert bytes(old.payload) == sent and not old.wanted and old.observed_generation is None


def test_a_new_address_is_published_only_when_the_earlier_text_is_down(page, release, account, server):
    earlier = send(release, account=account)
    settle(earlier)
    delivery = correct(sign_newer(page), account, CorrectionStrategy.REPUBLISH)
    assert delivery.priority == Delivery.URGENT
    step(delivery)
    delivery.refresh_from_db()
    assert delivery.phase == Phase.SCHEDULED and account.name in delivery.reason
    server.faults["/remove"] = ["retry"]
    step(earlier, delivery)
    assert server.live() == [EARLIER]
    assert settle(earlier, delivery) == [Phase.SETTLED, Phase.SETTLED]
    assert server.live() == [NEWER] and server.calls["/submit"] == 2


def test_the_correction_goes_on_at_once_when_the_earlier_text_is_down(page, release, account, server):
    earlier = send(release, account=account)
    settle(earlier)
    delivery = correct(sign_newer(page), account, CorrectionStrategy.REPUBLISH)
    # By the sweep alone, without any time passing.
    while due := engine.sweep():
        for pk in due:
            engine.run(pk)
    delivery.refresh_from_db()
    assert delivery.phase == Phase.SETTLED and server.live() == [NEWER]


def test_the_correction_goes_on_at_once_when_a_person_took_the_earlier_text_down(
    page, release, account, server
):
    earlier = send(release, account=account)
    settle(earlier)
    delivery = correct(sign_newer(page), account, CorrectionStrategy.REPUBLISH)
    step(delivery)
    server.faults["/remove"] = ["permanent"]
    step(earlier)
    earlier.refresh_from_db()
    Delivery.objects.filter(pk=delivery.pk).update(next_at=in_an_hour())
    confirm_gone(earlier, by=OPERATOR)
    assert engine.sweep() == [delivery.pk] and engine.run(delivery.pk) == Phase.SETTLED


def test_the_correction_goes_on_at_once_when_the_earlier_text_arrives(page, release, account, server):
    server.polls_until_live = 1
    earlier = send(release, account=account)
    step(earlier)
    delivery = correct(sign_newer(page), account, CorrectionStrategy.UPDATE)
    engine.run(delivery.pk)
    assert engine.sweep() == []
    step(earlier)
    assert engine.sweep() == [delivery.pk] and engine.run(delivery.pk) == Phase.SETTLED


def test_by_hand_the_earlier_text_stays_until_a_person_says_that_she_changed_it(
    page, release, account, server, duty
):
    earlier = send(release, account=account)
    settle(earlier)
    delivery = correct(sign_newer(page), account, CorrectionStrategy.BY_HAND)
    assert settle(delivery) == [Phase.ATTENTION]
    assert delivery.cause == Cause.BY_HAND and delivery.deadline_at
    assert earlier.items.get().wanted
    old = earlier.items.get()
    record_address(delivery, delivery.items.get(), old.url, by=duty)
    item = delivery.items.get()
    assert delivery.phase == Phase.SETTLED and (item.url, item.remote) == (old.url, old.remote) and old.remote
    assert not earlier.items.get().wanted
    assert Sighting.objects.get(item=item).by_name == duty.get_username()
    # The hub knows where it is, and can still take it down.
    withdraw(page, duty)
    assert settle(delivery, earlier) == [Phase.SETTLED, Phase.SETTLED] and server.live() == []


def test_at_another_address_it_is_not_what_the_earlier_identifiers_name(page, release, account, server):
    settle(send(release, account=account))
    delivery = correct(sign_newer(page), account, CorrectionStrategy.BY_HAND)
    settle(delivery)
    record_address(delivery, delivery.items.get(), f"{server.url}/a/elsewhere", by=OPERATOR)
    assert delivery.items.get().remote == {}


def test_whoever_tries_it_again_has_no_longer_to_change_the_text(page, release, account, server):
    settle(send(release, account=account))
    delivery = correct(sign_newer(page), account, CorrectionStrategy.BY_HAND)
    settle(delivery)
    asked = delivery.deadline_at
    retry(delivery, by=OPERATOR)
    assert settle(delivery) == [Phase.ATTENTION] and delivery.deadline_at == asked


def test_of_an_edition_only_the_corrected_article_changes(page, release, account, server):
    other = signed_release(8, title="夜校的灯亮着")
    earlier = send(other, release, account=account)
    settle(earlier)
    for title, manner in ((NEWER, CorrectionStrategy.REPUBLISH), ("再更正", CorrectionStrategy.UPDATE)):
        delivery = correct(sign_newer(page, title), account, manner)
        assert settle(delivery, earlier) == [Phase.SETTLED, Phase.SETTLED]
    assert sorted(server.live()) == sorted(["夜校的灯亮着", "再更正"])


# --- what is under way when the newer text is signed -------------------------------------------------------


def test_what_has_not_begun_carries_the_newer_text_at_its_time(page, release, account, server):
    other = signed_release(8, title="夜校的灯亮着")
    delivery = send(other, release, account=account, at=in_an_hour())
    due_at = delivery.due_at
    newer = sign_newer(page)
    delivery.refresh_from_db()
    assert delivery.due_at == due_at and not correcting.places(newer)
    assert Fingerprint.objects.filter(pk=newer.pk).exists(), "a text like it is asked about"
    assert settle(delivery) == [Phase.SETTLED]
    assert server.live() == ["夜校的灯亮着", NEWER]


def test_what_is_overdue_and_has_not_begun_carries_the_newer_text(page, release, account, server):
    delivery = send(release, account=account)
    accounts.pause(account, reason="换人。", by=OPERATOR)
    Delivery.objects.update(due_at=an_hour_ago())
    newer = sign_newer(page, public_from=timezone.now())
    assert delivery.items.get().release == newer
    accounts.resume(account, by=OPERATOR)
    assert settle(delivery) == [Phase.SETTLED] and server.live() == [NEWER]


def test_a_review_that_ends_while_a_worker_prepares_the_earlier_text_stops_it(page, release, account, server):
    """The earlier text is rendered and its pictures are uploaded; its first telling call is not made."""
    real = server.upload

    def meanwhile(body):
        server.upload = real
        answer = real(body)
        in_another_thread(lambda: sign_newer(page))
        return answer

    server.upload = meanwhile
    delivery = send(release, account=account)
    assert settle(delivery) == [Phase.SETTLED]
    assert server.live() == [NEWER] and server.calls["/draft"] == 1


def in_another_thread(work) -> None:
    def run():
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


@pytest.mark.parametrize(
    "manner", [CorrectionStrategy.UPDATE, CorrectionStrategy.REPUBLISH, CorrectionStrategy.BY_HAND]
)
def test_what_has_begun_is_never_sent_over_the_newer_text(manner, page, release, account, server, duty):
    server.faults["/submit"] = ["lost"]
    earlier = send(release, account=account)
    step(earlier)
    delivery = correct(sign_newer(page), account, manner)
    settle(delivery, earlier)
    if manner == CorrectionStrategy.BY_HAND:
        assert server.live() == [EARLIER] and delivery.cause == Cause.BY_HAND
        record_address(delivery, delivery.items.get(), earlier.items.get().url, by=duty)
    else:
        assert server.live() == [NEWER]
    assert delivery.phase == Phase.SETTLED
    settle(earlier, delivery)
    assert server.calls["/submit"] == (2 if manner == CorrectionStrategy.REPUBLISH else 1)


def test_an_edition_under_way_arrives_before_one_of_its_articles_is_replaced(page, release, account, server):
    server.faults["/submit"] = ["retry"]
    earlier = send(signed_release(8, title="夜校的灯亮着"), release, account=account)
    step(earlier)
    delivery = correct(sign_newer(page), account, CorrectionStrategy.REPUBLISH)
    step(delivery)
    assert earlier.items.filter(desired=Desired.LIVE).count() == 2
    settle(delivery, earlier)
    assert sorted(server.live()) == sorted(["夜校的灯亮着", NEWER])


def test_what_the_platform_refused_goes_out_again_with_the_newer_text(page, release, account, server):
    server.faults["/submit"] = ["rejected"]
    delivery = send(release, account=account)
    assert settle(delivery) == [Phase.ATTENTION]
    sign_newer(page)
    assert settle(delivery) == [Phase.SETTLED]
    assert server.live() == [NEWER]


def test_a_correction_that_waits_carries_the_still_newer_text(page, release, account, server):
    earlier = send(release, account=account)
    settle(earlier)
    delivery = correct(sign_newer(page), account, CorrectionStrategy.BY_HAND)
    settle(delivery)
    seen = delivery.items.get()
    newest = sign_newer(page, "再更正")
    assert settle(delivery) == [Phase.ATTENTION] and delivery.items.get().release == newest
    # She had the text before in front of her.
    with pytest.raises(Refused):
        record_address(delivery, seen, earlier.items.get().url, by=OPERATOR)


def test_a_refused_text_carries_the_newest_and_the_correction_that_waited_for_it_is_over(
    page, release, account, server
):
    server.faults["/submit"] = ["cut", "rejected"]
    earlier = send(release, account=account)
    step(earlier)  # its answer is lost: it has begun
    waiting = correct(sign_newer(page), account, CorrectionStrategy.UPDATE)
    settle(earlier, waiting)
    earlier.refresh_from_db()
    assert earlier.cause == Cause.REJECTED
    sign_newer(page, "再更正")
    assert settle(earlier, waiting) == [Phase.SETTLED, Phase.CANCELLED]
    assert server.live() == ["再更正"]


def test_what_was_perhaps_taken_although_it_was_refused_is_not_sent_over_by_a_newer_text(
    page, release, account, server
):
    server.faults["/submit"] = ["undocumented"]
    delivery = send(release, account=account)
    assert settle(delivery) == [Phase.ATTENTION] and delivery.cause == Cause.REJECTED
    sign_newer(page)
    assert delivery.items.get().release == release


def test_a_text_for_later_leaves_alone_what_goes_out_before(page, release, account, server):
    delivery = send(release, account=account)
    newer = sign_newer(page, public_from=in_an_hour())
    assert settle(delivery) == [Phase.SETTLED] and server.live() == [EARLIER]
    later = correct(newer, account, CorrectionStrategy.REPUBLISH)
    assert later.due_at == newer.public_from
    step(later)
    assert server.live() == [EARLIER] and delivery.items.get().desired == Desired.LIVE


def test_a_correction_for_later_keeps_its_time_when_the_earlier_text_arrives(page, release, account, server):
    server.polls_until_live = 1
    earlier = send(release, account=account)
    step(earlier)
    later = correct(sign_newer(page), account, CorrectionStrategy.UPDATE)
    reschedule(later, in_an_hour(), by=OPERATOR)
    assert settle(earlier) == [Phase.SETTLED]
    later.refresh_from_db()
    assert (later.phase, later.next_at) == (Phase.SCHEDULED, later.due_at)
    assert engine.sweep() == [] and server.live() == [EARLIER]


def test_the_review_itself_lets_what_waits_carry_the_text(office, account, server, duty):
    first = make_release()
    page = Page.objects.get(pk=first.page_id)
    delivery = send(first, account=account, at=in_an_hour())
    Plan.objects.create(page_id=page.pk, account=account, created_by_id=duty.pk)
    second = make_release(page)
    assert delivery.items.get().release == second and not Plan.objects.exists()
    with pytest.raises(Refused):
        distribute([first], [account], by=OPERATOR)


# --- never twice, and withdrawn with the rest ---------------------------------------------------------------


def test_a_second_text_of_a_page_is_not_put_beside_the_first(page, release, account, server):
    earlier = send(release, account=account)
    settle(earlier)
    newer = sign_newer(page)
    with pytest.raises(Refused, match=account.name):
        distribute([newer], [account], by=OPERATOR)
    correct(newer, account, CorrectionStrategy.UPDATE)
    with pytest.raises(Refused):
        correct(newer, account, CorrectionStrategy.UPDATE)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(1, 3))
def test_killed_at_any_write_the_text_is_changed_once(number, when, page, release, account, server):
    settle(send(release, account=account))
    delivery = correct(sign_newer(page), account, CorrectionStrategy.UPDATE)
    with dying_at(number, when), pytest.raises(Killed):
        engine.run(delivery.pk)
    assert settle(delivery) == [Phase.SETTLED]
    assert server.live() == [NEWER] and len(server.changes) == 1


@pytest.mark.parametrize("fault", ["lost", "cut"])
def test_withdrawn_in_the_middle_of_a_change_nothing_stays_and_nothing_is_taken_down_twice(
    fault, page, release, account, server, duty
):
    earlier = send(release, account=account)
    settle(earlier)
    server.faults["/correct"] = [fault]
    delivery = correct(sign_newer(page), account, CorrectionStrategy.UPDATE)
    step(delivery)
    withdraw(page, duty)
    assert settle(earlier, delivery) == [Phase.SETTLED, Phase.SETTLED]
    assert server.live() == [] and len(server.removals) == 1


@pytest.mark.parametrize("manner", list(CorrectionStrategy))
def test_a_withdrawal_reaches_the_replaced_and_the_replacing_text(
    manner, page, release, account, server, duty
):
    earlier = send(release, account=account)
    settle(earlier)
    delivery = correct(sign_newer(page), account, manner)
    step(delivery)
    withdraw(page, duty)
    assert settle(earlier, delivery) == [Phase.SETTLED, Phase.SETTLED]
    assert server.live() == [] and len(server.removals) == 1


def test_a_person_who_took_a_half_changed_text_down_says_so_once(page, release, account, server, duty):
    earlier = send(release, account=account)
    settle(earlier)
    server.faults["/correct"] = ["lost"]
    delivery = correct(sign_newer(page), account, CorrectionStrategy.UPDATE)
    step(delivery)
    server.faults["/corrected"] = ["permanent"]
    withdraw(page, duty)
    assert settle(earlier, delivery) == [Phase.SENDING, Phase.ATTENTION]
    confirm_gone(delivery, by=duty)
    assert settle(earlier) == [Phase.SETTLED] and server.removals == []


def test_a_correction_that_is_given_up_leaves_the_earlier_text_to_be_corrected(
    page, release, account, server
):
    settle(send(release, account=account))
    newer = sign_newer(page)
    cancel(correct(newer, account, CorrectionStrategy.UPDATE), by=OPERATOR)
    assert server.live() == [EARLIER]
    assert settle(correct(newer, account, CorrectionStrategy.UPDATE)) == [
        Phase.SETTLED
    ] and server.live() == [NEWER]


# --- who, and in which manner -----------------------------------------------------------------------------


def test_a_duty_editor_of_the_article_reaches_every_place_and_a_stranger_none(
    page, release, account, server, duty
):
    elsewhere = make_account(make_office("city"), server, "市号")
    for each in (account, elsewhere):
        settle(send(release, account=each))
    newer = sign_newer(page)
    for person in (make_user("stranger"), make_user("author2", account.office, Role.AUTHOR)):
        with pytest.raises(PermissionDenied):
            correct(newer, account, CorrectionStrategy.UPDATE, by=person)
    made = correcting.correct(
        newer, {account: CorrectionStrategy.UPDATE, elsewhere: CorrectionStrategy.UPDATE}, by=duty
    )
    assert settle(*made) == [Phase.SETTLED, Phase.SETTLED]
    assert server.live() == [NEWER, NEWER]


@pytest.mark.parametrize(
    ("publisher", "manners"),
    [
        (Tiny, (CorrectionStrategy.BY_HAND,)),
        (Removing, (CorrectionStrategy.REPUBLISH, CorrectionStrategy.BY_HAND)),
        (Changing, (CorrectionStrategy.UPDATE, CorrectionStrategy.REPUBLISH, CorrectionStrategy.BY_HAND)),
    ],
)
def test_only_what_the_platform_can_is_offered(
    publisher, manners, page, release, account, server, monkeypatch
):
    monkeypatch.setitem(registry._publishers, "tiny", publisher())
    settle(send(release, account=account))
    newer = sign_newer(page)
    [place] = correcting.places(newer)
    assert place.manners == manners and place.is_live
    for manner in set(CorrectionStrategy) - set(manners):
        with pytest.raises(Refused):
            correct(newer, account, manner)


def test_where_the_hub_knows_no_identifier_only_a_person_can_correct(page, release, account, server):
    delivery = send(release, account=account)
    Delivery.objects.filter(pk=delivery.pk).update(phase=Phase.ATTENTION, next_at=None)
    record_address(delivery, delivery.items.get(), f"{server.url}/a/1", by=OPERATOR)
    newer = sign_newer(page)
    [place] = correcting.places(newer)
    assert place.manners == (CorrectionStrategy.BY_HAND,)


def test_only_the_newest_text_corrects(page, release, account, server):
    settle(send(release, account=account))
    newer = sign_newer(page)
    sign_newer(page, "再更正")
    with pytest.raises(Refused):
        correct(newer, account, CorrectionStrategy.UPDATE)
    assert server.live() == [EARLIER]
    assert DeliveryItem.objects.filter(replaces__isnull=False).count() == 0
