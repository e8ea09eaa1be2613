"""One run of one delivery: lease, verify, let the plugin work, write down how it ended."""

import logging
import uuid
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, TypedDict

from django.db import InterfaceError, InternalError, OperationalError, connection, transaction
from django.db.models import Exists, QuerySet
from django.utils.translation import gettext as _

from cms import releases
from cms.refusals import Refused
from cms.releases import withdrawals
from publishers import registry
from publishers.accounts import pausing
from publishers.accounts.probing import probe
from publishers.accounts.sessions import EngineAccount
from publishers.asking import called
from publishers.asking.standing import Standing
from publishers.engine import after_restore, circuit_breaker, falling_back, outcomes, replacing, space
from publishers.engine.items import EngineItem, items_of
from publishers.engine.job import EngineJob
from publishers.engine.keeping import kept
from publishers.engine.leases import Fenced, Lease, acquire, locked, release, renew, require_certain
from publishers.engine.outcomes import Forged, Halt, RunOutcome
from publishers.engine.steps import NeverSent, Steps
from publishers.feeds import feeding
from publishers.interface import (
    ByHand,
    CapabilityMissing,
    CredentialsInvalid,
    Live,
    PermanentError,
    Publisher,
    PublisherError,
    QuotaExceeded,
    Rejected,
    bounds,
    storable,
)
from publishers.logs import about
from publishers.models import Account, Delivery, DeliveryItem, Desired, Phase

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

log = logging.getLogger(__name__)
#: What is written of an item that is live.
LIVE = ("url", "remote", "observed_generation")


class _Withdrawn(TypedDict):
    is_down: bool


def run(delivery_id: uuid.UUID) -> str:
    """Bring the delivery on as far as it goes now; return its phase. See ``work``."""
    work(delivery_id)
    return Delivery.objects.values_list("phase", flat=True).get(pk=delivery_id)


def work(delivery_id: uuid.UUID) -> bool:
    """Bring the delivery on as far as it goes now; return whether this worker had it in hand.

    Does nothing when it is not due, another worker has it, or its account has enough in hand. Never raises
    for what a plugin or platform does: that ends in a phase and a sentence. Raises the database's own
    failures and a full disk: the delivery is picked up when the lease has ended. May be killed anywhere.
    """
    if connection.in_atomic_block:
        raise RuntimeError("The engine is never run inside a transaction.")
    lease = acquire(delivery_id)
    if lease is None:
        return False
    with about(delivery=delivery_id), kept(lease):
        _bring_on(lease)
    return True


def _bring_on(lease: Lease) -> None:
    if lease.is_first:
        log.info("Delivery %s to %s is begun.", lease.delivery.pk, lease.delivery.account)
    try:
        # Who is ended may have been anywhere, also in the hub's own transaction.
        with Standing().kept():
            run_outcome = _end(lease)
    except Fenced:
        log.warning("Delivery %s was taken over by another worker.", lease.delivery.pk)
    else:
        level = logging.INFO if _is_news(run_outcome, lease.delivery) else logging.DEBUG
        log.log(level, "Delivery %s is %s. %s", lease.delivery.pk, run_outcome.phase, run_outcome.reason)


def _is_news(run_outcome: RunOutcome, before: Delivery) -> bool:
    """Return whether the run ended otherwise than the one before; waiting is repeated."""
    goes_on = run_outcome.phase in (before.phase, Phase.SCHEDULED)
    return not goes_on or run_outcome.reason != before.reason


