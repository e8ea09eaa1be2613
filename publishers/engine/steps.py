"""Durable steps: written down before the call and completed after it, so that a kill leaves no guess."""

import datetime as dt
import hashlib
import json
import logging
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone

from cms.document.model import canonical
from publishers.engine import prepared, verdicts
from publishers.engine.claims import (
    Claim,
    Fenced,
    going_on,
    held,
    hold,
    hold_to_ask,
    holding,
    is_long_ago,
    keep,
    lock,
)
from publishers.engine.prepared import Given
from publishers.engine.verdicts import Halt
from publishers.interface import (
    Absent,
    Finding,
    Found,
    Json,
    OutcomeUnknown,
    PublisherError,
    SameCall,
    Undecided,
)
from publishers.logs import about
from publishers.models import Attempt, Outcome, Upload

if TYPE_CHECKING:
    from publishers.engine.items import EngineItem

log = logging.getLogger(__name__)
#: What is written of a step when its call has ended; and when it is new.
ENDING = ("outcome", "ended_at", "result", "error", "evidence")
WHOLE = ("delivery", "item", "generation", "name", "input_sha256", "tries", "begun_at", *ENDING)


class NeverSent(BaseException):
    """Nothing new may be called, and the publication was not called so far that readers could see it."""


class Steps:
    """The steps of one delivery's generation; ``describe`` turns an error into evidence without secrets.

    ``looking`` makes no call that was not begun before: it only finds out what became of those. Raises
    NeverSent where the next call would be made. ``doubted_since`` is the time of the backup from which the
    database comes: a step may have been called after it by a hub whose rows are lost.
    """

    def __init__(
        self,
        claim: Claim,
        describe: Callable[[Exception], dict],
        *,
        looking: bool = False,
        doubted_since: dt.datetime | None = None,
    ):
        self.claim, self.looking, self.doubted_since = claim, looking, doubted_since
        self.describe = describe
        self.progressed = False
        delivery = claim.delivery
        of = {"delivery": delivery.pk, "generation": delivery.generation}
        self._rows = [] if claim.is_first else _of_generation(**of)
        self._unwritten: list[tuple[Attempt, str]] = []
        self._inside = False

    def step(
        self,
        name: str,
        call: Callable[[], Json],
        *,
        find: Callable[[], Finding] | None,
        item: "EngineItem | None",
        given: Json,
        repeatable: bool,
        before: Callable[[], None] | None = None,
    ) -> Json:
        row = self._row(name, item, _digest(given))
        if row.outcome == Outcome.DONE:
            return row.result
        if self._is_doubted(row) and not repeatable:
            self._doubt(row)
        unknown = [other for other in self._of(name, item) if other.is_unknown]
        if unknown and not repeatable:
            finding = self._find(name, find)
            if isinstance(finding, Found):
                return self._settle(row, unknown, finding.result)
            if isinstance(finding, SameCall):
                return self._call_again(row, call, before, finding)
            self._close(unknown)
        if self.looking and not (repeatable and self.doubted_since):
            # Done again it harms nobody; what comes after it may have been called by a lost hub.
            raise NeverSent
        return self._call(row, call, before)

    def upload(self, use: str, sha256: str, call: Callable[[], Json]) -> Json:
        """Return the result of uploading a picture: it shows nobody anything and may be done twice.

        So it is written down when it is over, with the others of the same second: see ``write_down``.
        """
        row = self._row(f"{Attempt.UPLOAD}{use}", None, _digest({"sha256": sha256}))
        if row.outcome == Outcome.DONE:
            return row.result
        if self.looking and not self.doubted_since:
            raise NeverSent
        _never_in_transaction()
        if is_long_ago(self.claim):
            self.write_down()
            hold(self.claim)
        row.tries, row.begun_at, row.error, row.evidence = row.tries + 1, timezone.now(), "", {}
        try:
            row.result = _as_read(self._outside(call))
        except Exception as error:
            self._over(row, sha256, _outcome_of(error, Outcome.FAILED), error)
            self.write_down()
            raise
        self._over(row, sha256, Outcome.DONE)
        self.progressed = True
        return row.result

    def write_down(self) -> None:
        """Write down the uploads that are over; done before any step is begun. Raises Fenced."""
        over, self._unwritten = self._unwritten, []
        if not over:
            return
        known = [row for row, _sha256 in over if row.pk]
        new = [row for row, _sha256 in over if row.pk is None]
        with transaction.atomic():
            lock(self.claim)
            for row in known:
                row.save()
            Attempt.objects.bulk_create(new)
            self._keep_uploads(over)
        for row in [*known, *new]:
            _tell(row)

    def _keep_uploads(self, over: "list[tuple[Attempt, str]]") -> None:
        """Keep what the account has now; another delivery may have uploaded it meanwhile: either serves."""
        account = self.claim.delivery.account
        # In one order, since another worker may write the same.
        done = sorted((row.name, sha256, row.result) for row, sha256 in over if row.outcome == Outcome.DONE)
        rows = [
            Upload(account=account, use=name.removeprefix(Attempt.UPLOAD), sha256=sha256, result=result)
            for name, sha256, result in done
        ]
        Upload.objects.bulk_create(rows, ignore_conflicts=True)

    def commit(self, name: str, item: "EngineItem", given: Json, write: Callable[[], Json]) -> Json:
        """Return the result of ``write``, a change of our own database: kept with it, so never unknown."""
        row = self._row(name, item, _digest(given))
        if row.outcome == Outcome.DONE:
            return row.result
        if self.looking:
            raise NeverSent
        self.write_down()
        row.tries, row.begun_at = row.tries + 1, timezone.now()
        with transaction.atomic():
            hold(self.claim)
            row.outcome, row.result, row.ended_at = Outcome.DONE, _as_read(write()), timezone.now()
            row.save()
        self._rows.append(row)
        self.progressed = True
        return row.result

    @property
    def begun(self) -> bool:
        """Whether anything was called in this generation, or may have been."""
        return bool(self._rows) or self.doubted_since is not None

    def unknown_since(self, name: str, item: "EngineItem | None") -> dt.datetime:
        return min(row.begun_at for row in self._of(name, item) if row.is_unknown)

    def poll(self, name: str, ask: Callable[[], Json | None], delays: Sequence[float]) -> Json:
        row = self._row(f"{Attempt.POLL}{name}", None, "")
        if row.outcome == Outcome.DONE:
            return row.result
        _never_in_transaction()
        hold_to_ask(self.claim)
        answer = self._outside(ask)
        self._note(row, answer)
        if answer is not None:
            return row.result
        if row.tries > len(delays):
            raise Halt(verdicts.unconfirmed(self.claim.delivery))
        raise Halt(verdicts.confirming(self.claim.delivery, delays[row.tries - 1]))

    def _of(self, name: str, item: "EngineItem | None") -> list[Attempt]:
        item_id = item.pk if item else None
        return [row for row in self._rows if row.name == name and row.item_id == item_id]

    def _row(self, name: str, item: "EngineItem | None", digest: str) -> Attempt:
        """Return the step's row, a new one (not saved) when there is none."""
        for row in self._of(name, item):
            if row.input_sha256 == digest:
                return row
        delivery = self.claim.delivery
        return Attempt(
            delivery=delivery,
            item_id=item.pk if item else None,
            generation=delivery.generation,
            name=name,
            input_sha256=digest,
            tries=0,
        )

    def _is_doubted(self, row: Attempt) -> bool:
        """Return whether a lost hub may have made the step's call.

        Not when this one called it since the backup, or another step: what comes later in the plugin's code
        was not called when what comes earlier was not.
        """
        since = self.doubted_since
        if since is None or (row.pk and row.is_unknown):
            return False
        called = [other for other in self._rows if other.begun_at > since and not other.is_harmless]
        return not any(other.name != row.name or other.item_id == row.item_id for other in called)

    def _doubt(self, row: Attempt) -> None:
        """Write the lost call down, so that it is looked for as every call whose outcome is unknown."""
        row.outcome, row.begun_at = Outcome.UNKNOWN, self.doubted_since
        with transaction.atomic():
            hold(self.claim)
            row.save()
        if row not in self._rows:
            self._rows.append(row)

    def _find(self, name: str, find: Callable[[], Finding] | None) -> Found | Absent | SameCall:
        """Ask what became of an earlier call, whatever its input was. Raises Halt when that is not known."""
        if find is None:
            raise Halt(verdicts.undecided(self.claim.delivery, name, None))
        _never_in_transaction()
        hold(self.claim)
        finding = self._outside(find)
        if not isinstance(finding, Found | Absent | SameCall):
            raise Halt(verdicts.undecided(self.claim.delivery, name, finding))
        return finding

    def _settle(self, row: Attempt, unknown: list[Attempt], result: Json) -> Json:
        """Write down that the earlier call is found: then none with another input is made, either."""
        with transaction.atomic():
            hold(self.claim)
            for found in unknown if row in unknown else [*unknown, row]:
                found.outcome, found.result, found.ended_at = Outcome.DONE, _as_read(result), timezone.now()
                found.begun_at = found.begun_at or found.ended_at
                found.save()
        self.progressed = True
        return row.result

    def _close(self, unknown: list[Attempt]) -> None:
        for row in unknown:
            self._end(row, Outcome.FAILED)

    def _call(
        self,
        row: Attempt,
        call: Callable[[], Json],
        before: Callable[[], None] | None,
        failed: str = Outcome.FAILED,
    ) -> Json:
        if before is not None:
            _never_in_transaction()
            hold_to_ask(self.claim)
            before()
        self._begin(row, Outcome.BEGUN)
        try:
            with about(attempt=row.pk):
                result = self._outside(call)
        except Exception as error:
            self._end(row, _outcome_of(error, failed), error)
            raise
        return self._done(row, result)

    def _call_again(
        self, row: Attempt, call: Callable[[], Json], before: Callable[[], None] | None, finding: SameCall
    ) -> Json:
        """Make the very call again of which the platform itself tells whether it had its effect."""
        if self.looking or not row.is_unknown:
            raise Halt(verdicts.undecided(self.claim.delivery, row.name, Undecided(finding.reason)))
        return self._call(row, call, before, failed=Outcome.UNKNOWN)

    def _outside(self, call: Callable[[], Json]) -> Json:
        if self._inside:
            raise RuntimeError("Steps are never nested.")
        self._inside = True
        try:
            return call()
        finally:
            self._inside = False

    def _begin(self, row: Attempt, outcome: str) -> None:
        if self._inside:
            raise RuntimeError("Steps are never nested.")
        _never_in_transaction()
        self.write_down()
        row.tries += 1
        row.outcome, row.begun_at, row.ended_at = outcome, timezone.now(), None
        row.error, row.evidence = "", {}
        if self._insert(row, _insert_going_on):
            self.claim.looked_s = time.monotonic()
        else:
            with transaction.atomic():
                hold(self.claim)
                row.save()
        if row not in self._rows:
            self._rows.append(row)

    def _note(self, row: Attempt, answer: Json | None) -> None:
        """Write down at once that a poll was made and what it gave, whatever is desired by now."""
        row.tries += 1
        row.begun_at = timezone.now()
        if answer is None:
            row.outcome = Outcome.WAITING
        else:
            row.outcome, row.result, row.ended_at = Outcome.DONE, _as_read(answer), row.begun_at
            self.progressed = True
        if not self._insert(row, _insert_held):
            with transaction.atomic():
                keep(self.claim)
                row.save()
        if row not in self._rows:
            self._rows.append(row)

    def _insert(self, row: Attempt, insert: Callable[..., list[int]]) -> bool:
        """Write a new row by one statement, which looks at the claim as well; return whether it did."""
        if row.pk is not None:
            return False
        values = {name: getattr(row, Attempt._meta.get_field(name).attname) for name in WHOLE}
        keys = insert(**self.claim.values, **values)
        if keys:
            [row.pk], row._state.adding = keys, False
        return bool(keys)

    def _done(self, row: Attempt, result: Json) -> Json:
        row.result = _as_read(result)
        self._end(row, Outcome.DONE)
        self.progressed = True
        return row.result

    def _over(self, row: Attempt, sha256: str, outcome: str, error: Exception | None = None) -> None:
        self._say(row, outcome, error)
        if row not in self._rows:
            self._rows.append(row)
        self._unwritten.append((row, sha256))

    def _say(self, row: Attempt, outcome: str, error: Exception | None) -> None:
        row.outcome, row.ended_at = outcome, timezone.now()
        if error is not None:
            row.error, row.evidence = type(error).__name__, self.describe(error)

    def _end(self, row: Attempt, outcome: str, error: Exception | None = None) -> None:
        self._say(row, outcome, error)
        values = {field: getattr(row, field) for field in ENDING}
        if not _end(**self.claim.values, attempt=row.pk, **values):
            raise Fenced
        _tell(row)


