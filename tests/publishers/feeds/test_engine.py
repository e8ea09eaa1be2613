"""What the engine writes into a feed: whole or not at all, and truthful about what the partner has said."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms.models import Release
from cms.releases import withdrawals as cms_withdrawing
from publishers import distribution, engine
from publishers.desk.attention import offered
from publishers.distribution import correcting
from publishers.distribution.correcting import carry_newer
from publishers.distribution.withdrawing import confirm_gone
from publishers.engine.leases import renew_before_call
from publishers.feeds import feeding
from publishers.manual import taking_over
from publishers.manual.by_hand import record_address
from publishers.models import Attempt, Cause, CorrectionStrategy, Delivery, FeedEntry, MainSwitch, Phase
from publishers.people.permissions import OPERATOR
from publishers.tasks import handle_callbacks
from tests.publishers.engine.cast import Killed, run, send, signed_release
from tests.publishers.feeds.cast import items_of, make_account, tell

pytestmark = pytest.mark.django_db(transaction=True)
NEWER = "山里的阅览室（更正）"
URL = "https://www.toutiao.com/article/1/"


@pytest.fixture
def delivery(page, account):
    """Return a delivery whose article stands in the feed, and of which the partner has said nothing."""
    made = send(signed_release(page.pk), account=account)
    assert run(made) == Phase.CONFIRMING
    return made


def entry() -> FeedEntry:
    return FeedEntry.objects.get()


def partner_tells(account, status, **more):
    assert tell(Client(), account, entry(), status, **more).status_code == 200
    handle_callbacks()


def sign_newer(page) -> Release:
    with transaction.atomic():
        release = signed_release(page.pk, title=NEWER)
        carry_newer(release, user=None)
    return release


def correct(page, account) -> Delivery:
    [made] = correcting.correct(sign_newer(page), {account: CorrectionStrategy.UPDATE}, by=OPERATOR)
    return made


def withdraw(page, duty):
    cms_withdrawing.withdraw(page, reason="事实有误", by=duty)


def test_an_article_stands_in_the_feed_until_the_partner_says_that_it_shows_it(delivery, account):
    [shown] = items_of(account)
    assert shown["title"] == "山里的阅览室" and shown["_hub"]["version"] == 1
    partner_tells(account, "published", url=URL, remote_id="t-1")
    assert run(delivery) == Phase.SETTLED
    [item] = delivery.items.all()
    assert item.url == URL
    assert item.remote == {"article_id": shown["id"], "version": 1, "url": URL, "remote_id": "t-1"}


def test_a_silent_partner_is_looked_at_by_a_person_who_records_the_address(delivery, account):
    phases = [run(delivery) for _ in range(20)]
    assert set(phases) == {Phase.CONFIRMING, Phase.ATTENTION} and phases[-1] == Phase.ATTENTION
    delivery.refresh_from_db()
    assert delivery.cause == Cause.UNCONFIRMED and "record" in offered(delivery)
    [item] = delivery.items.all()
    record_address(delivery, item, URL, by=OPERATOR)
    assert delivery.phase == Phase.SETTLED
    assert delivery.items.get().remote["article_id"] == entry().guid
    assert entry().version == 1, "a look changes nothing"


def test_whoever_sees_the_article_there_records_it_before_the_partner_tells(delivery, account):
    assert run(delivery) == Phase.CONFIRMING
    delivery.refresh_from_db()
    assert "record" in offered(delivery)
    record_address(delivery, delivery.items.get(), URL, by=OPERATOR)
    assert (delivery.phase, delivery.next_at) == (Phase.SETTLED, None)
    assert delivery.items.get().remote["article_id"]


def test_the_partners_late_word_ends_a_persons_task(delivery, account):
    while run(delivery) != Phase.ATTENTION:
        pass
    partner_tells(account, "published", url=URL)
    assert run(delivery) == Phase.SETTLED


@pytest.mark.parametrize("status", ["pending", "in_review"])
def test_what_the_partner_has_not_decided_is_waited_for(delivery, account, status):
    partner_tells(account, status)
    assert run(delivery) == Phase.CONFIRMING
    partner_tells(account, "published", url=URL)
    assert run(delivery) == Phase.SETTLED


@pytest.mark.parametrize("status", ["rejected", "failed", "published", "pending"])
def test_another_word_than_that_it_is_down_ends_no_withdrawal(delivery, page, duty, account, status):
    partner_tells(account, "published", url=URL)
    run(delivery)
    withdraw(page, duty)
    assert run(delivery) == Phase.ATTENTION
    partner_tells(account, status)
    assert run(delivery) == Phase.ATTENTION
    partner_tells(account, "withdrawn")
    assert run(delivery) == Phase.SETTLED


def test_what_the_partner_refuses_is_the_editors_again(delivery, account):
    partner_tells(account, "rejected", reason="标题不合规范")
    assert run(delivery) == Phase.ATTENTION
    delivery.refresh_from_db()
    assert delivery.cause == Cause.REJECTED and "标题不合规范" in delivery.reason


@pytest.mark.parametrize("number", range(1, 6))
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_at_any_write_leaves_one_entry_or_none(page, account, monkeypatch, number, when):
    """Each write of an offer is one in which the worker may die."""
    writes = 0

    def dying(real):
        def write(*args, **kwargs):
            nonlocal writes
            writes = mine = writes + 1
            if (mine, when) == (number, "before"):
                raise Killed
            result = real(*args, **kwargs)
            if (mine, when) == (number, "after"):
                raise Killed
            return result

        return write

    made = send(signed_release(page.pk), account=account)
    with monkeypatch.context() as patch:
        for model in (FeedEntry, Attempt):
            patch.setattr(model, "save", dying(model.save))
        for name in ("_locked", "_change", "end_replaced"):
            patch.setattr(feeding, name, dying(getattr(feeding, name)))
        with pytest.raises(Killed):
            engine.run(made.pk)
    steps = Attempt.objects.filter(delivery=made, name="offer").count()
    assert FeedEntry.objects.count() == steps, "an entry and its step are written together"
    assert run(made) == Phase.CONFIRMING
    assert (entry().version, Attempt.objects.filter(delivery=made, name="offer").count()) == (1, 1)


def test_a_worker_that_was_taken_over_offers_nothing(page, account, monkeypatch):
    made = send(signed_release(page.pk), account=account)

    def hold_too_late(lease):
        Delivery.objects.filter(pk=made.pk).update(fence=99)
        renew_before_call(lease)

    monkeypatch.setattr("publishers.engine.steps.renew_before_call", hold_too_late)
    engine.run(made.pk)
    assert not FeedEntry.objects.exists()


def test_a_correction_takes_the_earlier_texts_place_at_once_under_the_same_name(delivery, page, account):
    guid = entry().guid
    newer = correct(page, account)
    assert run(newer) == Phase.CONFIRMING
    [shown] = items_of(account)
    assert (shown["id"], shown["title"], shown["_hub"]["version"]) == (guid, NEWER, 2)
    assert run(delivery) == Phase.SETTLED, "nobody waits for the earlier text's confirmation"
    partner_tells(account, "published", url=URL)
    assert run(newer) == Phase.SETTLED
    assert newer.items.get().url == URL and not delivery.items.get().wanted


def test_a_correction_ends_the_task_that_the_earlier_text_was(delivery, page, account):
    while run(delivery) != Phase.ATTENTION:
        pass
    newer = correct(page, account)
    run(newer)
    assert run(delivery) == Phase.SETTLED


def test_a_correction_of_what_a_person_recorded_goes_by_the_feed_too(delivery, page, account):
    while run(delivery) != Phase.ATTENTION:
        pass
    record_address(delivery, delivery.items.get(), URL, by=OPERATOR)
    newer = correct(page, account)
    assert run(newer) == Phase.CONFIRMING and entry().version == 2


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_a_withdrawal_leaves_a_tombstone_at_once_and_is_done_when_the_partner_says_so(
    delivery, page, duty, account, is_confirmed
):
    if is_confirmed:
        partner_tells(account, "published", url=URL)
        run(delivery)
    withdraw(page, duty)
    assert run(delivery) == Phase.ATTENTION
    [shown] = items_of(account)
    assert shown["_hub"] == {"status": "withdrawn", "version": 2} and shown["content_html"] == ""
    delivery.refresh_from_db()
    assert delivery.cause == Cause.UNCONFIRMED and delivery.deadline_at > timezone.now()
    assert not delivery.is_gone, "the hub does not claim what it does not know"
    partner_tells(account, "withdrawn")
    assert run(delivery) == Phase.SETTLED
    delivery.refresh_from_db()
    assert delivery.is_gone


def test_the_partner_may_name_the_version_that_it_took_down(delivery, page, duty, account):
    withdraw(page, duty)
    run(delivery)
    partner_tells(account, "withdrawn", version=1)
    assert run(delivery) == Phase.SETTLED


def test_a_person_may_confirm_that_it_is_down(delivery, page, duty, account):
    withdraw(page, duty)
    run(delivery)
    delivery.refresh_from_db()
    assert "gone" in offered(delivery)
    confirm_gone(delivery, by=OPERATOR)
    assert delivery.is_gone and entry().is_withdrawn


def test_what_a_person_recorded_is_taken_from_the_feed_too(delivery, page, duty, account):
    while run(delivery) != Phase.ATTENTION:
        pass
    record_address(delivery, delivery.items.get(), URL, by=OPERATOR)
    withdraw(page, duty)
    assert run(delivery) == Phase.ATTENTION
    assert entry().is_withdrawn


def test_a_withdrawn_correction_leaves_one_tombstone_and_one_task(delivery, page, duty, account):
    newer = correct(page, account)
    run(newer)
    withdraw(page, duty)
    for each in (delivery, newer, delivery):
        run(each)
    assert entry().is_withdrawn and entry().version == 3
    waiting = Delivery.objects.filter(phase=Phase.ATTENTION)
    assert list(waiting) == [newer]
    partner_tells(account, "withdrawn")
    run(newer)
    assert not Delivery.objects.exclude(phase=Phase.SETTLED).exists()


def test_a_withdrawal_killed_on_its_way_is_done_by_the_next_worker(delivery, page, duty, monkeypatch):
    withdraw(page, duty)

    def dying(*args):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(feeding, "_change", dying)
        with pytest.raises(Killed):
            run(delivery)
    assert not entry().is_withdrawn
    assert run(delivery) == Phase.ATTENTION and entry().is_withdrawn and entry().version == 2


@pytest.mark.parametrize("is_restored", [False, True], ids=["here", "perhaps by a lost hub"])
def test_what_was_withdrawn_before_it_was_offered_is_never_offered(page, duty, account, is_restored):
    made = send(signed_release(page.pk), account=account)
    if is_restored:
        MainSwitch.objects.create(pk=1, restored_at=timezone.now())
    withdraw(page, duty)
    assert run(made) == Phase.SETTLED
    assert not FeedEntry.objects.exists()


def test_a_text_signed_after_the_withdrawal_comes_under_the_same_name(delivery, page, duty, account):
    withdraw(page, duty)
    run(delivery)
    partner_tells(account, "withdrawn")
    run(delivery)
    again = send(signed_release(page.pk, title=NEWER), account=account)
    run(again)
    [shown] = items_of(account)
    assert shown["title"] == NEWER and shown["_hub"]["version"] == 3


def test_what_is_given_up_is_offered_no_longer(delivery, account):
    while run(delivery) != Phase.ATTENTION:
        pass
    distribution.cancel(delivery, by=OPERATOR)
    assert entry().is_withdrawn


def test_what_a_person_takes_over_is_offered_no_longer(delivery, account):
    while run(delivery) != Phase.ATTENTION:
        pass
    taking_over.take_over(delivery, looked=True, by=OPERATOR)
    assert entry().is_withdrawn


def test_a_correction_that_a_person_takes_over_stays_in_the_feed(delivery, page, account):
    newer = correct(page, account)
    while run(newer) != Phase.ATTENTION:
        pass
    taking_over.take_over(newer, looked=True, by=OPERATOR)
    [shown] = items_of(account)
    assert shown["title"] == NEWER and not entry().is_withdrawn


def giving_up(delivery, person) -> str:
    """Return what the desk says of giving the delivery up."""
    client = Client()
    client.force_login(person)
    page = client.get(reverse("hub_delivery", args=[delivery.pk])).content.decode()
    return page.partition('value="cancel"')[2].partition("</p>")[0]


def test_the_desk_says_what_becomes_of_the_feed_when_it_is_given_up(delivery, page, duty, account):
    while run(delivery) != Phase.ATTENTION:
        pass
    assert "从全文订阅里撤下" in giving_up(delivery, duty)
    newer = correct(page, account)
    while run(newer) != Phase.ATTENTION:
        pass
    assert "更正后的文字已在全文订阅里" in giving_up(newer, duty)
    distribution.cancel(newer, by=OPERATOR)
    assert items_of(account)[0]["title"] == NEWER, "as the desk said"


def test_two_articles_never_share_a_name_and_two_accounts_neither(page, office, account):
    other = make_account(office, "云山女声")
    for to, page_id in ((account, 7), (account, 8), (other, 7)):
        run(send(signed_release(page_id), account=to))
    assert len(set(FeedEntry.objects.values_list("guid", flat=True))) == 3


def test_a_callback_that_nobody_signed_changes_nothing(delivery, account):
    answer = Client().post(f"/callbacks/{account.pk}", b"{}", content_type="application/json")
    assert answer.status_code == 403
    assert run(delivery) == Phase.CONFIRMING
