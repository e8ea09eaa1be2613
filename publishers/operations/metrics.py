"""Figures for Prometheus, read from the database when they are asked for, so that all web processes agree.

A fixed number of queries, each bounded by an index or by the number of accounts.
"""

import hmac
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Min, Q
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily as Gauge
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from publishers import registry
from publishers.accounts import quotas
from publishers.engine import switching
from publishers.models import Account, Attempt, Callback, Cause, Delivery, Phase, QuotaUse
from publishers.models.leases import in_no_hand
from publishers.operations import heartbeat, probe

log = logging.getLogger(__name__)
#: Calls are counted among so many of the newest: all of them would be a scan.
NEWEST = 1000
LOOPBACK = ("127.0.0.1", "::1")


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer who has the token; without one in the settings, who asks from this very machine."""
    if not _may_read(request):
        return HttpResponse("The metrics need the token.\n", status=403, content_type="text/plain")
    try:
        writable = probe.database_takes_writes()
        gauges = [_database(int(writable)), *_everything()]
    except DatabaseError as error:
        log.error("The metrics cannot be read: %s", error)
        gauges = [_database(0)]
    collected = CollectorRegistry(auto_describe=False)
    collected.register(Read(gauges))
    return HttpResponse(generate_latest(collected), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    # Behind a proxy every call comes from this machine.
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return request.META.get("REMOTE_ADDR") in LOOPBACK and not forwarded


@dataclass(frozen=True, eq=False)  # a registry tells collectors apart by their identity
class Read(Collector):
    """Figures that were read before the answer begins."""

    gauges: Sequence[Gauge]

    def collect(self) -> Iterator[Gauge]:
        yield from self.gauges


def _everything() -> Iterator[Gauge]:
    """Yield what docs/operations.md names."""
    yield from _deliveries()
    yield from _due()
    yield from _calls()
    yield from _accounts()
    yield from _quotas()
    yield from _hub()


def _database(up: int) -> Gauge:
    return Gauge(
        "hub_database_up", "Whether the database answers and takes writes; else nothing can be done.", up
    )


def _deliveries() -> Iterator[Gauge]:
    counted = Delivery.objects.order_by().values_list("phase").annotate(count=Count("pk"))
    phases = dict.fromkeys(Phase.values, 0) | dict(counted)
    yield _gauge("hub_deliveries", "Deliveries by phase.", ["phase"], phases.items())
    # An account whose credentials are refused waits for a person, too, and its deliveries with it.
    stopped = Q(phase=Phase.PAUSED, cause=Cause.CREDENTIALS)
    waiting = Delivery.objects.filter(Q(phase=Phase.ATTENTION) | stopped).order_by()
    found = dict(waiting.values_list("cause").annotate(count=Count("pk")))
    causes = {cause: found.get(cause, 0) for cause in Cause.values if cause}
    yield _gauge("hub_attention", "Deliveries that wait for a person, by cause.", ["cause"], causes.items())


def _due() -> Iterator[Gauge]:
    """Tell what could be worked on and is not; nothing is due while the hub is paused."""
    due = Delivery.objects.filter(switching.open_for(), in_no_hand(), next_at__lte=Now())
    found = due.aggregate(
        count=Count("pk"), first=Min("next_at"), late=Min("due_at", filter=Q(phase=Phase.SCHEDULED))
    )
    yield Gauge("hub_due_deliveries", "Deliveries that are due and in nobody's hand.", found["count"])
    yield Gauge("hub_queue_age_seconds", "How long the longest of them has been due.", _age(found["first"]))
    yield Gauge("hub_lateness_seconds", "How late the latest is that has not begun.", _age(found["late"]))
    held = Delivery.objects.filter(next_at__isnull=False, lease_until__gt=Now()).count()
    yield Gauge("hub_deliveries_in_hand", "Deliveries that a worker has in hand.", held)


def _calls() -> Iterator[Gauge]:
    newest = Attempt.objects.order_by("-pk")[:NEWEST].values_list("delivery__account__platform", "outcome")
    counts: dict[tuple[str, str], int] = {}
    for key in newest:
        counts[key] = counts.get(key, 0) + 1
    rows = ((*key, count) for key, count in counts.items())
    yield _gauge("hub_attempts", f"The newest {NEWEST} calls, by outcome.", ["platform", "outcome"], rows)


def _accounts() -> Iterator[Gauge]:
    rows = list(Account.objects.values_list("platform", "name", "failures", "resting_until", "paused_at"))
    labels, now = ["platform", "account"], timezone.now()
    failures = ((platform, name, failures) for platform, name, failures, _until, _at in rows)
    yield _gauge("hub_account_failures", "Failures of the account in a row.", labels, failures)
    resting = (
        (platform, name, max((until - now).total_seconds(), 0) if until else 0)
        for platform, name, _failures, until, _at in rows
    )
    yield _gauge("hub_account_rest_seconds", "How long the breaker stays open; 0: closed.", labels, resting)
    paused = ((platform, name, int(at is not None)) for platform, name, _failures, _until, at in rows)
    yield _gauge("hub_account_paused", "Whether the account is paused.", labels, paused)


def _quotas() -> Iterator[Gauge]:
    limits = {
        (publisher.platform.slug, quota.path, span): limit
        for publisher in registry.all_publishers()
        for quota in publisher.platform.quotas
        for span, limit in (("minute", quota.per_minute), ("day", quota.per_day))
        if limit is not None
    }
    begun = {span: quotas.window(span)[0] for span in ("minute", "day")}
    used = QuotaUse.objects.values_list(
        "account__platform", "account__name", "path", "span", "since", "count"
    )
    left = {
        (platform, name, path, span): (limit - (count if since == begun[span] else 0), limit)
        for platform, name, path, span, since, count in used
        if (limit := limits.get((platform, path, span))) is not None
    }
    labels = ["platform", "account", "path", "span"]
    rows = ((*key, calls) for key, (calls, _limit) in left.items())
    yield _gauge("hub_quota_left", "Calls that are left of a quota.", labels, rows)
    shares = ((*key, calls / limit if limit else 0) for key, (calls, limit) in left.items())
    yield _gauge("hub_quota_share", "Which share of a quota's calls is left.", labels, shares)


def _hub() -> Iterator[Gauge]:
    ages = heartbeat.ages()
    lines = {
        heartbeat.WORKER: "of deliveries",
        heartbeat.URGENT: "of urgent deliveries",
        heartbeat.ASIDE: "of looks, figures and mail",
    }
    for line, says in lines.items():
        silent = ages[line].total_seconds() if line in ages else float("inf")
        yield Gauge(f"hub_{line}_heartbeat_age_seconds", f"Since a worker {says} last answered beat.", silent)
    paused = int(switching.state().paused_at is not None)
    yield Gauge("hub_paused", "Whether the main switch stops all sending.", paused)
    waiting = Callback.objects.filter(handled_at=None).count()
    yield Gauge("hub_callbacks_waiting", "Messages of platforms that are not worked on yet.", waiting)


def _gauge(name: str, says: str, labels: list[str], rows) -> Gauge:
    gauge = Gauge(name, says, labels=labels)
    for *values, figure in rows:
        gauge.add_metric([str(value) for value in values], figure)
    return gauge


def _age(moment) -> float:
    return max((timezone.now() - moment).total_seconds(), 0) if moment else 0.0