@prepared.select
def _of_generation():
    of = {name: Given(Attempt, name) for name in ("delivery", "generation")}
    return Attempt.objects.filter(**of)


@prepared.insert
def _insert_going_on():
    return going_on(), Attempt, {name: Given(Attempt, name) for name in WHOLE}


@prepared.insert
def _insert_held():
    rows = held().select_for_update(no_key=True)
    return rows, Attempt, {name: Given(Attempt, name) for name in WHOLE}


@prepared.update
def _end():
    mine = Attempt.objects.filter(holding(), pk=Given(Attempt, "id", "attempt"))
    return mine, {field: Given(Attempt, field) for field in ENDING}


def _tell(row: Attempt) -> None:
    with about(attempt=row.pk):
        log.info("Step “%s” ended: %s %s", row.name, row.outcome, row.error)


def _digest(given: Json) -> str:
    return hashlib.sha256(canonical(given)).hexdigest()


def _outcome_of(error: Exception, failed: str) -> str:
    """Return what a call is that raised ``error``: ``failed`` when a plugin says that it had no effect."""
    # A surprise, perhaps while reading the answer, is unknown: the call may have had its effect.
    is_told = isinstance(error, PublisherError) and not isinstance(error, OutcomeUnknown)
    return failed if is_told else Outcome.UNKNOWN


def _as_read(result: Json) -> Json:
    """Return ``result`` as a later run will read it: tuples are lists, keys are strings."""
    return json.loads(json.dumps(result))


def _never_in_transaction() -> None:
    if connection.in_atomic_block:
        raise RuntimeError("A remote call is never made inside a transaction.")
