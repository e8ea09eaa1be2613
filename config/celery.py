"""The Celery app. Messages are wake-up calls only: the database says what is due."""

import datetime as dt
import os
from logging.config import dictConfig
from typing import Any  # what a signal brings, which is not asked for

from celery import Celery
from celery.signals import (
    beat_embedded_init,
    before_task_publish,
    setup_logging,
    task_prerun,
    worker_init,
)
from django.conf import settings
from django.db import close_old_connections
from kombu.transport import TRANSPORT_ALIASES

from config.parents import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

TRANSPORT_ALIASES["filesystem"] = "config.filebroker:Transport"


@setup_logging.connect
def log_as_the_hub_does(**kwargs: Any) -> None:
    """Keep Celery from handlers and levels of its own."""
    dictConfig(settings.LOGGING)


@worker_init.connect
def wait_for_room(**kwargs: Any) -> None:
    """Keep a worker from dying as it starts on a full disk, and what started it from giving up."""
    from publishers.engine import space

    space.wait_for_room(settings.DATA_DIR)


@beat_embedded_init.connect
def end_beat_with_its_worker(**kwargs: Any) -> None:
    """Let ``--beat`` be what it looks like: of a worker that was killed no beat goes on alone."""
    end_with_parent()


@before_task_publish.connect
def let_the_broker_drop(headers: dict[str, Any], properties: dict[str, Any], **kwargs: Any) -> None:
    """Tell the broker, too, until when a call is worth anything.

    Celery drops what has expired when a worker takes it: beat's calls for a line that has none would pile up.
    RabbitMQ and the embedded broker let them go by themselves; Redis knows no end of a message.
    """
    if expires := headers.get("expires"):
        left = dt.datetime.fromisoformat(expires) - dt.datetime.now(dt.UTC)
        properties["expiration"] = max(left.total_seconds(), 0)


@task_prerun.connect
def keep_connections(**kwargs: Any) -> None:
    """Keep database connections as requests do (CONN_MAX_AGE), instead of one or two for each task."""
    close_old_connections()


app = Celery("hub")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
