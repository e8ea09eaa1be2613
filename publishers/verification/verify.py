"""Looks after the fact: what has become of an article that went live, or was taken down.

Each look asks the platform where it can be asked, fetches the public address as a reader would, and keeps
what it finds as a Sighting per item. It changes nothing on the platform, so it makes no steps. What
contradicts the delivery goes to a person; an address that merely does not answer never does.
"""

import datetime as dt
import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import cast

from django.db import InterfaceError, InternalError, OperationalError, connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from cms.refusals import Refused
from publishers import registry
from publishers.accounts import pausing
from publishers.accounts.sessions import EngineAccount
from publishers.asking import PluginFails, ask, called
from publishers.asking.ending import noting
from publishers.engine import EngineItem, heard, outcomes, removing, switching
from publishers.engine.outcomes import RunOutcome
from publishers.engine.wake import wake_neighbours_on_commit
from publishers.http import outbound
from publishers.interface import (
    CredentialsInvalid,
    Job,
    Json,
    Publisher,
    PublisherError,
    QuotaExceeded,
    Retry,
    Shown,
    storable,
)
from publishers.manual import by_hand
from publishers.models import Callback, Cause, Delivery, DeliveryItem, Desired, Phase, Seen, Sighting
from publishers.models.clock import from_now
from publishers.models.leases import in_no_hand
from publishers.notifications import mail
from publishers.people import audit
from publishers.people.permissions import HUB
from publishers.verification import observations, sightings
from publishers.verification.observations import Observation, Sent
from publishers.verification.pages import Page, fetch

log = logging.getLogger(__name__)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
#: When a delivery is looked at, counted from its settling; then after the last span again and again.
LOOKS = (dt.timedelta(), HOUR, DAY, 7 * DAY, 30 * DAY, 90 * DAY)
#: How often it is looked whether what is still to be taken down is gone: a person may have done it.
NOTICE = dt.timedelta(minutes=15)
# Longer than a look's calls last: the platform's answers and one fetch for each of eight articles.
LEASE = dt.timedelta(minutes=30)
# A new article may not be at its address at once.
NEW = HOUR
BATCH = 50


@dataclass(frozen=True)
class VerificationPlan:
    """The right to look at one delivery; ``now`` is the database's clock. No publisher: not installed now."""

    delivery: Delivery
    now: dt.datetime
    publisher: Publisher | None
    is_held: bool = False  # the account, or everything: what was heard is read, and nobody is called

    @property
    def is_held_up(self) -> bool:
        """Whether the article is still to be taken down, so that nothing contradicts what is seen."""
        return self.delivery.phase == Phase.ATTENTION

    @property
    def settled_at(self) -> dt.datetime:
        return self.delivery.settled_at or self.now


@dataclass(frozen=True)
class LookJob:
    """What ``interface.Publisher.look`` uses of a job; nothing that sends is in it."""

    account: EngineAccount
    items: Sequence[EngineItem]
    generation: int
    withdrawing: bool
    down_since: dt.datetime | None

    def heard(self, key: str, *, ever: bool = False) -> Mapping[str, Json] | None:
        """Return what was told; of what is down, or is to go, only what was told since."""
        return heard(self.account, key, since=None if ever else self.down_since)


class _Held(Retry):
    """The account, or everything, is paused or rests: nobody is called."""


def _refuse() -> None:
    raise _Held


def due() -> list[uuid.UUID]:
    """Return deliveries to look at, at most BATCH, the longest waiting first."""
    rows = _open().filter(look_at__lte=Now()).order_by("look_at")
    return list(rows.values_list("pk", flat=True)[:BATCH])


def next_look(settled_at: dt.datetime, now: dt.datetime) -> dt.datetime:
    """Return when a delivery that settled at ``settled_at`` is looked at after ``now``."""
    later = (settled_at + span for span in LOOKS if settled_at + span > now)
    return next(later, now + LOOKS[-1])


