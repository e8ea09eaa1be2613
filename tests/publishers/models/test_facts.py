"""What rows say of themselves, wherever it is asked: on a screen, by the engine, in a query."""

import datetime as dt

import pytest
from django.utils import timezone

from publishers.models import (
    Account,
    Attempt,
    Delivery,
    DeliveryItem,
    Desired,
    Outcome,
    Phase,
    Sighting,
    Transport,
)

NOW = dt.datetime(2036, 11, 25, 10, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


@pytest.mark.parametrize("transport", list(Transport))
@pytest.mark.parametrize(
    ("account", "by_hand", "others"),
    [
        (Account(), False, False),
        (Account(paused_at=NOW, paused_by="值班"), True, True),
        (Account(paused_at=NOW), False, True),
    ],
    ids=["at work", "paused by a person", "stopped by the hub"],
)
def test_refused_credentials_stop_every_way_but_a_persons(account, transport, by_hand, others):
    assert account.stops(transport) is (by_hand if transport == Transport.MANUAL else others)
    assert account.is_stopped is (others and not by_hand)


@pytest.mark.parametrize(("left", "rests"), [(SECOND, True), (0 * SECOND, False), (-SECOND, False)])
def test_a_rest_is_over_at_its_end(left, rests):
    assert Account(resting_until=NOW + left).rests_at(NOW) is rests
    assert Account().rests_at(NOW) is False


@pytest.mark.parametrize(
    ("item", "leads", "was_found"),
    [
        (DeliveryItem(), True, False),
        (DeliveryItem(url="https://platform.example/1", observed_generation=1), True, True),
        (DeliveryItem(remote={"id": 1}, desired=Desired.GONE, observed_generation=1), True, True),
        (DeliveryItem(url="https://platform.example/1", desired=Desired.GONE), False, True),
    ],
    ids=["on its way", "recorded by a person", "to be taken down", "taken down"],
)
def test_an_address_leads_somewhere_until_the_article_is_down_and_stays_known(item, leads, was_found):
    assert (item.live_or_wanted, item.was_found) == (leads, was_found)


NAMES = ("draft", f"{Attempt.UPLOAD}body", f"{Attempt.POLL}state")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("outcome", list(Outcome))
def test_what_readers_may_see_is_no_upload_and_no_call_without_effect(name, outcome):
    attempt = Attempt(name=name, outcome=outcome)
    assert attempt.is_of_effect is (name != NAMES[1] and outcome != Outcome.FAILED)
    assert attempt.is_harmless is (name != NAMES[0])
    assert attempt.is_unknown is (outcome in (Outcome.BEGUN, Outcome.UNKNOWN))


@pytest.fixture
def delivery(office):
    account = Account.objects.create(office=office, platform="tiny", name="号")
    return Delivery.objects.create(account=account, due_at=timezone.now())


@pytest.mark.django_db
def test_a_query_finds_the_calls_of_which_a_row_says_that_readers_may_see_them(delivery):
    for outcome in Outcome:
        for name in NAMES:
            Attempt.objects.create(
                delivery=delivery,
                generation=1,
                name=name,
                input_sha256=outcome,
                outcome=outcome,
                begun_at=timezone.now(),
            )
    found = set(Attempt.of_effect())
    assert found == {row for row in Attempt.objects.all() if row.is_of_effect} and len(found) == 8


@pytest.mark.django_db
def test_gone_is_what_is_settled_and_of_which_nothing_is_there_or_wanted(delivery, signed):
    item = DeliveryItem.objects.create(
        delivery=delivery, account=delivery.account, position=0, release=signed, desired=Desired.GONE
    )
    Delivery.objects.filter(pk=delivery.pk).update(phase=Phase.SETTLED)

    def is_gone():
        return Delivery.objects.get(pk=delivery.pk).is_gone

    assert is_gone()
    for changed in ({"observed_generation": 1}, {"desired": Desired.LIVE}):
        DeliveryItem.objects.filter(pk=item.pk).update(**changed)
        assert not is_gone()
        DeliveryItem.objects.filter(pk=item.pk).update(desired=Desired.GONE, observed_generation=None)
    Delivery.objects.filter(pk=delivery.pk).update(phase=Phase.ATTENTION)
    assert not is_gone()


@pytest.mark.django_db
def test_the_last_sighting_is_the_latest_and_of_one_moment_the_last_written(delivery, signed):
    item = DeliveryItem.objects.create(
        delivery=delivery, account=delivery.account, position=0, release=signed
    )
    assert item.last_sighting is None
    for hours, words in ((2, "first"), (1, "second"), (1, "third"), (3, "late")):
        at = NOW - dt.timedelta(hours=hours)
        Sighting.objects.create(item=item, at=at, found="live", words=words)
    assert item.last_sighting.words == "third"
