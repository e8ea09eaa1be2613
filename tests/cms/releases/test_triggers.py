"""Frozen rows stay as they are, whichever statement is tried."""

import uuid
from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import DatabaseError, connection, models, transaction

from cms.models import Blob, Release
from cms.releases import triggers
from tests.triggers import lifted

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, tzinfo=UTC)
sqlite_only = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="a statement of SQLite")
postgresql_only = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="needs PostgreSQL")


def row(**fields) -> Release:
    plain = {"page_id": 1, "revision_id": 1, "number": 1, "title": "as signed", "sha256": "1" * 64}
    frozen = dict.fromkeys(("document", "variants", "approvals", "assets", "signature"), b"")
    return Release(public_from=NOW, signed_at=NOW, **{**plain, **frozen, **fields})


@pytest.fixture
def release():
    release = row()
    release.save(force_insert=True)
    return release


def refused(statement, *parameters):
    with pytest.raises(DatabaseError, match="is frozen"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def unchanged(release) -> bool:
    return list(Release.objects.values_list("pk", "title")) == [(release.pk, "as signed")]


def test_a_release_is_neither_updated_nor_deleted(release):
    refused("UPDATE cms_release SET title = 'forged'")
    refused("DELETE FROM cms_release")
    release.title = "forged"
    for attempt in (release.save, release.delete, Release.objects.all().delete):
        with pytest.raises(DatabaseError, match="is frozen"), transaction.atomic():
            attempt()
    assert unchanged(release)


def test_a_blob_is_neither_updated_nor_deleted():
    Blob.objects.create(sha256="a" * 64, mime="image/png", size=1)
    refused("UPDATE cms_blob SET size = 2")
    refused("DELETE FROM cms_blob")


@sqlite_only
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
@pytest.mark.parametrize("verb", ["REPLACE", "INSERT OR REPLACE", "INSERT OR IGNORE"])
@pytest.mark.parametrize("key", ["id", "sha256", "number"])
def test_a_release_is_not_replaced_by_a_row_with_the_same_key(release, recursive, verb, key):
    other = row(title="forged", number=2, sha256="2" * 64)
    setattr(other, key, getattr(release, key))
    columns = [field.column for field in Release._meta.concrete_fields]
    values = [
        field.get_db_prep_save(getattr(other, field.attname), connection)
        for field in Release._meta.concrete_fields
    ]
    marks = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA recursive_triggers={recursive}")
    try:
        refused(f"{verb} INTO cms_release ({', '.join(columns)}) VALUES ({marks})", *values)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA recursive_triggers=ON")
    assert unchanged(release)


@pytest.mark.parametrize(
    ("key", "unique"), [({"id"}, ["id"]), ({"sha256"}, ["sha256"]), ({"number"}, ["page_id", "number"])]
)
def test_a_release_is_not_changed_by_an_insert_that_updates_on_conflict(release, key, unique):
    other = row(title="forged", number=2, sha256="2" * 64)
    for name in key:
        setattr(other, name, getattr(release, name))
    with pytest.raises(DatabaseError, match="is frozen"), transaction.atomic():
        Release.objects.bulk_create(
            [other], update_conflicts=True, update_fields=["title"], unique_fields=unique
        )
    assert unchanged(release)


@postgresql_only
def test_the_frozen_tables_are_not_truncated(release):
    refused("TRUNCATE cms_release CASCADE")
    refused("TRUNCATE cms_blob CASCADE")
    assert unchanged(release)


def test_the_check_names_the_triggers_that_are_missing_and_migrate_puts_them_back():
    looks = {"databases": ["default"], "tags": ["database"], "fail_level": "WARNING"}
    call_command("check", **looks)
    with lifted():
        with pytest.raises(SystemCheckError, match=r"cms\.W004.*cms_release_refuse_update"):
            call_command("check", **looks)
        # As a person calls it: with the checks that come before it.
        call_command("migrate", verbosity=0, skip_checks=False)
        assert not triggers.missing()


@postgresql_only
def test_a_trigger_that_is_switched_off_is_missing():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE cms_release DISABLE TRIGGER cms_release_refuse_update")
    assert triggers.missing() == {"cms_release_refuse_update"}


@pytest.mark.django_db(transaction=True)
def test_the_triggers_are_back_after_a_migration_that_rebuilds_the_table():
    field = models.CharField(max_length=9, default="")
    field.set_attributes_from_name("probe")
    with connection.schema_editor() as editor:
        editor.add_field(Release, field)
        editor.remove_field(Release, field)
    if connection.vendor == "sqlite":
        assert triggers.missing(), "SQLite keeps triggers now: cms.releases.triggers can be simpler"
    call_command("migrate", verbosity=0)
    row(id=uuid.uuid4()).save(force_insert=True)
    refused("UPDATE cms_release SET title = 'forged'")
    refused("DELETE FROM cms_release")


@pytest.mark.django_db(transaction=True)
def test_a_test_with_transactions_of_its_own_leaves_nothing_behind(release):
    assert unchanged(release)


@pytest.mark.django_db(transaction=True)
def test_the_database_is_empty_again_and_guarded():
    assert not Release.objects.exists()
    assert not triggers.missing()
