"""What is due is found by index, however many deliveries there have ever been."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models.functions import Now

from publishers import engine
from publishers.models import Delivery, Phase
from publishers.verification import verify
from tests.publishers.engine.cast import send, signed_release
from tests.publishers.engine.clock import an_hour_ago, in_an_hour
from tests.publishers.engine.many import multiply, plan

NEEDED = {"delivery_due", "delivery_account_next"}
SETTLED, LATER, DUE = 20_000, 5_000, 60
#: Reading the table from end to end, in the words of each database.
WHOLE = {
    "sqlite": r"SCAN publishers_delivery\b(?! USING)",
    "postgresql": r"Seq Scan on publishers_delivery\b",
}


@pytest.fixture
def many(account) -> Delivery:
    """Fill the table with what is settled, some for later, a little that is due; return one that is due."""
    settled, later, due = (send(signed_release(number), account=account) for number in (1, 2, 3))
    Delivery.objects.filter(pk=settled.pk).update(phase=Phase.SETTLED, next_at=None, settled_at=Now())
    Delivery.objects.filter(pk=later.pk).update(next_at=in_an_hour())
    Delivery.objects.filter(pk=due.pk).update(next_at=an_hour_ago())
    multiply(settled, SETTLED)
    multiply(later, LATER)
    multiply(due, DUE)
    return due


def plans(work: Callable[[], object]) -> dict[str, str]:
    """Return each query on deliveries that ``work`` makes, with how the database answers it."""
    asked = []

    def note(execute, sql, params, many, context):
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        work()
    return {sql: plan(sql, params) for sql, params in asked if 'FROM "publishers_delivery"' in sql}


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("sweep", "delivery_due"),
        ("next_after", "delivery_account_next"),
        ("urgent", "delivery_in_hand"),
        ("next_moment", "delivery_due"),
        ("due_looks", "delivery_look"),
    ],
)
def test_nothing_is_looked_for_from_end_to_end(many, name, index):
    work = {
        "sweep": engine.sweep,
        "next_after": lambda: engine.next_after(many.pk),
        "urgent": engine.urgent_line.sweep,
        "next_moment": engine.next_moment,
        "due_looks": verify.due,
    }[name]
    first, *others = plans(work).values()
    assert index in first, first
    assert Delivery.objects.count() > SETTLED
    for how in (first, *others):
        assert not re.search(WHOLE[connection.vendor], how), how


@pytest.fixture
def without_indexes(many):
    dropped = [index for index in Delivery._meta.indexes if index.name in NEEDED]
    with connection.schema_editor() as schema:
        for index in dropped:
            schema.remove_index(Delivery, index)
    yield
    with connection.schema_editor() as schema:
        for index in dropped:
            schema.add_index(Delivery, index)


def test_without_its_indexes_a_sweep_would_read_everything(without_indexes):
    first, *_others = plans(engine.sweep).values()
    assert re.search(WHOLE[connection.vendor], first), first
