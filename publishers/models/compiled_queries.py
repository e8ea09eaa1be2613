"""Statements that Django compiles once: compiling them anew was half of what a delivery cost the processor.

What the database is told and what is made of its rows stays Django's: its compiler is kept for each
connection, and each call gives it other values.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import Expression, Model, QuerySet
from django.db.models.sql import Query, UpdateQuery
from django.db.models.sql.constants import ROW_COUNT


class Param(Expression):
    """The place of a value that comes with each call, named as the model's field or ``name``.

    Not for None in a condition: nothing equals it.
    """

    def __init__(self, model: type[Model], field: str, name: str = ""):
        super().__init__(output_field=model._meta.get_field(field))
        self.name = name or field

    def as_sql(self, compiler, connection):
        return "%s", [self]


def select(build: Callable[[], QuerySet]) -> Callable[..., list[Any]]:
    """Make a function of ``build``, which returns rows with Given in them: it takes the values, gives a list.

    Relations that ``build`` prefetches are not fetched.
    """

    @wraps(build)
    def selected(**values) -> list[Any]:
        rows, compiled = _kept(build, _compiled_rows)
        compiled.give(values)
        return list(rows._iterable_class(rows))

    return selected


def update(build: Callable[[], tuple[QuerySet, dict[str, Any]]]) -> Callable[..., int]:
    """Make a function of ``build``, which returns rows and changes: it takes the values, gives the count."""

    @wraps(build)
    def updated(**values) -> int:
        compiled = _kept(build, _compiled_changes)
        compiled.give(values)
        with transaction.mark_for_rollback_on_error(DEFAULT_DB_ALIAS):
            return compiled.compiler.execute_sql(ROW_COUNT)

    return updated


def insert(build: Callable[[], tuple[QuerySet, type[Model], dict[str, Any]]]) -> Callable[..., list[Any]]:
    """Make a function of ``build``, which returns rows, and a model with the values of its fields.

    It takes the values with Given, inserts one object for each row, and gives their primary keys. Rows that
    are selected for update are locked first, and looked at anew when that meant waiting.
    """

    @wraps(build)
    def inserted(**values) -> list[Any]:
        compiled = _kept(build, _compiled_objects)
        compiled.give(values)
        sql, params = compiled.compiler.as_sql()
        marking = transaction.mark_for_rollback_on_error(DEFAULT_DB_ALIAS)
        with marking, connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(sql, params)
            return [key for (key,) in cursor.fetchall()]

    return inserted


def _kept(build, compiled):
    """Return what was compiled for this thread's connection, which keeps it."""
    known = connections[DEFAULT_DB_ALIAS].__dict__.setdefault("prepared", {})
    if build not in known:
        known[build] = compiled(build())
    return known[build]


def _compiled_rows(rows: QuerySet) -> "tuple[QuerySet, _Compiled]":
    return rows, _Compiled(rows.query)


def _compiled_changes(built: tuple[QuerySet, dict[str, Any]]) -> "_Compiled":
    rows, changes = built
    query = rows.query.chain(UpdateQuery)
    query.add_update_values(changes)
    with transaction.atomic():  # outside, Django compiles no lock
        return _Compiled(query)


def _compiled_objects(built: tuple[QuerySet, type[Model], dict[str, Any]]) -> "_Compiled":
    rows, model, values = built
    ops, options = connections[DEFAULT_DB_ALIAS].ops, model._meta
    into = ", ".join(ops.quote_name(options.get_field(name).column) for name in values)
    returning, _params = ops.return_insert_columns([options.pk])
    insert_into = f"INSERT INTO {ops.quote_name(options.db_table)} ({into}) "
    with transaction.atomic():
        return _Compiled(rows.values_list(*values.values()).query, insert_into, f" {returning}")


class _Compiled:
    """A statement of ``query``, with ``before`` and ``after`` around it."""

    def __init__(self, query: Query, before: str = "", after: str = ""):
        self.compiler = query.get_compiler(DEFAULT_DB_ALIAS)
        sql, self._params = self.compiler.as_sql()
        self._sql = before + sql + after
        query.get_compiler = lambda using: self.compiler

    def give(self, values: dict[str, Any]) -> None:
        """Let the compiler answer with the statement that it made, and ``values`` in it."""
        params = tuple(self._value(param, values) for param in self._params)
        self.compiler.as_sql = lambda: (self._sql, params)

    def _value(self, param: Any, values: dict[str, Any]) -> Any:
        if not isinstance(param, Param):
            return param
        return param.output_field.get_db_prep_save(values[param.name], self.compiler.connection)
