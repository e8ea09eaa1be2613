"""Where log lines go and what they look like; ``publishers.logs`` makes them."""

#: What logs every call of a task; at DEBUG it does.
EACH_CALL = ("celery.beat", "celery.worker.strategy", "celery.app.trace")


def configuration(level: str, form: str) -> dict:
    """Return Django's LOGGING: to standard error, as "text" or "json"."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"about": {"()": "publishers.logs.About"}},
        "formatters": {
            "text": {
                "()": "publishers.logs.Line",
                "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s",
            },
            "json": {
                "()": "publishers.logs.JsonLine",
                "fmt": "%(levelname)s %(name)s %(message)s %(process)d %(delivery)s %(attempt)s",
                "rename_fields": {"levelname": "level", "name": "logger"},
                "timestamp": "time",
                "json_ensure_ascii": False,
            },
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": form, "filters": ["about"]}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Two lines for each saved page, and a complaint about the embedded broker, which has no host.
            "django_tasks": {"level": "WARNING"},
            "kombu.connection": {"level": "ERROR"},
            # Three lines for each call of beat, which makes several a second, and two for each delivery's.
            **({name: {"level": "WARNING"} for name in EACH_CALL} if level == "INFO" else {}),
        },
    }
