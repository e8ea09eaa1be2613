"""Services of distribution: each checks the right, changes state and logs it in one transaction."""

import datetime as dt
from collections.abc import Sequence

from django.contrib.auth.models import AbstractUser
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from wagtail.models import Page

from cms import releases as signed
from cms.models import Release
from cms.refusals import Refused
from cms.releases import withdrawals
from publishers import registry
from publishers.accounts import pausing
from publishers.distribution import fingerprints, refused
from publishers.engine import circuit_breaker
from publishers.engine.wake import wake_on_commit
from publishers.feeds import feeding
from publishers.models import Account, Attempt, Cause, Delivery, DeliveryItem, Desired, Phase, Plan, clock
from publishers.models.leases import in_no_hand
from publishers.people import audit
from publishers.people.permissions import Actor, name_of, require_sending
from publishers.people.refusals import Alike, PerhapsThere


def distribute(
    releases: Sequence[Release],
    accounts: Sequence[Account],
    *,
    at: dt.datetime | None = None,
    urgent: bool = False,
    again: bool = False,
    alike: bool = False,
    by: Actor,
) -> list[Delivery]:
    """Make a delivery of the Releases to each account at ``at`` (aware; None or past: now).

    Where a platform takes one article at a time, each Release gets its own delivery. All or nothing.
    What is ``urgent`` goes before what is not, where both are due. ``again`` says that somebody has looked:
    what an earlier delivery, cancelled halfway, may have left there is no reason to refuse. ``alike`` says
    that the texts go out although one like them went to the account not long ago. Raises PermissionDenied,
    Refused (PerhapsThere, Alike when ``again``, ``alike`` would help).
    """
    for account in accounts:
        require_sending(by, account)
    if not releases or not accounts:
        raise Refused(_("Choose at least one article and one account."))
    if not all(signed.genuine(release) for release in releases):
        raise Refused(_("Only what was signed off can be distributed."))
    fingerprints.keep(releases)
    try:
        with transaction.atomic():
            refuse_withdrawn(releases)
            made = [
                _create(edition, account, at, by, urgent=urgent, again=again, alike=alike)
                # In one order, since each account's row is held to the end.
                for account in sorted(accounts, key=lambda account: account.pk)
                for edition in _editions(releases, account)
            ]
            wake_on_commit(delivery.pk for delivery in made)
    except IntegrityError:
        raise Refused(_("One of the articles is on its way to one of the accounts already.")) from None
    return made


def refuse_withdrawn(releases: Sequence[Release]) -> None:
    """Refuse what is withdrawn. A withdrawal at the same moment waits for the lock, or is seen here."""
    pages = Page.objects.filter(pk__in={release.page_id for release in releases}).order_by("pk")
    list(pages.select_for_update().values_list("pk"))
    for release in releases:
        newer = Release.objects.filter(page_id=release.page_id, number__gt=release.number)
        if newer.filter(public_from__lte=max(release.public_from, timezone.now())).exists():
            raise Refused(
                _("“{title}” has been corrected: distribute its newest text.").format(title=release.title)
            )
    if withdrawn := next(filter(None, map(withdrawals.of_release, releases)), None):
        raise Refused(_("“{title}” has been withdrawn.").format(title=withdrawn.title))


def plan(page: Page, account: Account, *, at: dt.datetime | None = None, by: AbstractUser) -> Plan:
    """Plan that the page's next Release goes to the account at ``at``, or as soon as it is signed off."""
    require_sending(by, account)
    require_aware(at)
    values = {"at": at, "created_by_id": by.pk, "created_by_name": name_of(by), "problem": ""}
    return Plan.objects.update_or_create(page_id=page.pk, account=account, defaults=values)[0]


@transaction.atomic
def unplan(planned: Plan, *, by: Actor) -> None:
    require_sending(by, planned.account)
    planned.delete()


@transaction.atomic
def reschedule(delivery: Delivery, at: dt.datetime, *, by: Actor) -> None:
    """Move a delivery that has not begun to another time. Raises PermissionDenied, Refused."""
    require_sending(by, delivery.account)
    require_aware(at)
    moved = _free(delivery).filter(phase=Phase.SCHEDULED).update(due_at=at, next_at=at)
    _require_changed(moved, _("Only a delivery that has not begun can be moved to another time."))
    audit.record("delivery.reschedule", delivery, by, account=delivery.account_id)
    delivery.refresh_from_db()
    wake_on_commit([delivery.pk])