def verify(delivery_id: uuid.UUID) -> None:
    """Look at the delivery when it is due, and write down what is seen. May be killed anywhere."""
    if connection.in_atomic_block:
        raise RuntimeError("A look is never made inside a transaction.")
    plan = _plan(delivery_id)
    if plan is None:
        return
    items = _items(plan)
    if not items:
        Delivery.objects.filter(pk=delivery_id, fence=plan.delivery.fence).update(look_at=None)
        return
    try:
        sent = [_sent(plan, item) for item in items]
    except outcomes.Forged as error:
        log.error("Delivery %s: %s", delivery_id, error)
        reason = _("What is stored of the delivery is not what the hub sent; an administrator must look.")
        _write(plan, [], outcomes.attention(Cause.FORGED, reason))
        return
    with noting(partial(_put_off, plan)):
        shown, until, failure = _ask(plan, items)
    seen = [_see(plan, *each, failure) for each in zip(items, sent, shown, strict=True)]
    written = [_sighting(*each) for each in seen]
    if plan.is_held_up:
        return _write_held_up(plan, written)
    contradiction = _contradiction(plan, seen)
    if plan.is_held and contradiction.phase == Phase.SETTLED:
        return  # the look itself is made when the account goes on
    back = [item.row for item, said in zip(items, shown, strict=True) if _is_up_again(item.row, said)]
    _write(plan, written, contradiction, until, back)


def _open() -> QuerySet[Delivery]:
    well = Q(account__resting_until=None) | Q(account__resting_until__lte=Now())
    free = well & Q(account__paused_at=None) & switching.open_for()
    # What was told since a look became due is read however the account is: that costs no call.
    told = Callback.objects.filter(account=OuterRef("account"), handled_at__gte=OuterRef("look_at"))
    settled = Q(phase=Phase.SETTLED) & (free | Exists(told))
    # However the account is: readers may see it, and a person may have taken it down.
    held_up = Q(phase=Phase.ATTENTION) & Delivery.going()
    return Delivery.objects.filter(in_no_hand(), settled | held_up)


def _plan(delivery_id: uuid.UUID) -> VerificationPlan | None:
    with transaction.atomic():
        taken = _open().filter(pk=delivery_id, look_at__lte=Now())
        if not taken.update(look_at=from_now(LEASE), fence=F("fence") + 1):
            return None
        rows = Delivery.objects.select_related("account__office")
        delivery = rows.annotate(now=Now(), is_open=Q(switching.open_for())).get(pk=delivery_id)
    account = delivery.account
    is_held = account.is_paused or account.rests_at(delivery.now) or not delivery.is_open
    publisher = registry.find(account.platform, delivery.transport)
    return VerificationPlan(delivery, delivery.now, publisher, is_held)


def _items(plan: VerificationPlan) -> list[EngineItem]:
    """Return the items of which something is expected: to be there, or not to be there any more."""
    there = Q(desired=Desired.LIVE, observed_generation__isnull=False)
    gone = Q(desired=Desired.GONE)
    rows = plan.delivery.items.filter(there | gone).select_related("release").prefetch_related("links")
    return [_item(row, plan.publisher) for row in rows]


def _item(row: DeliveryItem, publisher: Publisher | None) -> EngineItem:
    """Return the item as it went out: with the token and the payload of that generation."""
    tokens = {link.generation: link.token for link in row.links.all()}
    generation = row.payload_generation or row.observed_generation or 0
    return EngineItem(row, tokens.get(generation, ""), generation, publisher)


def _sent(plan: VerificationPlan, item: EngineItem) -> Sent:
    """Return what went out; of what the hub did not send itself it knows the title. Raises Forged."""
    tokens = frozenset(link.token for link in item.row.links.all())
    by_title, payload = Sent(item.row.release.title, "", tokens), item.payload
    if plan.publisher is None or payload is None:
        return by_title
    try:
        title, html = ask(plan.publisher, Publisher.sent, payload)
    except PluginFails:
        return by_title
    return Sent(title, html, tokens)