def _end(lease: Lease) -> RunOutcome:
    """Run, and write down how it ended; whatever goes wrong in that, too, is written down as a person's task.

    What handles an error, and what writes an outcome, is in here as well: the values in both are a plugin's.
    """
    try:
        run = _Run(lease)
        run_outcome = run.run_outcome()
        if run.steps is not None:
            run.steps.write_down()
        release(lease, run_outcome)
    except (OperationalError, InterfaceError, InternalError):
        # Nothing for a person: what could not be written down is looked for by the next worker.
        raise
    except Fenced:
        raise
    except BaseException as error:
        if registry.ends_process(error) or space.is_full(error):
            raise
        log.exception("Delivery %s met an error in the hub or a plugin.", lease.delivery.pk)
        run_outcome = outcomes.internal(error.sentence if isinstance(error, Refused) else "")
        release(lease, run_outcome)
    return run_outcome


class _Run:
    def __init__(self, lease: Lease):
        self.lease, self.delivery = lease, lease.delivery
        self.steps: Steps | None = None
        self.session: EngineAccount | None = None
        self.waits: tuple[float, ...] = ()

    def run_outcome(self) -> RunOutcome:
        try:
            return self._well(self._work())
        except Halt as halt:
            return self._well(halt.run_outcome)
        except PublisherError as error:
            return self._after(error)
        except releases.Forged:
            return outcomes.of_error(Forged(), self.delivery)

    def _work(self) -> RunOutcome:
        account = self.delivery.account
        if self.lease.is_going and _has_not_begun(self.lease):
            return self._leave_out()
        if self.delivery.lost >= outcomes.LOST:
            return outcomes.never_ended(self.delivery)
        if account.stops(self.delivery.transport):
            return outcomes.account_paused(account)
        if account.rests_at(self.lease.now) and self._asks_the_platform and self.lease.is_going:
            raise Halt(circuit_breaker.rests(account, self.delivery))
        publisher = registry.find(account.platform, self.delivery.transport)
        rows = _rows(self.delivery)
        for row in rows:
            row.delivery = self.delivery
        _verify(self.lease, rows, publisher)
        if publisher is None:
            return self._without_plugin(rows)
        self.waits = publisher.platform.waits
        self.session = session = EngineAccount(
            account, transport=self.delivery.transport, before_call=partial(require_certain, self.lease)
        )
        with session.http:
            items = items_of(self.lease, rows, publisher)
            going = [item for item in items if item.row.desired == Desired.GONE]
            restored = after_restore.doubt(rows, self.lease.restored_at)
            self.steps = Steps(self.lease, session.evidence, looking=bool(going), restored=restored)
            if self._asks_the_platform and (
                account.checked_at is None or circuit_breaker.must_be_probed(account)
            ):
                probe(session)
                circuit_breaker.close(account)
            job = EngineJob(self.lease, session, items, self.steps)
            if going:
                return self._take_down(publisher, job, going)
            return self._bring_live(publisher, job)

    def _without_plugin(self, rows: Sequence[DeliveryItem]) -> RunOutcome:
        """Give a person what only she does anyway; everything else waits for the plugin."""
        for row in rows:
            if replacing.is_for_a_person(row):
                return outcomes.to_be_changed(self.delivery, row.release.number)
        return outcomes.plugin_missing(self.delivery, registry.why_missing(self.delivery.account.platform))

    def _bring_live(self, publisher: Publisher, job: EngineJob) -> RunOutcome:
        wanted = [item for item in job.items if item.row.wanted]
        observed = [item for item in wanted if item.row.observed_generation is not None]
        if len(observed) == len(wanted):
            return RunOutcome(Phase.SETTLED)
        if observed:
            return outcomes.recorded_in_part(self.delivery)
        for item in job.items:
            replacing.make_way(self.lease, item, publisher)
        self._write_lives(job.items, _published(publisher, job))
        return RunOutcome(Phase.SETTLED)

    def _take_down(self, publisher: Publisher, job: EngineJob, going: Sequence[EngineItem]) -> RunOutcome:
        """Take down what is withdrawn; first learn where it is, when its publication was under way."""
        assert self.steps is not None  # made with the job
        replacing.require_known(self.lease, going)
        # What stands in our own feed need not be asked for: the partner must not read it there meanwhile.
        offered = feeding.offered([item.pk for item in going])
        if self.steps.begun and not offered and not any(item.row.was_found for item in job.items):
            try:
                self._write_lives(job.items, _published(publisher, job))
            except NeverSent:
                log.debug("Delivery %s had not reached readers when it was withdrawn.", self.delivery.pk)
            except Forged:
                raise
            except (ByHand, CapabilityMissing, Rejected, PermanentError) as error:
                # Its sentence says how to publish after all; here the article must go.
                log.warning("Delivery %s, withdrawn: %s", self.delivery.pk, error)
                return outcomes.withdrawn_halfway(self.delivery)
        live = [item for item in going if item.row.observed_generation or item.pk in offered]
        if live:
            # What a person published has no identifiers that a call could name.
            is_known = all(item.observed or item.pk in offered for item in live)
            if not publisher.platform.can_withdraw or not is_known:
                return outcomes.to_be_taken_down(self.delivery, publisher.platform.name)
            self.steps.looking = False
            with called(publisher, "withdraw"):
                publisher.withdraw(job.taking_down(live))
        return self._leave_out()

    def _leave_out(self) -> RunOutcome:
        """Note that nothing of what is to go is there, and return what becomes of the others."""
        items = self.delivery.items.all()
        _write_gone(self.lease, items.filter(desired=Desired.GONE))
        unsent = items.filter(desired=Desired.LIVE, wanted=True, observed_generation=None)
        return outcomes.left_unsent(self.delivery) if unsent.exists() else RunOutcome(Phase.SETTLED)

    def _write_lives(self, items: Sequence[EngineItem], lives: Sequence[Live]) -> None:
        if len(lives) != len(items):
            raise PermanentError(
                _("The plugin answered for {some} of {all} articles.").format(some=len(lives), all=len(items))
            )
        _write_observed(self.lease, items, lives)

    def _after(self, error: PublisherError) -> RunOutcome:
        if not isinstance(error, ByHand):  # no failure; the outcome fills in the time of its sentence
            told = self.session.evidence(error) if self.session is not None else error
            log.warning("Delivery %s: %s: %s", self.delivery.pk, type(error).__name__, told)
        if isinstance(error, CredentialsInvalid):
            pausing.stop_for_credentials(
                self.delivery.account, pausing.credentials_refused(self.delivery.account, error)
            )
        if isinstance(error, CapabilityMissing) and error.status is not None and self.session is not None:
            self._ask_anew(self.session)
        if isinstance(error, QuotaExceeded) and error.status is not None and self.session is not None:
            self.session.note_used_up()
        progressed = self.steps is not None and self.steps.progressed
        if progressed:
            self.delivery.retries, self.delivery.put_off_s = 0, 0
        run_outcome, asked_s = outcomes.of_error(error, self.delivery, self.waits), outcomes.asked_s(error)
        if isinstance(error, ByHand) and self.steps is not None and self.steps.restored:
            run_outcome = outcomes.looked_for_first(run_outcome)
        if not circuit_breaker.is_own_failure(error) or progressed:
            run_outcome = self._well(run_outcome)
        elif asked_s is None:
            run_outcome = circuit_breaker.after_failure(self.delivery.account, run_outcome)
        if asked_s is not None and self._asks_the_platform:
            circuit_breaker.rest_as_asked(self.delivery.account, asked_s)
        return falling_back.instead(run_outcome, self.delivery)

    def _ask_anew(self, session: EngineAccount) -> None:
        """Ask what the account may do, since it may do less than was known; later where nobody answers."""
        Account.objects.filter(pk=session.row.pk).update(checked_at=None)
        try:
            with session.http:
                probe(session)
        except PublisherError as error:
            log.warning("%s, asked anew: %s: %s", session, type(error).__name__, session.evidence(error))

    def _well(self, run_outcome: RunOutcome) -> RunOutcome:
        """Note that the platform answered, whatever the answer means for the delivery."""
        if self.session is not None and self._asks_the_platform:
            circuit_breaker.close(self.delivery.account)
        return run_outcome

    @property
    def _asks_the_platform(self) -> bool:
        """Whether the delivery travels as its account does: what fell back says nothing of the account."""
        return self.delivery.transport == self.delivery.account.transport