@transaction.atomic
def retry(delivery: Delivery, *, by: Actor) -> None:
    """Let the engine go on now; what may have arrived is looked for on the platform first.

    What was refused under other settings of the account goes out anew, with those of today.
    """
    require_sending(by, delivery.account)
    if delivery.account.stops(delivery.transport):
        raise Refused(_("{account} is paused.").format(account=delivery.account))
    anew = (
        {name: F(name) + 1 for name in ("generation", "wishes")} if refused.is_otherwise_now(delivery) else {}
    )
    waiting = Q(phase=Phase.ATTENTION) | Q(phase__in=Delivery.OPEN) & ~Q(cause=Cause.NONE)
    changed = (
        _free(delivery)
        .filter(waiting)
        .update(
            **anew,
            phase=Phase.SENDING,
            cause=Cause.NONE,
            reason="",
            next_at=Now(),
            retries=0,
            put_off_s=0,
            fence=F("fence") + 1,
        )
    )
    _require_changed(changed, _("There is nothing to try again: the delivery is at work or done."))
    circuit_breaker.probe_now(delivery.account)
    audit.record("delivery.retry", delivery, by, account=delivery.account_id)
    delivery.refresh_from_db()
    wake_on_commit([delivery.pk])


def may_be_cancelled(delivery: Delivery) -> bool:
    """Return whether its phase lets a person give it up; what is sent, not while the hub asks what became."""
    if delivery.phase == Phase.CONFIRMING:
        return registry.find(delivery.account.platform, delivery.transport) is None
    return delivery.phase in (Phase.SCHEDULED, Phase.SENDING, Phase.ATTENTION, Phase.PAUSED)


@transaction.atomic
def cancel(delivery: Delivery, *, by: Actor) -> None:
    """Give the delivery up; the article may then be distributed to the account anew (see ``again`` there).

    What has already reached the platform stays there; what is to be taken down there is not given up. Raises
    PermissionDenied, Refused.
    """
    require_sending(by, delivery.account)
    going = DeliveryItem.objects.filter(delivery=OuterRef("pk"), desired=Desired.GONE)
    rows = _free(delivery).filter(Q(cause=Cause.WITHDRAWN) | ~Exists(going))
    is_open = any(may_be_cancelled(row) for row in rows.select_for_update(no_key=True))
    changed = is_open and give_up(delivery, rows, by)
    _require_changed(changed, _("The delivery is at work or done; it cannot be cancelled any more."))


def give_up(delivery: Delivery, rows: QuerySet[Delivery], by: Actor) -> int:
    """Cancel the delivery if it is one of ``rows``, and return how many were; in the caller's transaction.

    A worker that has it in hand writes nothing more.
    """
    changed = rows.filter(pk=delivery.pk).update(
        phase=Phase.CANCELLED,
        cause=Cause.NONE,
        reason="",
        next_at=None,
        lease_until=None,
        deadline_at=None,
        fence=F("fence") + 1,
    )
    if changed:
        feeding.take_back(delivery)
        delivery.items.filter(observed_generation=None).update(wanted=False)
        audit.record("delivery.cancel", delivery, by, account=delivery.account_id)
        delivery.refresh_from_db()
    return changed


def newest_release(page_id: int) -> Release | None:
    """Return the Release of the page that was signed off last, public or not yet."""
    return Release.objects.filter(page_id=page_id).order_by("-number").first()


def _editions(releases: Sequence[Release], account: Account) -> list[Sequence[Release]]:
    publisher = registry.find(account.platform, account.transport)
    if publisher is None:
        raise Refused(_("The platform of {account} is not installed.").format(account=account))
    size = publisher.platform.edition_size
    if size == 1:
        return [[release] for release in releases]
    if len(releases) > size:
        raise Refused(
            _("{account} takes at most {size} articles together.").format(account=account, size=size)
        )
    return [releases]


def _create(
    edition: Sequence[Release],
    account: Account,
    at: dt.datetime | None,
    by: Actor,
    *,
    urgent: bool,
    again: bool,
    alike: bool,
) -> Delivery:
    require_aware(at)
    refuse_what_is_there(edition, account, again=again, alike=alike)
    public_from = max(release.public_from for release in edition)
    due_at = max(at or clock.now(account), public_from)
    delivery = begin(account, due_at, by, urgent=urgent)
    fill(delivery, edition)
    audit.record("delivery.create", delivery, by, account=delivery.account_id)
    return delivery


