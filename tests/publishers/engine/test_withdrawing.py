"""A withdrawn article leaves every account: where it is live, under way, or may have arrived."""

import dataclasses
import threading

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import connection
from wagtail.models import Page

from cms.refusals import Refused
from cms.releases import withdrawals as cms_withdrawing
from publishers import accounts, engine, registry
from publishers.desk.detail import offered
from publishers.distribution import cancel, distribute, editions, retry
from publishers.distribution.withdrawing import confirm_gone
from publishers.interface import Absent, CapabilityMissing, Found
from publishers.models import Cause, DeliveryItem, Desired, Phase
from publishers.people.permissions import OPERATOR
from tests.factories import make_user
from tests.factories_release import make_release
from tests.publishers.engine.cast import Killed, dying_at, make_due, send, settle
from tests.publishers.engine.clock import in_an_hour
from tests.publishers.engine.tiny import Tiny, TinyClient

pytestmark = pytest.mark.django_db(transaction=True)


class Removing(Tiny):
    """The small platform with a call to take one article of an edition down."""

    platform = dataclasses.replace(Tiny.platform, can_withdraw=True)

    def withdraw(self, job):
        client = TinyClient(job.account)
        for item in job.items:
            place = {"id": item.observed["id"], "position": item.position}

            def find(place=place):
                gone = client.call("/removed", place)["removed"]
                return Found({}) if gone else Absent()

            job.step(
                "withdraw",
                lambda place=place: client.call("/remove", place),
                item=item,
                given=place,
                find=find,
            )


class DraftsOnly(Removing):
    """An account whose drafts a person publishes in the platform's console."""

    def publish(self, job):
        job.step("draft", lambda: TinyClient(job.account).call("/draft", {"mark": "", "articles": []}))
        raise CapabilityMissing("publish", "草稿在草稿箱，请手动发布。")


@pytest.fixture(autouse=True)
def removing(monkeypatch, server):
    removed = set()

    def remove(body):
        removed.add((body["id"], body["position"]))
        return {}

    server.remove = remove
    server.removed = lambda body: {"removed": (body["id"], body["position"]) in removed}
    server.gone = removed
    monkeypatch.setitem(registry._publishers, "tiny", Removing())


@pytest.fixture
def release(office):
    return make_release()


def withdraw(release, by):
    cms_withdrawing.withdraw(Page.objects.get(pk=release.page_id), reason="写错了。", by=by)


def in_another_thread(page_id: int, user_id: int) -> None:
    """Withdraw on a database connection of its own, as another process would."""

    def work():
        try:
            by = get_user_model().objects.get(pk=user_id)
            cms_withdrawing.withdraw(Page.objects.get(pk=page_id), reason="写错了。", by=by)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def live(server) -> list[str]:
    """Return the titles that readers see there."""
    return [
        article["title"]
        for key, stored in server.articles.items()
        for position, article in enumerate(stored["articles"])
        if (key, position) not in server.gone
    ]


def test_what_is_live_is_taken_down(release, account, server, duty):
    delivery = send(release, account=account)
    assert settle(delivery) == Phase.SETTLED and live(server)
    withdraw(release, duty)
    assert settle(delivery) == Phase.SETTLED
    assert live(server) == [] and delivery.is_gone


def test_what_was_scheduled_never_goes_out(release, account, server, duty):
    delivery = send(release, account=account, at=in_an_hour())
    withdraw(release, duty)
    assert settle(delivery) == Phase.SETTLED
    assert server.calls["/draft"] == 0 and delivery.is_gone


def test_of_an_edition_only_the_withdrawn_article_goes(release, account, server, duty):
    other = make_release()
    delivery = send(other, release, account=account)
    settle(delivery)
    withdraw(release, duty)
    assert settle(delivery) == Phase.SETTLED
    assert live(server) == [other.title] and not delivery.is_gone


def test_an_edition_that_had_not_gone_out_is_left_to_a_person_without_the_withdrawn_article(
    release, account, server, duty
):
    delivery = send(make_release(), release, account=account, at=in_an_hour())
    withdraw(release, duty)
    assert settle(delivery) == Phase.ATTENTION and delivery.cause == Cause.WITHDRAWN
    assert live(server) == [] and server.calls["/draft"] == 0
    assert delivery.look_at is None, "There is nothing to look at."


# An attempt is written twice for each step, here without pictures, and once for the poll.
WRITES = 2 * (len(Tiny.STEPS) - 1) + 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(1, WRITES + 1))
def test_withdrawn_after_its_worker_died_at_any_write_nothing_stays(
    number, when, release, account, server, duty
):
    delivery = send(release, account=account)
    with dying_at(number, when), pytest.raises(Killed):
        engine.run(delivery.pk)
    submitted = server.calls["/submit"]
    withdraw(release, duty)
    assert settle(delivery) == Phase.SETTLED
    assert live(server) == [] and delivery.is_gone
    # Nothing was published only to be taken down.
    assert server.calls["/submit"] == submitted


@pytest.mark.parametrize("path", ["/draft", "/submit", "/state"])
def test_a_worker_at_work_makes_no_further_call(path, release, account, server, duty):
    """The withdrawal comes while a call is on its way; what the call did is kept, and undone."""
    real = getattr(server, path.strip("/"))

    def meanwhile(body):
        setattr(server, path.strip("/"), real)
        in_another_thread(release.page_id, duty.pk)
        return real(body)

    setattr(server, path.strip("/"), meanwhile)
    delivery = send(release, account=account)
    assert engine.run(delivery.pk) == Phase.SENDING or path == "/state"
    assert settle(delivery) == Phase.SETTLED
    assert live(server) == [] and delivery.is_gone
    assert server.calls["/submit"] == (1 if path in ("/submit", "/state") else 0)


