"""The hub's worker for a storm, an hour to it is a minute: ``celery --app tests.chaos.storm.hurry worker``.

Everything that the engine reckons from the database's clock (leases, waits, polls, a token's life) goes
through ``publishers.models.clock`` and is a sixtieth here; so are the plugins' time of a review and the rest
of an account that fails. A platform is waited for two seconds, a locked database three. Nothing else differs
from ``config.celery``.
"""

import sys

import django
from celery.schedules import crontab

from config.celery import app
from tests.chaos.storm.plan import PATHS

FASTER = 60
READ_S, LOCKED_S, SOONEST_S = 2, 3, 1.0


def hurry() -> None:
    from django.conf import settings

    from publishers import registry
    from publishers.accounts import sessions
    from publishers.engine import circuit_breaker
    from publishers.models import clock
    from publishers.verification import pages

    at_leisure = clock.from_now

    def from_now(span):
        return at_leisure(span / FASTER)

    for module in [module for name, module in sys.modules.items() if name.startswith("publishers.")]:
        if getattr(module, "from_now", None) is at_leisure:
            module.from_now = from_now
        if hasattr(module, "READ_S"):
            module.READ_S = READ_S
    settings.EMAIL_TIMEOUT = pages.PAGE_S = sessions.LOOK_S = READ_S
    circuit_breaker.FIRST_REST /= FASTER
    circuit_breaker.LONGEST_REST /= FASTER
    for slug in PATHS:
        registry.get(slug).review_s /= FASTER
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        if not isinstance(entry["schedule"], crontab):  # the day's figures change nothing that is sent
            entry["schedule"] = max(SOONEST_S, entry["schedule"] / FASTER)
    app.conf.beat_schedule = settings.CELERY_BEAT_SCHEDULE
    if "timeout" in settings.DATABASES["default"].get("OPTIONS", {}):
        settings.DATABASES["default"]["OPTIONS"]["timeout"] = LOCKED_S


django.setup()
hurry()
