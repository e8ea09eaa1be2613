"""Figures of articles that are live: asked once a day and account, and kept with where they come from."""

import datetime as dt
import logging
from collections.abc import Iterable, Mapping
from functools import partial

from django.db import InterfaceError, InternalError, OperationalError
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from cms.document.china import CHINA
from cms.refusals import Refused
from publishers import registry
from publishers.accounts.sessions import EngineAccount
from publishers.asking import PluginHangs, ask
from publishers.asking.ending import noting
from publishers.interface import Figure, Json, Publisher, PublisherError, Retry, bounds
from publishers.models import Account, DeliveryItem, MetricSample
from publishers.models.clock import from_now

log = logging.getLogger(__name__)
#: A review may have taken so long that the platform's day of publication is earlier than ours.
LATE_DAYS = 3
#: A plugin that does not come back keeps a worker no oftener than so.
HANGS = dt.timedelta(days=1)


def due() -> list[int]:
    """Return the accounts that are told figures on their way, in one query.

    Without those that are paused or rest, or whose platform asks to be left alone.
    """
    giving = Q()
    for slug, transport in registry.all_transports():
        if registry.get(slug, transport).platform.figure_days:
            giving |= Q(platform=slug, transport=transport)
    if not giving:
        return []
    may_be_asked = Q(figures_at=None) | Q(figures_at__lte=Now())
    well = Q(resting_until=None) | Q(resting_until__lte=Now())
    due = Account.objects.filter(giving, may_be_asked, well, paused_at=None)
    return list(due.values_list("pk", flat=True))


def collect(account_id: int) -> int:
    """Ask for the figures that are missing up to yesterday; return how many were kept.

    Asks one day of publication at a time, the newest first, and keeps each before the next: whoever comes
    after a quota that ended it, or a kill, goes on where it was. Never raises for what the platform says or
    the plugin does.
    """
    account = Account.objects.get(pk=account_id)
    kept = 0
    try:
        publisher = registry.get(account.platform, account.transport)
        session = EngineAccount(account, slow=True)
    except Refused as refusal:
        log.error("Figures of account %s: %s", account.pk, refusal)
        return kept
    with session.http, noting(partial(_put_off, account, HANGS)):
        try:
            for day, items in sorted(_missing(account, publisher).items(), reverse=True):
                figures = _asked(publisher, session, day)
                kept += _keep(figures, items, publisher.platform.figure_source)
        except PublisherError as error:
            log.warning("Figures of %s: %s: %s", account, type(error).__name__, session.evidence(error))
            if isinstance(error, Retry) and error.after is not None:
                _put_off(account, dt.timedelta(seconds=error.after))
        except (OperationalError, InterfaceError, InternalError):
            raise
        except Refused as refusal:
            log.error("Figures of account %s: %s", account.pk, refusal)
            if isinstance(refusal, PluginHangs):
                _put_off(account, HANGS)
        except BaseException as error:
            if registry.ends_process(error):
                raise
            log.exception("Figures of account %s met an error in the hub or a plugin.", account.pk)
    return kept


def _put_off(account: Account, span: dt.timedelta) -> None:
    Account.objects.filter(pk=account.pk).update(figures_at=from_now(span))


def _asked(publisher: Publisher, session: EngineAccount, day: dt.date) -> Iterable[Figure]:
    """Return the day's figures, none when the platform answers that they are not ready: others may be."""
    try:
        return ask(publisher, Publisher.figures, session, day)
    except Retry as error:
        if error.status is None or error.status >= 400:  # it does not answer, or asks to be left alone
            raise
        log.info("Figures of %s for %s: %s", session, day, session.evidence(error))
        return ()


def _missing(account: Account, publisher: Publisher) -> dict[dt.date, list[DeliveryItem]]:
    """Return, by day of publication, the items that lack yesterday's figures."""
    yesterday = timezone.now().astimezone(CHINA).date() - dt.timedelta(days=1)
    days = publisher.platform.figure_days
    since = timezone.now() - dt.timedelta(days=days + LATE_DAYS)
    items = DeliveryItem.objects.filter(
        account=account, observed_generation__isnull=False, delivery__settled_at__gte=since
    )
    known = MetricSample.objects.filter(
        item=OuterRef("pk"), day=yesterday, source=publisher.platform.figure_source, is_final=True
    )
    lacking = items.filter(~Exists(known)).select_related("delivery")
    found: dict[dt.date, list[DeliveryItem]] = {}
    for item in lacking.only("remote", "url", "delivery__due_at", "delivery__settled_at"):
        for day in _days_of(item):
            if yesterday - dt.timedelta(days=days) < day <= yesterday:
                found.setdefault(day, []).append(item)
    return found


def _days_of(item: DeliveryItem) -> list[dt.date]:
    """Return the days on which the platform may have published the item."""
    delivery = item.delivery
    assert delivery.settled_at is not None  # else it is not asked about
    due, settled = (moment.astimezone(CHINA).date() for moment in (delivery.due_at, delivery.settled_at))
    span = min(max((settled - due).days, 0), LATE_DAYS)
    return [settled - dt.timedelta(days=back) for back in range(span + 1)]


def _keep(figures: Iterable[Figure], items: list[DeliveryItem], source: str) -> int:
    """Store the figures of our items; what is final and stored is left alone."""
    final = set(
        MetricSample.objects.filter(item__in=items, source=source, is_final=True).values_list(
            "item_id", "day", "name"
        )
    )
    now, samples = timezone.now(), {}
    for figure in figures:
        item = next((each for each in items if _is_about(figure.about, each.remote)), None)
        if item is None or (item.pk, figure.day, figure.name) in final:
            continue
        _learn_address(item, figure.url)
        # A platform may tell a day twice; the later one counts, and a statement takes each row once.
        samples[item.pk, figure.day, figure.name] = MetricSample(
            item=item,
            day=figure.day,
            name=figure.name,
            value=figure.value,
            source=source,
            is_final=figure.is_final,
            taken_at=now,
        )
    MetricSample.objects.bulk_create(
        samples.values(),
        update_conflicts=True,
        unique_fields=["item", "day", "name", "source"],
        update_fields=["value", "is_final", "taken_at"],
    )
    return len(samples)


def _is_about(about: Mapping[str, Json], remote: Mapping[str, Json]) -> bool:
    return bool(about) and all(str(remote.get(name)) == str(value) for name, value in about.items())


def _learn_address(item: DeliveryItem, url: str) -> None:
    """What was sent to followers has no address until the platform tells one."""
    if bounds.is_page(url) and not item.url:
        item.url = url
        DeliveryItem.objects.filter(pk=item.pk, url="").update(url=url)