def _has_not_begun(lease: Lease) -> bool:
    """Return whether certainly nothing of the delivery is anywhere: no call is needed, whatever stops one."""
    delivery = lease.delivery
    known = delivery.items.filter(observed_generation__isnull=False)
    return lease.restored_at is None and not known.exists() and not falling_back.perhaps_there(delivery)


def _rows(delivery: Delivery) -> "list[WithAnnotations[DeliveryItem, _Withdrawn]]":
    items = DeliveryItem.objects.filter(delivery=delivery.pk)
    related = items.select_related("release", "replaces__delivery")
    return list(related.annotate(is_down=withdrawals.takes_down("release")))


def _published(publisher: Publisher, job: EngineJob) -> Sequence[Live]:
    """Let the plugin bring the job's items before readers."""
    if not all(replacing.is_in_place(item.row, publisher) for item in job.items):
        with called(publisher, "publish"):
            return publisher.publish(job)
    for item in job.items:
        assert item.row.replaces is not None  # nothing else is in place
        item.observed = item.row.replaces.remote
    with called(publisher, "correct"):
        return publisher.correct(job)


def _verify(
    lease: Lease, rows: "Sequence[WithAnnotations[DeliveryItem, _Withdrawn]]", publisher: Publisher | None
) -> None:
    """Refuse what nobody signed off, and wait for what readers may not see yet."""
    belongs = all(row.account_id == lease.delivery.account_id for row in rows)
    most = publisher.platform.edition_size if publisher is not None else len(rows)
    if not belongs or not 0 < len(rows) <= most:
        raise Forged(f"Delivery {lease.delivery.pk} was not made by the hub.")
    for row in rows:
        if not releases.genuine(row.release):
            raise Forged(f"Release {row.release_id} is not what was signed.")
    if any(row.desired == Desired.GONE for row in rows):
        return
    if any(row.is_down for row in rows if row.wanted):
        raise Halt(outcomes.withdrawn())
    public_from = max(row.release.public_from for row in rows)
    if public_from > lease.now:
        raise Halt(outcomes.not_public_yet(lease.delivery, public_from))


