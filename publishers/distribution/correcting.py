"""Correcting: a newer Release takes the place of the page's earlier text wherever that went."""

import dataclasses
import datetime as dt
from collections.abc import Mapping

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Page

from cms import releases as signed
from cms.models import Release
from cms.refusals import Refused
from cms.releases import withdrawals
from publishers import registry
from publishers.distribution import distributing as distribution
from publishers.distribution import fingerprints
from publishers.engine.wake import wake_on_commit
from publishers.models import (
    Account,
    Attempt,
    Cause,
    CorrectionStrategy,
    Delivery,
    DeliveryItem,
    Desired,
    Outcome,
    Phase,
    clock,
)
from publishers.people import audit
from publishers.people.permissions import OPERATOR, Actor, Operator, may_send
from publishers.transports.manual import HAND_OVER


@dataclasses.dataclass(frozen=True)
class Place:
    """An account where an earlier text is live or on its way, and how the newer one can take its place."""

    item: DeliveryItem
    manners: tuple[CorrectionStrategy, ...]

    @property
    def account(self) -> Account:
        return self.item.account

    @property
    def is_live(self) -> bool:
        return self.item.observed_generation is not None


def places(release: Release) -> list[Place]:
    """Return where the page's earlier text is to be replaced by ``release``: one for each account. One query.

    History says where it went, not today's rules.
    """
    items = DeliveryItem.objects.filter(
        release__page_id=release.page_id, wanted=True, desired=Desired.LIVE
    ).select_related("account__office", "delivery", "release")
    newest: dict[int, DeliveryItem] = {}
    for item in items.defer("payload", "release__document").order_by("account", "release__number"):
        newest[item.account_id] = item
    earlier = [item for item in newest.values() if item.release.number < release.number]
    earlier.sort(key=lambda item: (item.account.platform, item.account.name))
    return [Place(item, _manners(item)) for item in earlier]


def _manners(item: DeliveryItem) -> tuple[CorrectionStrategy, ...]:
    """Return how the text of ``item`` can be replaced, the best first; a person always can."""
    publisher = registry.find(item.account.platform, item.delivery.transport)
    if publisher is None:
        return (CorrectionStrategy.BY_HAND,)
    # What a person recorded has no identifiers that a call could name.
    is_known = item.observed_generation is None or bool(item.remote)
    able = {
        CorrectionStrategy.UPDATE: publisher.platform.can_correct,
        CorrectionStrategy.REPUBLISH: publisher.platform.can_withdraw,
    }
    return (*(manner for manner, can in able.items() if can and is_known), CorrectionStrategy.BY_HAND)


def may_correct(user: Actor, page: Page, account: Account) -> bool:
    """Return whether the person may let a signed correction reach the account.

    A duty editor of the article's office reaches every place of it, as for a withdrawal.
    """
    return isinstance(user, Operator) or withdrawals.may_withdraw(user, page) or may_send(user, account)


def correct(release: Release, manners: Mapping[Account, CorrectionStrategy], *, by: Actor) -> list[Delivery]:
    """Let ``release``, the page's newest, take the earlier text's place on each account in its manner.

    Each gets a delivery of its own; those of the earlier text stay as they were. All or nothing. Raises
    PermissionDenied, Refused.
    """
    page = Page.objects.get(pk=release.page_id)
    for account in manners:
        if not may_correct(by, page, account):
            raise PermissionDenied(_("You may not correct the text on {account}.").format(account=account))
    if not manners:
        raise Refused(_("Choose at least one account."))
    if not signed.genuine(release):
        raise Refused(_("Only what was signed off can be distributed."))
    fingerprints.keep([release])
    with transaction.atomic():
        distribution.refuse_withdrawn([release])
        found = {place.account.pk: place for place in places(release)}
        made = [
            _replace(found.get(account.pk), release, account, CorrectionStrategy(manners[account]), by)
            for account in sorted(manners, key=lambda account: account.pk)
        ]
        wake_on_commit(delivery.pk for delivery in made)
    return made


