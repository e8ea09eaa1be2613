"""One run of one delivery: claim, verify, let the plugin work, write down how it ended."""

import logging
import uuid
from collections.abc import Sequence

from django.db import InterfaceError, OperationalError, connection, transaction

from cms import releases
from publishers import pausing, registry
from publishers.engine import verdicts
from publishers.engine.claims import Claim, Fenced, claim, hold, let_go
from publishers.engine.items import EngineItem, items_of
from publishers.engine.job import EngineJob
from publishers.engine.probing import probe
from publishers.engine.sessions import EngineAccount
from publishers.engine.steps import Steps
from publishers.engine.verdicts import Forged, Halt, Verdict
from publishers.interface import (
    CapabilityMissing,
    CredentialsInvalid,
    Live,
    PermanentError,
    Publisher,
    PublisherError,
)
from publishers.models import Delivery, DeliveryItem, Desired, Phase

log = logging.getLogger(__name__)


def run(delivery_id: uuid.UUID) -> str:
    """Bring the delivery on as far as it goes now; return its phase.

    Does nothing when it is not due or another worker has it. Never raises for what a plugin or platform
    does: that ends in a phase and a sentence. Raises the database's own failures; the delivery is then picked
    up when the lease has ended. May be killed anywhere.
    """
    if connection.in_atomic_block:
        raise RuntimeError("The engine is never run inside a transaction.")
    held = claim(delivery_id)
    if held is None:
        return Delivery.objects.values_list("phase", flat=True).get(pk=delivery_id)
    try:
        verdict = _Run(held).verdict()
        let_go(held, verdict)
    except Fenced:
        log.warning("Delivery %s was taken over by another worker.", delivery_id)
        return Delivery.objects.values_list("phase", flat=True).get(pk=delivery_id)
    log.info("Delivery %s is %s. %s", delivery_id, verdict.phase, verdict.reason)
    return verdict.phase


class _Run:
    def __init__(self, held: Claim):
        self.claim, self.delivery = held, held.delivery
        self.steps: Steps | None = None

    def verdict(self) -> Verdict:
        try:
            return self._work()
        except Halt as halt:
            return halt.verdict
        except PublisherError as error:
            return self._after(error)
        except releases.Forged:
            return verdicts.of_error(Forged(), self.delivery, 0)
        except (OperationalError, InterfaceError):
            # Nothing for a person: what could not be written down is looked for by the next worker.
            raise
        except Exception:
            log.exception("Delivery %s met an error in the hub or a plugin.", self.delivery.pk)
            return verdicts.internal()

    def _work(self) -> Verdict:
        account = self.delivery.account
        if account.is_paused:
            return verdicts.account_paused(account)
        publisher = _publisher(account.platform)
        rows = list(self.delivery.items.select_related("release").prefetch_related("links"))
        _verify(self.claim, rows, publisher)
        session = EngineAccount(account)
        with session.http:
            self.steps = Steps(self.claim, session.evidence)
            if account.checked_at is None:
                probe(session)
            items = items_of(self.claim, rows, publisher)
            return self._reconcile(publisher, EngineJob(self.claim, session, items, self.steps), items)

    def _reconcile(self, publisher: Publisher, job: EngineJob, items: Sequence[EngineItem]) -> Verdict:
        """Make what is observed what is desired."""
        observed = [item.row.observed_generation for item in items]
        if self.delivery.desired == Desired.GONE:
            if any(observed):
                _require(publisher.platform.can_withdraw, "withdraw")
                publisher.withdraw(job)
            _write_observed(self.claim, items, None)
        elif any(generation != self.delivery.generation for generation in observed):
            lives = self._bring_live(publisher, job, correcting=any(observed))
            if len(lives) != len(items):
                raise PermanentError(f"The plugin answered for {len(lives)} of {len(items)} items.")
            _write_observed(self.claim, items, lives)
        return Verdict(Phase.SETTLED)

    def _bring_live(self, publisher: Publisher, job: EngineJob, *, correcting: bool) -> Sequence[Live]:
        if correcting:
            _require(publisher.platform.can_correct, "correct")
            return publisher.correct(job)
        return publisher.publish(job)

    def _after(self, error: PublisherError) -> Verdict:
        log.warning("Delivery %s: %s: %s", self.delivery.pk, type(error).__name__, error)
        if isinstance(error, CredentialsInvalid):
            pausing.stop_for_credentials(
                self.delivery.account, verdicts.credentials_refused(self.delivery.account)
            )
        progressed = self.steps is not None and self.steps.progressed
        return verdicts.of_error(error, self.delivery, 1 if progressed else self.delivery.retries + 1)


def _publisher(slug: str) -> Publisher:
    try:
        return registry.get(slug)
    except KeyError:
        raise PermanentError(f"No publisher for {slug} is installed.", code=slug) from None


def _require(can: bool, name: str) -> None:
    if not can:
        raise CapabilityMissing(name)


def _verify(held: Claim, rows: Sequence[DeliveryItem], publisher: Publisher) -> None:
    """Refuse what nobody signed off, and wait for what readers may not see yet."""
    belongs = all(row.account_id == held.delivery.account_id for row in rows)
    if not belongs or not 0 < len(rows) <= publisher.platform.edition_size:
        raise Forged(f"Delivery {held.delivery.pk} was not made by the hub.")
    for row in rows:
        if not releases.genuine(row.release):
            raise Forged(f"Release {row.release_id} is not what was signed.")
    public_from = max(row.release.public_from for row in rows)
    if public_from > held.now:
        raise Halt(verdicts.not_public_yet(held.delivery, public_from))


def _write_observed(held: Claim, items: Sequence[EngineItem], lives: Sequence[Live] | None) -> None:
    with transaction.atomic():
        hold(held)
        for position, item in enumerate(items):
            rows = DeliveryItem.objects.filter(pk=item.pk)
            if lives is None:
                rows.update(observed_generation=None, wanted=False)
            else:
                live = lives[position]
                rows.update(
                    url=live.url, remote=dict(live.remote), observed_generation=held.delivery.generation
                )
