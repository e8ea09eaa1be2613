"""The Celery app. Messages are wake-up calls only: the database says what is due."""

import os
from logging.config import dictConfig

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings
from kombu.transport import TRANSPORT_ALIASES

from config.beating import BeatAgain

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

TRANSPORT_ALIASES["filesystem"] = "config.filebroker:Transport"


@setup_logging.connect
def log_as_the_hub_does(**kwargs) -> None:
    """Keep Celery from handlers and levels of its own."""
    dictConfig(settings.LOGGING)


app = Celery("hub")
app.steps["worker"].add(BeatAgain)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
