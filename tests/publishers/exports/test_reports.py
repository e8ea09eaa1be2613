"""What the commands, the board and the proof tell of deliveries, whatever their number."""

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
