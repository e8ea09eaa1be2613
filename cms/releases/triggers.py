"""Triggers that refuse any change to the frozen tables, on SQLite and PostgreSQL.

They guard against mistakes; against somebody who owns the database, the signature does (``verification``).
SQLite loses a table's triggers when a migration rebuilds it, so they are put back after each ``migrate``,
and a system check looks for them (``cms.system_checks``).
"""

import itertools
from collections.abc import Iterator

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model
from django.db.models.signals import post_migrate
from django.dispatch import receiver

from cms.models import Blob, Release, Withdrawal

FROZEN: tuple[type[Model], ...] = (Release, Blob, Withdrawal)
MESSAGE = "is frozen: releases, their files and withdrawals are never changed"


def install(using: str = DEFAULT_DB_ALIAS) -> None:
    """Put every trigger in place; those that are there stay."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for statement in _statements(connection.vendor):
            cursor.execute(statement)


def missing(using: str = DEFAULT_DB_ALIAS) -> set[str]:
    """Return the names of the triggers that should be in the database and are not, or are switched off."""
    connection = connections[using]
    query = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = {name for (name,) in cursor.fetchall()}
    return {name for _, _, name in wanted(connection.vendor)} - present


def wanted(vendor: str) -> Iterator[tuple[type[Model], str, str]]:
    """Yield model, action and name of every trigger on that kind of database."""
    # SQLite's REPLACE deletes without firing a delete trigger on connections that did not ask for it
    # (recursive_triggers), so that an insert over an existing row is refused as well.
    actions = {"sqlite": ("update", "delete", "insert"), "postgresql": ("update", "delete", "truncate")}
    for model in FROZEN:
        for action in actions[vendor]:
            yield model, action, f"{model._meta.db_table}_refuse_{action}"


def _statements(vendor: str) -> Iterator[str]:
    if vendor == "sqlite":
        return (_sqlite(*trigger) for trigger in wanted(vendor))
    function = (
        "CREATE OR REPLACE FUNCTION cms_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '% {MESSAGE}', TG_TABLE_NAME USING ERRCODE = '23001'; END $$"
    )
    return itertools.chain([function], (_postgresql(*trigger) for trigger in wanted(vendor)))


def _sqlite(model: type[Model], action: str, name: str) -> str:
    table = model._meta.db_table
    same = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {_same_row(model)})"  # noqa: S608 (our own names)
    return (
        f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {action} ON {table} "
        f"{same if action == 'insert' else ''} "
        f"BEGIN SELECT RAISE(ABORT, '{table} {MESSAGE}'); END"
    )


def _postgresql(model: type[Model], action: str, name: str) -> str:
    return (
        f"CREATE OR REPLACE TRIGGER {name} BEFORE {action} ON {model._meta.db_table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION cms_refuse_change()"
    )


def _same_row(model: type[Model]) -> str:
    """Return the condition that a row has a unique value in common with the one that is being inserted."""
    columns = {field.name: field.column for field in model._meta.concrete_fields}
    keys = [[field.column] for field in model._meta.concrete_fields if field.unique]
    for constraint in model._meta.total_unique_constraints:
        keys.append([columns[name] for name in constraint.fields])
    return " OR ".join(" AND ".join(f"{column} = NEW.{column}" for column in key) for key in keys)


@receiver(post_migrate)
def install_after_migrate(app_config: AppConfig, using: str, **kwargs: object) -> None:
    if app_config.name != "cms":
        return
    # Migrating backwards leaves nothing to guard.
    present = connections[using].introspection.table_names()
    if all(model._meta.db_table in present for model in FROZEN):
        install(using)