def begin(
    account: Account, due_at: dt.datetime, by: Actor, *, urgent: bool, transport: str | None = None
) -> Delivery:
    """Store a delivery without items that is due at ``due_at``; paused while its account is.

    It travels as the account's articles do, unless another ``transport`` is given.
    """
    delivery = Delivery(
        account=account,
        transport=transport or account.transport,
        priority=Delivery.URGENT if urgent else Delivery.ORDINARY,
        due_at=due_at,
        next_at=due_at,
        created_by_id=by.pk,
        created_by_name=name_of(by),
    )
    if pausing.is_paused_now(account.pk):
        account.refresh_from_db()
        if account.stops(delivery.transport):
            delivery.phase, delivery.next_at = Phase.PAUSED, None
            delivery.reason = account.paused_reason or _("{account} is paused.").format(account=account)
    delivery.save()
    return delivery


def fill(delivery: Delivery, releases: Sequence[Release]) -> None:
    """Store ``releases`` as the delivery's items, in order."""
    DeliveryItem.objects.bulk_create(
        DeliveryItem(delivery=delivery, account=delivery.account, position=position, release=release)
        for position, release in enumerate(releases)
    )


def refuse_what_is_there(edition: Sequence[Release], account: Account, *, again: bool, alike: bool) -> None:
    """Refuse what is on the account or on its way.

    Unless ``again``, also what may be there unnoticed; unless ``alike``, also a text like one that went there
    not long ago: ``fingerprints.keep`` comes before.
    """
    _refuse_double(edition, account)
    if not again:
        _refuse_perhaps_there(edition, account)
    if not alike:
        _refuse_alike(edition, account)


def _refuse_double(edition: Sequence[Release], account: Account) -> None:
    """Refuse what is there or on its way; the database's constraint holds for those who come at once."""
    pages = {release.page_id: release for release in edition}
    there = DeliveryItem.objects.filter(account=account, wanted=True, release__page_id__in=pages)
    for item in there.select_related("release"):
        release = pages[item.release.page_id]
        if item.release_id == release.pk:
            sentence = _("“{title}” is on {account} or on its way there already.")
        elif item.desired == Desired.LIVE:
            sentence = _(
                "An earlier text of “{title}” is on {account} or on its way there: correct it there."
            )
        else:
            continue
        raise Refused(sentence.format(title=release.title, account=account))


def _refuse_perhaps_there(edition: Sequence[Release], account: Account) -> None:
    """Refuse what was cancelled after a call that may have had an effect; uploads show nobody anything."""
    given_up = DeliveryItem.objects.filter(
        Exists(Attempt.of_effect().filter(delivery=OuterRef("delivery"))),
        account=account,
        release__page_id__in={release.page_id for release in edition},
        observed_generation=None,
        delivery__phase=Phase.CANCELLED,
    )
    for item in given_up.select_related("release")[:1]:
        raise PerhapsThere(
            _(
                "“{title}” may be on {account} already: an earlier delivery was cancelled halfway. "
                "Look there before it is sent again."
            ).format(title=item.release.title, account=account)
        )


def _refuse_alike(edition: Sequence[Release], account: Account) -> None:
    earlier = fingerprints.find_alike(edition, account)
    if earlier is not None:
        sentence = _("“{title}” is nearly the same as “{earlier}”, distributed to {account} for {time}.")
        time = date_format(timezone.localtime(earlier.due_at), "DATETIME_FORMAT")
        words = {"title": earlier.release.title, "earlier": earlier.title, "account": account, "time": time}
        raise Alike(sentence.format(**words), delivery_id=earlier.delivery_id)


def _free(delivery: Delivery) -> QuerySet[Delivery]:
    """Return the delivery as a query that finds it only while no worker has it in hand.

    Whoever changes it raises the fence: a worker may have outlived its lease.
    """
    return Delivery.objects.filter(in_no_hand(), pk=delivery.pk)


def require_aware(at: dt.datetime | None) -> None:
    if at is not None and timezone.is_naive(at):
        raise ValueError("A time needs its zone.")


def _require_changed(count: int | bool, sentence: str) -> None:
    if not count:
        raise Refused(sentence)
