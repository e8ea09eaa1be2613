"""What the hub lets go after a while, table by table: what proves nothing and answers no question any more.

docs/operations.md says of every table how long it is kept and why. Releases, signatures, decisions, the log
of who did what and the calls that readers may have seen something of stay for ever.
"""

import datetime as dt
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now

from publishers.models import (
    Attempt,
    Callback,
    Delivery,
    MetricSample,
    Outcome,
    Phase,
    Sighting,
    SourceVisits,
    Upload,
)
from publishers.models.clock import from_now

log = logging.getLogger(__name__)
#: Rows that one statement deletes: on SQLite nobody else writes meanwhile.
BATCH = 500


def _delete(model: type[Model], keys: list[Any]) -> None:  # Any: primary keys of whatever kind
    model._base_manager.filter(pk__in=keys).delete()


@dataclass(frozen=True)
class Rule:
    """Which rows are over, and how they go."""

    model: type[Model]
    over: Callable[[], QuerySet[Any, Any]]  # of the model
    let_go: Callable[[type[Model], list[Any]], None] = _delete

    @property
    def name(self) -> str:
        return self.model._meta.label


def expire(rule: Rule) -> Iterator[int]:
    """Let go what is over, batch by batch; yield how many went with each.

    Each row is looked at once, in the order of the keys. After a batch others write for as long as it took.
    """
    last: Any = None  # a primary key
    while keys := _next(rule, last):
        begun = time.monotonic()
        rule.let_go(rule.model, keys)
        log.info("%d rows of %s are over and gone.", len(keys), rule.name)
        last, took = keys[-1], time.monotonic() - begun
        yield len(keys)
        time.sleep(took)


def _next(rule: Rule, last: Any) -> list[Any]:
    rows = rule.over() if last is None else rule.over().filter(pk__gt=last)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])


def _long_ago() -> Any:  # an expression that lookups take, by the database's clock
    return from_now(-dt.timedelta(days=settings.RETENTION_DAYS))


def _calls() -> QuerySet[Attempt]:
    """Return uploads, and calls that certainly had no effect, of deliveries that have come to their end."""
    unseen = Q(outcome=Outcome.FAILED) | Q(name__startswith=Attempt.UPLOAD)
    ended = Delivery.objects.filter(pk=OuterRef("delivery"), phase__in=(Phase.SETTLED, Phase.CANCELLED))
    return Attempt.objects.filter(unseen, Exists(ended), begun_at__lt=_long_ago())


def _uploads() -> QuerySet[Upload]:
    return Upload.objects.filter(uploaded_at__lt=_long_ago())


def _callbacks() -> QuerySet[Callback]:
    """Return what platforms told of articles that are not the hub's."""
    return Callback.objects.filter(handled_at__lt=_long_ago()).exclude(problem="")


def _sightings() -> QuerySet[Sighting]:
    """Return the hub's own looks between two that found the same: the first and the last of them stay."""
    looks = Sighting.objects.filter(item=OuterRef("item")).values("found")
    before = looks.filter(pk__lt=OuterRef("pk")).order_by("-pk")[:1]
    after = looks.filter(pk__gt=OuterRef("pk")).order_by("pk")[:1]
    own = Sighting.objects.filter(at__lt=_long_ago(), by_name="")
    return own.alias(after=Subquery(after)).filter(found=Subquery(before), after=F("found"))


def _figures() -> QuerySet[MetricSample]:
    """Return figures that the platform told, where it told a later one: they are cumulative."""
    later = MetricSample.objects.filter(
        item=OuterRef("item"), name=OuterRef("name"), source=OuterRef("source"), day__gt=OuterRef("day")
    )
    return MetricSample.objects.filter(Exists(later), day__lt=_long_ago(), by_name="")


def _visits() -> QuerySet[SourceVisits]:
    earlier = SourceVisits.objects.filter(link=OuterRef("link"), day__lt=OuterRef("day"))
    return SourceVisits.objects.filter(Exists(earlier), day__lt=_long_ago())


@transaction.atomic
def _add_to_first_day(model: type[Model], keys: list[Any]) -> None:
    """Add the days' visits to the link's first day, so that their sum stays, and delete them."""
    days = SourceVisits.objects.select_for_update().filter(pk__in=keys)
    for link, count in days.values_list("link", "count"):
        first = SourceVisits.objects.filter(link=link).order_by("day").values("pk")[:1]
        SourceVisits.objects.filter(pk=Subquery(first)).update(count=F("count") + count)
    _delete(model, keys)


def _sessions() -> QuerySet[Session]:
    return Session.objects.filter(expire_date__lt=Now())


RULES = (
    Rule(Attempt, _calls),
    Rule(Upload, _uploads),
    Rule(Callback, _callbacks),
    Rule(Sighting, _sightings),
    Rule(MetricSample, _figures),
    Rule(SourceVisits, _visits, _add_to_first_day),
    Rule(Session, _sessions),
)
