"""What the commands, the board and the proof tell of deliveries, whatever their number."""

import datetime as dt

import pytest

from publishers.exports import reports
from publishers.models import Delivery
from tests.publishers.engine.cast import make_account, send, signed_release
from tests.publishers.engine.conftest import ground, office, server

__all__ = ["ground", "office", "server"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_many_deliveries_are_told_in_as_many_queries_as_one(office, server, django_assert_num_queries):
    account = make_account(office, server)
    for number in (1, 3, 5):
        send(signed_release(number), signed_release(number + 1), account=account)
    with django_assert_num_queries(5):
        told = [reports.delivery(row) for row in reports.complete(Delivery.objects.all())]
    assert [len(each["items"]) for each in told] == [2, 2, 2]


def test_what_is_live_and_when_is_told_by_the_hubs_clock(office, server):
    delivery = send(signed_release(1), signed_release(2), account=make_account(office, server))
    Delivery.objects.update(due_at=dt.datetime(2026, 3, 1, 16, 30, tzinfo=dt.UTC))
    delivery.items.filter(position=0).update(observed_generation=1)
    told = reports.delivery(reports.complete(Delivery.objects.all()).get())
    assert told["due_at"] == "2026-03-02T00:30:00+08:00" and told["settled_at"] is None
    assert [item["live"] for item in told["items"]] == [True, False]
