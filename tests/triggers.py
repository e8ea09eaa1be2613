"""Taking the triggers off, which only tests may do."""

from contextlib import contextmanager

from django.db import connection

from cms.releases import triggers


@contextmanager
def lifted():
    """Let frozen rows be changed inside the block; the triggers are back afterwards."""
    with connection.cursor() as cursor:
        for model, _, name in triggers.wanted(connection.vendor):
            table = f" ON {model._meta.db_table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{table}")
    try:
        yield
    finally:
        triggers.install()