def _replace(
    place: Place | None, release: Release, account: Account, manner: CorrectionStrategy, by: Actor
) -> Delivery:
    if place is None:
        raise Refused(_("No earlier text of this page is on {account}.").format(account=account))
    if manner not in place.manners:
        raise Refused(_("{account} cannot be corrected in this manner.").format(account=account))
    due_at = max(clock.now(account), release.public_from)
    delivery = distribution.begin(account, due_at, by, urgent=True, transport=place.item.delivery.transport)
    DeliveryItem.objects.create(
        delivery=delivery, account=account, position=0, release=release, replaces=place.item, manner=manner
    )
    audit.record("delivery.correct", delivery, by, account=account.pk, manner=manner)
    return delivery


# --- what had not begun when the newer text was signed ----------------------------------------------------


def carry_newer(release: Release, user: AbstractUser | None, **kwargs: object) -> None:
    """Let deliveries that have not begun carry the newer text; inside the sign-off's transaction.

    What has begun is not stopped: when it has arrived, it is one of the ``places``.
    """
    waiting = DeliveryItem.objects.filter(
        release__page_id=release.page_id,
        release__number__lt=release.number,
        wanted=True,
        desired=Desired.LIVE,
        observed_generation=None,
    )
    # In one order, since each delivery's row is held to the end.
    free = [
        (item, delivery) for item in waiting.order_by("delivery") if (delivery := _free_for(item, release))
    ]
    # Where a correction waits for the text before it, that text's delivery carries the newer one; what would
    # have corrected it has nothing left to do.
    carrying = {item.pk for item, _delivery in free}
    for item, delivery in free:
        if item.replaces_id in carrying:
            distribution.give_up(delivery, Delivery.objects.all(), user or OPERATOR)
        else:
            _carry(item, delivery, release, user or OPERATOR)
    if free:
        fingerprints.keep([release])


def _free_for(item: DeliveryItem, release: Release) -> Delivery | None:
    """Return the item's delivery, locked, if it can carry ``release`` instead."""
    delivery = Delivery.objects.select_for_update(no_key=True).get(pk=item.delivery_id)
    goes_before = max(delivery.due_at, timezone.now()) < release.public_from
    return None if goes_before or _has_begun(delivery) else delivery


def _carry(item: DeliveryItem, delivery: Delivery, release: Release, by: Actor) -> None:
    DeliveryItem.objects.filter(pk=item.pk).update(
        release=release,
        payload=None,
        payload_sha256="",
        payload_signature=None,
        payload_key_id="",
        payload_generation=None,
    )
    # A worker that has it in hand stops before its first call; the texts, marks and steps are new ones.
    changes: dict[str, object] = {"generation": F("generation") + 1, "wishes": F("wishes") + 1}
    if delivery.phase == Phase.ATTENTION and delivery.cause in (Cause.REJECTED, Cause.BY_HAND):
        changes |= _once_more(delivery.due_at)
    Delivery.objects.filter(pk=delivery.pk).update(**changes)
    audit.record("delivery.carry", delivery, by, account=delivery.account_id, number=release.number)
    wake_on_commit([delivery.pk])


def _has_begun(delivery: Delivery) -> bool:
    """Return whether anything of it may be on the platform; what the platform refused is not."""
    if delivery.items.filter(observed_generation__isnull=False).exists():
        return True
    # Who was asked to publish the earlier text is asked anew, and cannot record it (by_hand.record_address).
    calls = Attempt.of_effect().exclude(name=HAND_OVER)
    if delivery.phase == Phase.ATTENTION and delivery.cause == Cause.REJECTED:
        # Drafts and the like came before the refusal; but not each refusal is certain.
        calls = calls.exclude(outcome=Outcome.DONE)
    return calls.filter(delivery=delivery, generation=delivery.generation).exists()


def _once_more(due_at: dt.datetime) -> dict[str, object]:
    return {
        "phase": Phase.SCHEDULED,
        "cause": Cause.NONE,
        "reason": "",
        "retries": 0,
        "deadline_at": None,
        "next_at": due_at,
    }
