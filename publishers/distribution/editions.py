"""An edition that has not begun can be composed anew: another order, other articles, another time."""

import datetime as dt
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext as _
from wagtail.models import Page

from cms import releases as signed
from cms.models import Release
from cms.refusals import Refused
from publishers import registry
from publishers.distribution import fingerprints
from publishers.distribution.distributing import fill, refuse_what_is_there, refuse_withdrawn, require_aware
from publishers.engine.wake import wake_on_commit
from publishers.models import Account, Attempt, Delivery, DeliveryItem, Phase, SourceLink, clock
from publishers.people import audit
from publishers.people.permissions import Actor, require_sending


def size_on(account: Account) -> int:
    """Return how many articles go together on the account; 1 where the platform is not installed."""
    publisher = registry.find(account.platform, account.transport)
    return publisher.platform.edition_size if publisher else 1


def may_be_recomposed(delivery: Delivery) -> bool:
    """Return whether the delivery is an edition of which nothing has begun."""
    return size_on(delivery.account) > 1 and _not_begun(delivery).exists()


def recompose(
    delivery: Delivery,
    releases: Sequence[Release],
    *,
    at: dt.datetime | None = None,
    again: bool = False,
    alike: bool = False,
    by: Actor,
) -> None:
    """Let exactly ``releases``, in order, go out with the delivery at ``at`` (aware; None or past: now).

    ``again`` and ``alike`` as in ``distribution.distribute``. Raises PermissionDenied; Refused (PerhapsThere,
    Alike when they would help), and then everything stays as it was.
    """
    account = delivery.account
    require_sending(by, account)
    require_aware(at)
    _require_edition(releases, account)
    fingerprints.keep(releases)
    try:
        with transaction.atomic():
            _take_hold(delivery, releases, at)
            refuse_withdrawn(releases)
            refuse_what_is_there(releases, account, again=again, alike=alike)
            fill(delivery, releases)
            titles = [release.title for release in releases]
            audit.record("delivery.recompose", delivery, by, account=account.pk, titles=titles)
            wake_on_commit([delivery.pk])
    except IntegrityError:
        raise Refused(_("One of the articles is on its way to one of the accounts already.")) from None
    delivery.refresh_from_db()


def _require_edition(releases: Sequence[Release], account: Account) -> None:
    size = size_on(account)
    if not releases:
        raise Refused(_("Choose at least one article and one account."))
    if len({release.pk for release in releases}) < len(releases):
        raise Refused(_("An article stands in an edition only once."))
    if len(releases) > size:
        raise Refused(
            _("{account} takes at most {size} articles together.").format(account=account, size=size)
        )
    if not all(signed.genuine(release) for release in releases):
        raise Refused(_("Only what was signed off can be distributed."))


def _take_hold(delivery: Delivery, releases: Sequence[Release], at: dt.datetime | None) -> None:
    """Move the delivery on in one conditional UPDATE, and empty it; nobody has it in hand then."""
    _lock_pages(delivery, releases)
    due_at = max(at or clock.now(delivery), *(release.public_from for release in releases))
    taken = _not_begun(delivery).update(
        due_at=due_at, next_at=due_at, fence=F("fence") + 1, wishes=F("wishes") + 1
    )
    if not taken:
        raise Refused(_("Only an edition that is scheduled and has not begun can be composed anew."))
    delivery.items.all().delete()


def _lock_pages(delivery: Delivery, releases: Sequence[Release]) -> None:
    """Let a withdrawal of what was in it, or comes into it, wait for the end of this transaction."""
    pages = {release.page_id for release in releases}
    pages.update(delivery.items.values_list("release__page_id", flat=True))
    list(Page.objects.filter(pk__in=pages).order_by("pk").select_for_update().values_list("pk"))


def _not_begun(delivery: Delivery) -> QuerySet[Delivery]:
    """Return the delivery as a query that finds it only while nothing was called or marked for it."""
    called = Attempt.objects.filter(delivery=OuterRef("pk"))
    marked = SourceLink.objects.filter(item__delivery=OuterRef("pk"))
    correcting = DeliveryItem.objects.filter(delivery=OuterRef("pk"), replaces__isnull=False)
    waiting = Delivery.objects.filter(pk=delivery.pk, phase=Phase.SCHEDULED, lease_until=None)
    return waiting.exclude(Exists(called) | Exists(marked) | Exists(correcting))
