"""Taking the triggers off, which only tests may do."""

from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import TransactionTestCase
from wagtail.models import Collection, Locale, Page

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


@pytest.fixture(autouse=True, scope="session")
def flush_lifts_triggers():
    """Let tests with transactions of their own empty the database when they end.

    What Wagtail's migrations had made is made again, so that the next test finds what the first one found.
    """
    flush = TransactionTestCase._fixture_teardown

    def lift_and_flush(self):
        with lifted():
            flush(self)
        _plant_roots()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lift_and_flush)
        yield


def _plant_roots() -> None:
    if not Locale.objects.exists():
        Locale.objects.create(language_code="zh-hans")
    if not Collection.objects.exists():
        Collection.add_root(name="Root")
    if not Page.objects.exists():
        Page.add_root(title="Root", slug="root", locale=Locale.objects.get())