def test_where_the_platform_cannot_take_it_down_a_person_does_and_says_so(
    release, account, server, duty, monkeypatch
):
    monkeypatch.setitem(registry._publishers, "tiny", Tiny())
    delivery = send(release, account=account)
    settle(delivery)
    withdraw(release, duty)
    assert settle(delivery) == Phase.ATTENTION and delivery.cause == Cause.BY_HAND and delivery.deadline_at
    with pytest.raises(PermissionDenied):
        confirm_gone(delivery, by=make_user("stranger"))
    confirm_gone(delivery, by=duty)
    assert delivery.phase == Phase.SETTLED and delivery.is_gone


def test_whoever_tries_it_again_has_no_longer_to_take_it_down(release, account, server, duty, monkeypatch):
    monkeypatch.setitem(registry._publishers, "tiny", Tiny())
    delivery = send(release, account=account)
    settle(delivery)
    withdraw(release, duty)
    settle(delivery)
    asked = delivery.deadline_at
    retry(delivery, by=OPERATOR)
    assert settle(delivery) == Phase.ATTENTION and delivery.deadline_at == asked


def test_nobody_is_told_to_publish_by_hand_what_is_withdrawn(release, account, duty, monkeypatch):
    monkeypatch.setitem(registry._publishers, "tiny", DraftsOnly())
    delivery = send(release, account=account)
    assert settle(delivery) == Phase.ATTENTION and "手动发布" in delivery.reason
    withdraw(release, duty)
    assert settle(delivery) == Phase.ATTENTION
    assert "手动发布" not in delivery.reason and account.name in delivery.reason
    confirm_gone(delivery, by=duty)
    assert delivery.is_gone


def test_a_person_confirms_only_what_is_to_go(release, account, server, duty):
    delivery = send(release, account=account)
    server.faults["/draft"] = ["rejected"]
    assert settle(delivery) == Phase.ATTENTION
    with pytest.raises(Refused):
        confirm_gone(delivery, by=duty)


def test_a_paused_account_follows_when_it_is_resumed(release, account, server, duty, office):
    delivery = send(release, account=account)
    settle(delivery)
    accounts.pause(account, reason="停。", by=OPERATOR)
    withdraw(release, duty)
    assert settle(delivery) == Phase.ATTENTION and live(server)
    accounts.resume(account, by=OPERATOR)
    assert settle(delivery) == Phase.SETTLED and live(server) == []


def test_what_is_withdrawn_is_distributed_no_more_by_any_road(release, account, server, duty):
    waiting = send(release, account=account, at=in_an_hour())
    withdraw(release, duty)
    with pytest.raises(Refused):
        distribute([release], [account], by=OPERATOR)
    edition = send(make_release(), account=account, at=in_an_hour())
    with pytest.raises(Refused, match="撤"):
        editions.recompose(edition, [release], alike=True, by=OPERATOR)
    cancel(edition, by=OPERATOR)
    # A row that asks for it all the same.
    DeliveryItem.objects.filter(delivery=waiting).update(desired=Desired.LIVE)
    assert settle(waiting) == Phase.ATTENTION and waiting.cause == Cause.WITHDRAWN
    assert server.calls["/draft"] == 0


def test_an_earlier_text_of_a_withdrawn_article_is_distributed_no_more(release, account, duty):
    make_release(Page.objects.get(pk=release.page_id), public_from=in_an_hour())
    withdraw(release, duty)
    with pytest.raises(Refused, match="撤"):
        distribute([release], [account], by=OPERATOR)


def test_a_delivery_that_was_cancelled_halfway_is_looked_for_and_taken_down(release, account, server, duty):
    server.faults["/submit"] = ["lost"]
    delivery = send(release, account=account)
    engine.run(delivery.pk)
    delivery.refresh_from_db()
    cancel(delivery, by=OPERATOR)
    assert live(server)
    withdraw(release, duty)
    assert settle(delivery) == Phase.SETTLED and live(server) == []


@pytest.mark.parametrize("begun", [False, True])
def test_a_withdrawal_that_is_under_way_cannot_be_cancelled(begun, release, account, server, duty):
    if begun:
        server.faults["/remove"] = ["retry"]
    delivery = send(release, account=account)
    settle(delivery)
    withdraw(release, duty)
    if begun:
        make_due(delivery)
        engine.run(delivery.pk)
    delivery.refresh_from_db()
    with pytest.raises(Refused):
        cancel(delivery, by=OPERATOR)
    assert settle(delivery) == Phase.SETTLED and live(server) == []


def test_the_rest_of_an_edition_that_lost_an_article_is_cancelled_and_sent_anew(
    release, account, server, duty
):
    other = make_release()
    delivery = send(other, release, account=account, at=in_an_hour())
    withdraw(release, duty)
    assert settle(delivery) == Phase.ATTENTION
    assert offered(delivery) == ("cancel",)
    with pytest.raises(Refused):
        confirm_gone(delivery, by=duty)
    cancel(delivery, by=OPERATOR)
    assert settle(send(other, account=account)) == Phase.SETTLED
    assert live(server) == [other.title]


def test_of_a_plugin_that_is_gone_a_person_takes_the_article_down(
    account, release, duty, server, monkeypatch
):
    delivery = send(release, account=account)
    engine.run(delivery.pk)
    monkeypatch.delitem(registry._publishers, "tiny")
    withdraw(release, duty)
    assert engine.run(delivery.pk) == Phase.ATTENTION
    delivery.refresh_from_db()
    assert delivery.cause == Cause.PERMANENT and delivery.deadline_at
    confirm_gone(delivery, by=OPERATOR)
    assert engine.run(delivery.pk) == Phase.SETTLED and not delivery.items.get().wanted
