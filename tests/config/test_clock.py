"""What the hub does by itself as time goes by: beat's table holds all of it."""

import inspect

from django.conf import settings

from config.celery import app

#: Called for by whoever keeps a message; the sweep, which is in the table, makes good a call that was lost.
CALLED_FOR = {"publishers.handle_callbacks"}


def test_whatever_is_told_nothing_and_called_for_by_nobody_is_called_for_by_the_clock():
    app.loader.import_default_modules()
    own = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
    alone = {name for name, task in own.items() if not inspect.signature(task.run).parameters}
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} == alone - CALLED_FOR
