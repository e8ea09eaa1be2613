"""The attempts of one delivery's generation: which there are, and how each is written down.

What has an effect is written before its call and after it. What is only uploaded is written when it is over,
with the others of the same second: it shows nobody anything and may be done twice.
"""

import hashlib
import json
import logging
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, QuerySet

from cms.document.model import canonical
from publishers.engine.leases import Fenced, Lease, locked, ready_for_call, renew, renew_before_call
from publishers.interface import Json, storable
from publishers.logs import about
from publishers.models import Attempt, Delivery, Outcome, Upload
from publishers.models.insert_select import insert_select

if TYPE_CHECKING:
    from publishers.engine.items import EngineItem

_Locked = Callable[[Lease], QuerySet[Delivery]]

log = logging.getLogger(__name__)
#: What is written of a step when its call has ended; and when it is new.
ENDING = ("outcome", "ended_at", "result", "error", "evidence")
WHOLE = ("delivery", "item", "generation", "name", "input_sha256", "tries", "begun_at", *ENDING)


class Attempts:
    """``describe`` turns an error into evidence without secrets. Whatever writes raises Fenced."""

    def __init__(self, lease: Lease, describe: Callable[[Exception], dict[str, str]]):
        self._lease, self._describe = lease, describe
        self.rows: list[Attempt] = [] if lease.is_first else _of_generation(lease.delivery)
        self._unwritten: list[tuple[Attempt, str]] = []

    def of(self, name: str, item: "EngineItem | None") -> list[Attempt]:
        item_id = item.pk if item else None
        return [row for row in self.rows if row.name == name and row.item_id == item_id]

    def row(self, name: str, item: "EngineItem | None", digest: str) -> Attempt:
        """Return the step's row, a new one (not saved) when there is none."""
        for row in self.of(name, item):
            if row.input_sha256 == digest:
                return row
        delivery = self._lease.delivery
        return Attempt(
            delivery=delivery,
            item_id=item.pk if item else None,
            generation=delivery.generation,
            name=name,
            input_sha256=digest,
            tries=0,
        )

    def begin(self, row: Attempt) -> None:
        """Write down that a call is made now. Raises Halt as ``renew_before_call``."""
        self.write_down()
        start(row, self._lease)
        row.outcome, row.ended_at = Outcome.BEGUN, None
        self._write(row, ready_for_call, renew_before_call)
        self._lease.looked_s = time.monotonic()

    def end(self, row: Attempt, outcome: str, error: Exception | None = None) -> None:
        """Write down what became of a call that was begun."""
        self._finish(row, outcome, error)
        values = {field: getattr(row, field) for field in ENDING}
        with transaction.atomic():
            mine = Attempt.objects.filter(Exists(locked(self._lease)), pk=row.pk)
            if not mine.update(**values):
                raise Fenced
        _tell(row)

    def note(self, row: Attempt, answer: Json | None) -> None:
        """Write down at once that a question was asked and what it gave, whatever is desired by now."""
        row.tries, row.begun_at = row.tries + 1, self._lease.time
        if answer is None:
            row.outcome = Outcome.WAITING
        else:
            row.outcome, row.result, row.ended_at = Outcome.DONE, as_read(answer), row.begun_at
        self._write(row, locked, renew)

    def uploaded(self, row: Attempt, sha256: str, outcome: str, error: Exception | None = None) -> None:
        """Take in what became of an upload; ``write_down`` writes it."""
        self._finish(row, outcome, error)
        self.add(row)
        self._unwritten.append((row, sha256))

    def write_down(self) -> None:
        """Write down the uploads that are over; done before any call is begun."""
        over, self._unwritten = self._unwritten, []
        if not over:
            return
        known = [row for row, _sha256 in over if row.pk]
        new = [row for row, _sha256 in over if row.pk is None]
        with transaction.atomic():
            renew(self._lease)
            for row in known:
                row.save()
            Attempt.objects.bulk_create(new)
            self._keep_results(over)
        for row in [*known, *new]:
            _tell(row)

    def add(self, row: Attempt) -> None:
        if row not in self.rows:
            self.rows.append(row)

    def _keep_results(self, over: Sequence[tuple[Attempt, str]]) -> None:
        """Keep what the account has now; another delivery may have uploaded it meanwhile: either serves."""
        account = self._lease.delivery.account
        # In one order, since another worker may write the same.
        done = sorted((row.name, sha256, row.result) for row, sha256 in over if row.outcome == Outcome.DONE)
        rows = [
            Upload(account=account, use=name.removeprefix(Attempt.UPLOAD), sha256=sha256, result=result)
            for name, sha256, result in done
        ]
        Upload.objects.bulk_create(rows, ignore_conflicts=True)

    def _finish(self, row: Attempt, outcome: str, error: Exception | None) -> None:
        row.outcome, row.ended_at = outcome, self._lease.time
        if error is not None:
            row.error, row.evidence = type(error).__name__, self._describe(error)

    def _write(self, row: Attempt, locked: _Locked, look: Callable[[Lease], None]) -> None:
        """Write a new row by one statement while there is what is ``locked``, or after ``look``."""
        if row.pk is not None or not self._insert(row, locked):
            with transaction.atomic():
                look(self._lease)
                row.save()
        self.add(row)

    def _insert(self, row: Attempt, locked: _Locked) -> bool:
        values = {name: row.serializable_value(name) for name in WHOLE}
        keys = insert_select(Attempt, locked(self._lease), values)
        if keys:
            [row.pk], row._state.adding = keys, False
        return bool(keys)


def start(row: Attempt, lease: Lease) -> None:
    """Let the row be that of a call which is made now."""
    row.tries, row.begun_at, row.error, row.evidence = row.tries + 1, lease.time, "", {}


def digest_of(given: Json) -> str:
    return hashlib.sha256(canonical(given)).hexdigest()


def as_read(result: Json) -> Json:
    """Return ``result`` as a later run will read it: tuples are lists, keys strings, all storable."""
    return json.loads(json.dumps(storable(result)))


def _tell(row: Attempt) -> None:
    with about(attempt=row.pk):
        log.debug("Step “%s” ended: %s %s", row.name, row.outcome, row.error)


def _of_generation(delivery: Delivery) -> list[Attempt]:
    return list(Attempt.objects.filter(delivery=delivery.pk, generation=delivery.generation))