def _write_observed(lease: Lease, items: Sequence[EngineItem], lives: Sequence[Live]) -> None:
    """Write down where each item is live; kept even when something else is desired by now."""
    with transaction.atomic():
        for item, live in zip(items, lives, strict=True):
            row = item.row
            row.url, row.remote = _page_of(row, live), storable(dict(live.remote))
            row.observed_generation = lease.delivery.generation
            mine = DeliveryItem.objects.filter(Exists(locked(lease)), pk=row.pk)
            if not mine.update(**{field: getattr(row, field) for field in LIVE}):
                raise Fenced
            item.observed = row.remote
        replacing.end_replaced([item.row for item in items])
    replacing.wake_neighbours([item.pk for item in items])


def _page_of(row: DeliveryItem, live: Live) -> str:
    """Return where the plugin says that the item is; empty where that is no page: it is live all the same."""
    url = storable(live.url)
    url = url.strip() if isinstance(url, str) else url
    if url and not bounds.is_page(url):
        log.error("The plugin of %s names an address that is none, which is left out.", row.account.platform)
        return ""
    return url or ""


def _write_gone(lease: Lease, going: QuerySet[DeliveryItem]) -> None:
    with transaction.atomic():
        renew(lease)
        ids = list(going.values_list("pk", flat=True))
        DeliveryItem.objects.filter(pk__in=ids).update(observed_generation=None, wanted=False)
    replacing.wake_neighbours(ids)
