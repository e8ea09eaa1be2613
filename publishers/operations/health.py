"""Whether the hub can do its work, for load balancers and monitors; ``doctor`` tells people more."""

import datetime as dt
import functools
from collections.abc import Callable

from celery import current_app
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cms.releases import triggers
from publishers.operations import heartbeat

#: Beat calls every second or so.
SILENT = dt.timedelta(minutes=1)
BROKER_S = 3


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200, or 503 with what is wrong: a name and a word each, no address and no secret."""
    problems = problems_now()
    return JsonResponse({"ready": not problems, "problems": problems}, status=503 if problems else 200)


def problems_now() -> dict[str, str]:
    """Return what keeps the hub from its work, by name."""
    database = _problem(_database)
    if database:
        return {"database": database, **_named(broker=_problem(_broker))}
    return _named(
        migrations=_problem(_migrations),
        triggers=_problem(_triggers),
        broker=_problem(_broker),
        worker=_problem(_worker),
    )


def missing_migrations() -> set[tuple[str, str]]:
    """Return the migrations of this code that the database has not seen."""
    return _migrations_of_the_code() - set(MigrationRecorder(connection).applied_migrations())


def _named(**problems: str) -> dict[str, str]:
    return {name: problem for name, problem in problems.items() if problem}


def _problem(look: Callable[[], str]) -> str:
    try:
        return look()
    except DatabaseError:
        return "unreachable"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def _migrations() -> str:
    missing = missing_migrations()
    return f"{len(missing)} missing" if missing else ""


@functools.cache
def _migrations_of_the_code() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).graph.nodes)


def _triggers() -> str:
    missing = triggers.missing()
    return f"{len(missing)} missing" if missing else ""


def _broker() -> str:
    try:
        with current_app.connection_for_write(connect_timeout=BROKER_S) as broker:
            broker.ensure_connection(max_retries=1, timeout=BROKER_S)
    except Exception:  # noqa: BLE001  (each client has errors of its own; their text may hold the address)
        return "unreachable"
    return ""


def _worker() -> str:
    age = heartbeat.age()
    if age is None:
        return "never seen"
    return f"silent for {int(age.total_seconds())} s" if age > SILENT else ""
