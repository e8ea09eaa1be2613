"""The hub's worker without the looks after the fact: ``celery --app harness.publishing``.

They come at their own slow pace, and are no part of publishing.
"""

from config.celery import app

app.conf.beat_schedule = {"sweep": app.conf.beat_schedule["sweep"]}
