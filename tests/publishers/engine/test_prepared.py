"""A statement that is compiled once says the same as Django's own, with other values each time."""

import datetime as dt

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import F, Value
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from publishers.models import Attempt, Delivery, Outcome, compiled_queries
from publishers.models.compiled_queries import Param
from tests.publishers.engine.cast import send
from tests.publishers.engine.test_leases import in_threads

pytestmark = pytest.mark.django_db(transaction=True)
NOW = dt.datetime(2026, 11, 25, 9, 30, tzinfo=dt.UTC)


@compiled_queries.select
def _in_phase():
    in_phase = Delivery.objects.filter(phase=Param(Delivery, "phase"), due_at__lte=Param(Delivery, "due_at"))
    return in_phase.select_related("account").annotate(twice=F("priority") * 2)


@compiled_queries.select
def _outcomes():
    return Attempt.objects.filter(delivery=Param(Attempt, "delivery")).values_list("name", "result")


@compiled_queries.update
def _write():
    written = ("outcome", "ended_at", "result", "error")
    changes = {field: Param(Attempt, field) for field in written} | {"tries": F("tries") + 1}
    return Attempt.objects.filter(
        delivery=Param(Attempt, "delivery"), tries__lt=Param(Attempt, "tries", "most")
    ), changes


MADE = ("delivery", "item", "generation", "name", "input_sha256", "tries", "begun_at", "outcome", "result")


@compiled_queries.insert
def _make():
    rows = Delivery.objects.filter(pk=Param(Delivery, "id"), phase=Param(Delivery, "phase"))
    made = {field: Param(Attempt, field) for field in MADE} | {"error": Value(""), "evidence": _nothing()}
    return rows.select_for_update(no_key=True), Attempt, made


def _nothing():
    return Value({}, output_field=Attempt._meta.get_field("evidence"))


@pytest.fixture
def delivery(release, account):
    return send(release, account=account)


@pytest.fixture
def attempt(delivery):
    return Attempt.objects.create(
        delivery=delivery, generation=1, name="draft", input_sha256="", begun_at=NOW
    )


def put(delivery, **changes):
    values = {"outcome": Outcome.DONE, "ended_at": NOW, "result": None, "error": "", "most": 9} | changes
    return _write(delivery=delivery.pk, **values)


def test_rows_are_those_of_django_with_what_is_joined_and_reckoned(delivery):
    late = timezone.now() + dt.timedelta(days=1)
    for _ in range(2):
        with CaptureQueriesContext(connection) as said:
            [found] = _in_phase(phase=delivery.phase, due_at=late)
            assert (found, found.account, found.twice) == (delivery, delivery.account, delivery.priority * 2)
        assert len(said) == 1
    assert {**found.__dict__, "_state": 0, "twice": 0}.keys() >= Delivery.objects.get().__dict__.keys()
    assert _in_phase(phase="settled", due_at=late) == []
    assert _in_phase(phase=delivery.phase, due_at=NOW - dt.timedelta(days=900)) == []


@pytest.mark.parametrize("result", [None, {"键": ["值", 1, None]}, [], "'; --"])
def test_what_is_written_is_read_again(attempt, delivery, result):
    assert put(delivery, result=result, error="e" * 60) == 1
    attempt.refresh_from_db()
    assert (attempt.result, attempt.ended_at, attempt.tries) == (result, NOW, 2)
    assert _outcomes(delivery=delivery.pk) == [("draft", result)]
    assert put(delivery, result={}, ended_at=None) == 1
    attempt.refresh_from_db()
    assert (attempt.result, attempt.ended_at, attempt.tries) == ({}, None, 3)


def make(delivery, **changes):
    values = {"phase": delivery.phase, "delivery": delivery.pk, "item": None, "generation": 1, "name": "草稿"}
    values |= {"input_sha256": "f" * 64, "tries": 1, "begun_at": NOW, "outcome": "begun", "result": None}
    return _make(id=delivery.pk, **values | changes)


@pytest.mark.parametrize("result", [None, {"键": ["值", 1, None]}, [], "'; --"])
def test_what_is_made_is_read_again_by_its_key(delivery, result):
    item = delivery.items.get()
    keys = make(delivery, result=result) + make(delivery, item=item.pk, name="发布", result=result)
    first, second = (Attempt.objects.get(pk=key) for key in keys)
    assert (first.name, first.item, first.begun_at, first.result) == ("草稿", None, NOW, result)
    assert (second.name, second.item, second.delivery, second.evidence) == ("发布", item, delivery, {})


def test_nothing_is_made_for_no_row(delivery):
    assert make(delivery, phase="settled") == [] and not Attempt.objects.exists()


def test_what_is_made_twice_undoes_the_transaction(delivery):
    make(delivery)
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(priority=1)
        make(delivery)
    assert Delivery.objects.get().priority == delivery.priority and Attempt.objects.count() == 1


def test_nothing_written_counts_as_nothing(attempt, delivery):
    assert put(delivery, most=1) == 0
    attempt.refresh_from_db()
    assert attempt.tries == 1 and attempt.outcome == Outcome.BEGUN


def test_each_thread_has_its_own(delivery):
    phases = in_threads(
        6, lambda: [row.phase for row in _in_phase(phase=delivery.phase, due_at=timezone.now())]
    )
    assert phases == [[delivery.phase]] * 6


def test_what_the_database_refuses_undoes_the_transaction(attempt, delivery):
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(priority=1)
        put(delivery, outcome=None)
    assert Delivery.objects.get().priority == delivery.priority