def _ask(
    plan: VerificationPlan, items: Sequence[EngineItem]
) -> tuple[Sequence[Shown | None], dt.datetime | None, str]:
    """Return the platform's own word for each item, None where it has none, and when to ask again.

    And, as a sentence, that its plugin does not work; mostly empty.
    """
    account, publisher = plan.delivery.account, plan.publisher
    nothing: list[Shown | None] = [None] * len(items)
    failure: PluginFails | None = None
    if publisher is None or not publisher.platform.can_look:
        return nothing, None, ""
    refused = _refuse if plan.is_held else None
    try:
        session = EngineAccount(account, transport=plan.delivery.transport, slow=True, before_call=refused)
    except Refused as refusal:  # its page is looked at all the same
        log.error("%s cannot be asked: %s", account, refusal)
        return nothing, None, ""
    with session.http:
        try:
            return _look(plan, publisher, session, items), None, ""
        except _Held:
            log.debug("%s is not asked now, and has told nothing.", account)
        except QuotaExceeded as error:
            if error.status is not None:
                session.note_used_up()
            return nothing, _when_renewed(plan, error), ""
        except CredentialsInvalid as error:
            pausing.stop_for_credentials(account, pausing.credentials_refused(account, error))
        except PublisherError as error:
            log.warning("A look at %s: %s: %s", account, type(error).__name__, session.evidence(error))
            return nothing, _when_asked(plan, error), ""
        except (OperationalError, InterfaceError, InternalError):
            raise
        except PluginFails as error:
            failure = error
        except BaseException as error:
            if registry.ends_process(error):
                raise
            log.exception("A look at %s met an error in the hub or a plugin.", account)
            failure = PluginFails(publisher, "look", type(error).__name__)
    return nothing, None, failure.sentence if failure else ""


def _look(
    plan: VerificationPlan, publisher: Publisher, session: EngineAccount, items: Sequence[EngineItem]
) -> list[Shown | None]:
    """Return the plugin's word for each item. Raises what it does, PluginFails for a wrong answer."""
    going = any(item.row.desired == Desired.GONE for item in items)
    down_since = plan.delivery.down_since if going else None
    job = LookJob(session, items, plan.delivery.generation, going, down_since)
    with called(publisher, "look"):
        shown = publisher.look(cast(Job, job))  # of a Job it is promised only what is there
    if len(shown) != len(items) or not all(isinstance(each, Shown | None) for each in shown):
        log.error("The plugin of %s answered for %d items: %r", plan.delivery.account, len(items), shown)
        raise PluginFails(publisher, "look", type(shown).__name__)
    # While it waits to be taken down, that it was live once, as was told before, says nothing.
    old = plan.is_held and plan.is_held_up
    told = [None if each and each.is_live and old else each for each in shown]
    return [each and Shown(**storable(vars(each))) for each in told]


def _put_off(plan: VerificationPlan) -> None:
    """Let the next look have its day: this one ends with its process."""
    mine = Delivery.objects.filter(pk=plan.delivery.pk, fence=plan.delivery.fence)
    mine.update(look_at=next_look(plan.settled_at, plan.now))


def _when_renewed(plan: VerificationPlan, error: QuotaExceeded) -> dt.datetime | None:
    """Return when there is a quota again, as far as that can be: not at once, and within a month."""
    until = error.until
    if not isinstance(until, dt.datetime) or until.tzinfo is None:
        log.error("The plugin of %s names no moment: %r", plan.delivery.account, until)
        return None
    return min(max(until, plan.now + HOUR), plan.now + outcomes.LONGEST_QUOTA)


def _when_asked(plan: VerificationPlan, error: PublisherError) -> dt.datetime | None:
    """Return when a platform that asks to wait is looked at again: not before, and ever more rarely."""
    if not isinstance(error, Retry) or error.after is None:
        return None
    lasted_s = min((plan.now - plan.settled_at).total_seconds(), DAY.total_seconds())
    return plan.now + dt.timedelta(seconds=outcomes.left_alone_s(error.after, lasted_s))


def _see(
    plan: VerificationPlan, item: EngineItem, sent: Sent, shown: Shown | None, failure: str
) -> tuple[DeliveryItem, Observation, Page]:
    """Return what is to be believed of the item, and what its address answered; ``failure`` is told too."""
    page = _fetch(plan, item.row)
    is_new = plan.now < plan.settled_at + NEW
    heard = [] if shown is None else [observations.said(shown, sent)]
    seen = [*heard, observations.observe(page, sent, item.row, is_new=is_new)]
    believed = observations.believed(item.row, seen)
    return item.row, replace(believed, words=f"{believed.words} {failure}".strip()), page


def _fetch(plan: VerificationPlan, row: DeliveryItem) -> Page:
    if not row.url:
        return Page("", problem=_("No address is known."))
    if plan.is_held and not plan.is_held_up:
        return Page(row.url)
    hosts = set(plan.publisher.platform.article_hosts) if plan.publisher else set()
    own = (outbound.host_of(address) for address in (plan.delivery.account.base_url, row.url))
    return fetch(row.url, hosts | {host for host in own if host})


