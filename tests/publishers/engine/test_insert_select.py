"""What is inserted for a row by one statement is what Django would have saved."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from publishers.models import Attempt, Delivery
from publishers.models.insert_select import insert_select
from tests.publishers.engine.cast import send

pytestmark = pytest.mark.django_db(transaction=True)
NOW = dt.datetime(2026, 11, 25, 9, 30, tzinfo=dt.UTC)


@pytest.fixture
def delivery(release, account):
    return send(release, account=account)


def make(delivery, *, phase=None, **changes):
    rows = Delivery.objects.filter(pk=delivery.pk, phase=phase or delivery.phase)
    values = {"delivery": delivery.pk, "item": None, "generation": 1, "name": "草稿", "tries": 1}
    values |= {"input_sha256": "f" * 64, "begun_at": NOW, "outcome": "begun", "result": None}
    values |= {"error": "", "evidence": {}}
    return insert_select(Attempt, rows.select_for_update(no_key=True), values | changes)


@pytest.mark.parametrize("result", [None, {"键": ["值", 1, None]}, [], "'; -- 100 %s"])
def test_what_is_made_is_read_again_by_its_key(delivery, result):
    item = delivery.items.get()
    keys = make(delivery, result=result) + make(delivery, item=item.pk, name="发布", result=result)
    first, second = (Attempt.objects.get(pk=key) for key in keys)
    assert (first.name, first.item, first.begun_at, first.result) == ("草稿", None, NOW, result)
    assert (second.name, second.item, second.delivery, second.evidence) == ("发布", item, delivery, {})


def test_no_result_is_no_value_as_where_django_saves(delivery):
    make(delivery)
    assert Attempt.objects.filter(result__isnull=True).exists()


def test_nothing_is_made_for_no_row(delivery):
    assert make(delivery, phase="settled") == [] and not Attempt.objects.exists()


def test_what_is_made_twice_undoes_the_transaction(delivery):
    make(delivery)
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(priority=1)
        make(delivery)
    assert Delivery.objects.get().priority == delivery.priority and Attempt.objects.count() == 1
