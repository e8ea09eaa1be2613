"""Durable steps: written down before the call and completed after it, so that a kill leaves no guess."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from django.db import transaction

from publishers.asking.standing import Standing
from publishers.engine import outcomes
from publishers.engine.attempts import Attempts, as_read, digest_of, start
from publishers.engine.leases import Lease, is_long_ago, renew_before_call, renew_before_question
from publishers.engine.outcomes import Halt
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
from publishers.models import Attempt, MainSwitch, Outcome

if TYPE_CHECKING:
    from publishers.engine.items import EngineItem


class NeverSent(BaseException):
    """Nothing new may be called, and the publication was not called so far that readers could see it."""


class Steps:
    """The steps of one delivery's generation; ``describe`` turns an error into evidence without secrets.

    ``looking`` makes no call that was not begun before: it only finds out what became of those. Raises
    NeverSent where the next call would be made. ``restored`` is what is known of the backup from which
    the database comes: a step may have been called after it by a hub whose rows are lost.
    """

    def __init__(
        self,
        lease: Lease,
        describe: Callable[[Exception], dict[str, str]],
        *,
        looking: bool = False,
        restored: MainSwitch | None = None,
    ):
        self.lease, self.looking, self.restored = lease, looking, restored
        self.progressed = False
        self._attempts = Attempts(lease, describe)
        self._inside = False
        self._standing = Standing()

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
        self._standing.require()
        row = self._attempts.row(name, item, digest_of(given))
        if row.outcome == Outcome.DONE:
            return row.result
        if self._is_doubted(row) and not repeatable:
            self._doubt(row)
        unknown = [other for other in self._attempts.of(name, item) if other.is_unknown]
        if unknown and not repeatable:
            finding = self._find(name, find)
            if isinstance(finding, Found):
                return self._settle(row, unknown, finding.result)
            if isinstance(finding, SameCall):
                return self._call_again(row, call, before, finding)
            self._close(unknown)
        self._require_new_calls(repeatable=repeatable)
        return self._call(row, call, before)

    def upload(self, use: str, sha256: str, call: Callable[[], Json]) -> Json:
        """Return the result of uploading a picture, which shows nobody anything and may be done twice."""
        self._standing.require()
        row = self._attempts.row(f"{Attempt.UPLOAD}{use}", None, digest_of({"sha256": sha256}))
        if row.outcome == Outcome.DONE:
            return row.result
        self._require_new_calls(repeatable=True)
        if is_long_ago(self.lease):
            self.write_down()
            renew_before_call(self.lease)
        start(row, self.lease)
        try:
            row.result = as_read(self._outside(call))
        except Exception as error:
            self._attempts.uploaded(row, sha256, _outcome_of(error, Outcome.FAILED), error)
            self.write_down()
            raise
        self._attempts.uploaded(row, sha256, Outcome.DONE)
        self.progressed = True
        return row.result

    def write_down(self) -> None:
        """Write down the uploads that are over. Raises Fenced."""
        self._standing.require()
        self._attempts.write_down()

    def commit(self, name: str, item: "EngineItem", given: Json, write: Callable[[], Json]) -> Json:
        """Return the result of ``write``, a change of our own database: kept with it, so never unknown."""
        self._standing.require()
        row = self._attempts.row(name, item, digest_of(given))
        if row.outcome == Outcome.DONE:
            return row.result
        if self.looking:
            raise NeverSent
        self.write_down()
        start(row, self.lease)
        with transaction.atomic():
            renew_before_call(self.lease)
            row.outcome, row.result, row.ended_at = Outcome.DONE, as_read(write()), self.lease.time
            row.save()
        self._attempts.add(row)
        self.progressed = True
        return row.result

    @property
    def begun(self) -> bool:
        """Whether anything was called in this generation, or may have been."""
        return bool(self._attempts.rows) or self.restored is not None

    def unknown_since(self, name: str, item: "EngineItem | None") -> dt.datetime:
        return min(row.begun_at for row in self._attempts.of(name, item) if row.is_unknown)

    def poll(self, name: str, ask: Callable[[], Json | None], delays: Sequence[float]) -> Json:
        self._standing.require()
        row = self._attempts.row(f"{Attempt.POLL}{name}", None, "")
        if row.outcome == Outcome.DONE:
            return row.result
        renew_before_question(self.lease)
        answer = self._outside(ask)
        self._attempts.note(row, answer)
        if answer is not None:
            self.progressed = True
            return row.result
        if row.tries > len(delays):
            raise Halt(outcomes.unconfirmed(self.lease.delivery))
        raise Halt(outcomes.confirming(self.lease.delivery, delays[row.tries - 1]))

    def _require_new_calls(self, *, repeatable: bool) -> None:
        """Raise NeverSent while we only look; what harms nobody when it is done again may have to be.

        What comes after it may have been called by a lost hub.
        """
        if self.looking and not (repeatable and self.restored):
            raise NeverSent

    def _is_doubted(self, row: Attempt) -> bool:
        """Return whether a lost hub may have made the step's call.

        Not when this one called it since the backup, or another step: what comes later in the plugin's code
        was not called when what comes earlier was not.
        """
        if self.restored is None or (row.pk and row.is_unknown):
            return False
        last = self.restored.restored_attempt
        newer = [other for other in self._attempts.rows if other.pk and other.pk > last]
        called = [other for other in newer if other.tries and not other.is_harmless]
        return not any(other.name != row.name or other.item_id == row.item_id for other in called)

    def _doubt(self, row: Attempt) -> None:
        """Write the lost call down, so that it is looked for as every call whose outcome is unknown."""
        assert self.restored and self.restored.restored_at  # else nothing is doubted
        row.outcome, row.begun_at = Outcome.UNKNOWN, self.restored.restored_at
        with transaction.atomic():
            renew_before_call(self.lease)
            row.save()
        self._attempts.add(row)

    def _find(self, name: str, find: Callable[[], Finding] | None) -> Found | Absent | SameCall:
        """Ask what became of an earlier call, whatever its input was. Raises Halt when that is not known."""
        if find is None:
            raise Halt(outcomes.undecided(self.lease.delivery, name, None))
        renew_before_call(self.lease)
        finding = self._outside(find)
        if not isinstance(finding, Found | Absent | SameCall):
            raise Halt(outcomes.undecided(self.lease.delivery, name, finding))
        return finding

    def _settle(self, row: Attempt, unknown: list[Attempt], result: Json) -> Json:
        """Write down that the earlier call is found: then none with another input is made, either."""
        with transaction.atomic():
            renew_before_call(self.lease)
            for found in unknown if row in unknown else [*unknown, row]:
                ended_at = self.lease.time
                found.outcome, found.result, found.ended_at = Outcome.DONE, as_read(result), ended_at
                found.begun_at = found.begun_at or ended_at
                found.save()
        self.progressed = True
        return row.result

    def _close(self, unknown: list[Attempt]) -> None:
        for row in unknown:
            self._attempts.end(row, Outcome.FAILED)

    def _call(
        self,
        row: Attempt,
        call: Callable[[], Json],
        before: Callable[[], None] | None,
        failed: str = Outcome.FAILED,
    ) -> Json:
        if self._inside:
            raise RuntimeError("Steps are never nested.")
        if before is not None:
            renew_before_question(self.lease)
            before()
            self._standing.require()
        self._attempts.begin(row)
        try:
            with about(attempt=row.pk):
                result = self._outside(call)
        except Exception as error:
            self._attempts.end(row, _outcome_of(error, failed), error)
            raise
        row.result = as_read(result)
        self._attempts.end(row, Outcome.DONE)
        self.progressed = True
        return row.result

    def _call_again(
        self, row: Attempt, call: Callable[[], Json], before: Callable[[], None] | None, finding: SameCall
    ) -> Json:
        """Make the very call again of which the platform itself tells whether it had its effect."""
        if self.looking or not row.is_unknown:
            raise Halt(outcomes.undecided(self.lease.delivery, row.name, Undecided(finding.reason)))
        return self._call(row, call, before, failed=Outcome.UNKNOWN)

    def _outside(self, call: Callable[[], Json]) -> Json:
        if self._inside:
            raise RuntimeError("Steps are never nested.")
        self._inside = True
        try:
            with self._standing.kept():
                return call()
        finally:
            self._inside = False


def _outcome_of(error: Exception, failed: str) -> str:
    """Return what a call is that raised ``error``: ``failed`` when a plugin says that it had no effect."""
    # A surprise, perhaps while reading the answer, is unknown: the call may have had its effect.
    is_told = isinstance(error, PublisherError) and not isinstance(error, OutcomeUnknown) and error.certain
    return failed if is_told else Outcome.UNKNOWN