def _sighting(row: DeliveryItem, observed: Observation, page: Page) -> Sighting:
    return Sighting(
        item=row,
        at=Now(),
        found=observed.found,
        url=page.url[:1000],
        status=page.status,
        sha256=page.sha256,
        words=observed.words[:500],
    )


def _contradiction(
    plan: VerificationPlan, seen: Sequence[tuple[DeliveryItem, Observation, Page]]
) -> RunOutcome:
    """Return what a person is told; the delivery stays settled when a person has accepted the same."""
    accepted = sightings.accepted(plan.delivery)
    for row, observed, _page in seen:
        if observations.contradicts(row, observed.found) and accepted.get(row.pk) != observed.found:
            sentence = observations.sentence(plan.delivery.account, row, observed)
            return outcomes.attention(Cause.ALTERED, sentence)
        if _stays_unclear(plan, row, observed):
            sentence = observations.unproved(plan.delivery.account, row, observed)
            return outcomes.attention(Cause.ALTERED, sentence)
    return RunOutcome(Phase.SETTLED)


def _stays_unclear(plan: VerificationPlan, row: DeliveryItem, observed: Observation) -> bool:
    """Return whether neither the platform, the page nor a person says that a withdrawn article is gone."""
    is_unclear = row.desired == Desired.GONE and bool(row.url) and observed.found == Seen.UNCLEAR
    is_late = not plan.is_held and plan.now >= plan.settled_at + DAY
    return is_unclear and is_late and not row.sightings.exclude(by_name="").exists()


def _is_up_again(row: DeliveryItem, said: Shown | None) -> bool:
    """Return whether the platform itself says so; a page may merely be an old copy."""
    return row.desired == Desired.GONE and bool(row.remote) and said is not None and said.is_live


def _write_held_up(plan: VerificationPlan, seen: Sequence[Sighting]) -> None:
    """Keep what was seen of what waits to be taken down; where it is gone, nobody need do it any more."""
    going = [sighting.item for sighting in seen if sighting.item.desired == Desired.GONE]
    gone = [sighting.item for sighting in seen if sighting.found == Seen.GONE]
    # What else of an edition was not sent is decided by a run.
    unsent = plan.delivery.items.filter(desired=Desired.LIVE, wanted=True, observed_generation=None)
    is_over = set(going) <= set(gone) and not unsent.exists()
    with transaction.atomic():
        mine = Delivery.objects.filter(pk=plan.delivery.pk, fence=plan.delivery.fence, phase=Phase.ATTENTION)
        if not mine.update(look_at=plan.now + NOTICE):
            log.info("Delivery %s was changed while it was looked at.", plan.delivery.pk)
            return
        Sighting.objects.bulk_create(seen)
        if is_over:
            removing.note_gone(going)
            by_hand.settle(plan.delivery)
            audit.record("delivery.gone", plan.delivery, HUB, account=plan.delivery.account_id)
            wake_neighbours_on_commit([row.pk for row in going])


def _write(
    plan: VerificationPlan,
    seen: Sequence[Sighting],
    run_outcome: RunOutcome,
    until: dt.datetime | None = None,
    back: Sequence[DeliveryItem] = (),
) -> None:
    """Keep what was seen, unless something else happened to the delivery meanwhile.

    What the platform says is ``back`` is taken down once more, beside the person who is told.
    """
    delivery = plan.delivery
    stays = run_outcome.phase == Phase.SETTLED
    is_going = any(sighting.item.desired == Desired.GONE for sighting in seen)
    later = (plan.now + NOTICE) if is_going else None
    changes = {
        "phase": run_outcome.phase,
        "cause": run_outcome.cause,
        "reason": run_outcome.reason[:500],
        "look_at": (until or next_look(plan.settled_at, plan.now)) if stays else later,
    }
    with transaction.atomic():
        mine = Delivery.objects.filter(pk=delivery.pk, fence=delivery.fence, phase=Phase.SETTLED)
        if not mine.update(**changes):
            log.debug("Delivery %s was changed while it was looked at.", delivery.pk)
            return
        Sighting.objects.bulk_create(seen)
        if not stays and back and plan.publisher is not None and plan.publisher.platform.can_withdraw:
            removing.again(delivery, back)
        if not stays:
            audit.record("delivery.altered", delivery, HUB, account=delivery.account_id)
            mail.tell_of_attention(delivery.pk)
