"""Statements that Django compiles once: compiling them anew was half of what a delivery cost the processor.

What the database is told and what is made of its rows stays Django's: its compiler is kept for each
connection, and each call gives it other values.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.sql import Query, UpdateQuery
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.constants import ROW_COUNT

Row = TypeVar("Row")
Built = TypeVar("Built")
Kept = TypeVar("Kept")
#: The rows of a statement, of whatever model: a QuerySet's first parameter is its model's.
Rows = QuerySet[Any, Row]
#: The value of a column, which is of the column's type.
Value = Any
#: Rows and what changes in them; rows, and the model with the values of the object that each gives.
Changes = tuple[Rows[Any], dict[str, Value]]
Objects = tuple[Rows[Any], type[Model], dict[str, Value]]


class Param(Expression):
    """The place of a value that comes with each call, named as the model's field or ``name``.

    Not for None in a condition: nothing equals it.
    """

    def __init__(self, model: type[Model], field: str, name: str = ""):
        super().__init__(output_field=_column(model, field))
        self.name = name or field

    def as_sql(  # type: ignore[override]  # the parameters are no values yet, which the stubs ask for
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, list["Param"]]:
        return "%s", [self]


def select(build: Callable[[], Rows[Row]]) -> Callable[..., list[Row]]:
    """Make a function of ``build``, which returns rows with Given in them: it takes the values, gives a list.

    Relations that ``build`` prefetches are not fetched.
    """

    @wraps(build)
    def selected(**values: Value) -> list[Row]:
        rows, compiled = _kept(build, _compiled_rows)
        compiled.give(values)
        made: Iterable[Row] = rows._iterable_class(rows)  # type: ignore[assignment, arg-type]  # bare in stubs
        return list(made)

    return selected


def update(build: Callable[[], Changes]) -> Callable[..., int]:
    """Make a function of ``build``, which returns rows and changes: it takes the values, gives the count."""

    @wraps(build)
    def updated(**values: Value) -> int:
        compiled = _kept(build, _compiled_changes)
        compiled.give(values)
        with transaction.mark_for_rollback_on_error(DEFAULT_DB_ALIAS):
            return compiled.compiler.execute_sql(ROW_COUNT)

    return updated


def insert(build: Callable[[], Objects]) -> Callable[..., list[Any]]:
    """Make a function of ``build``, which returns rows, and a model with the values of its fields.

    It takes the values with Given, inserts one object for each row, and gives their primary keys. Rows that
    are selected for update are locked first, and looked at anew when that meant waiting.
    """

    @wraps(build)
    def inserted(**values: Value) -> list[Any]:
        compiled = _kept(build, _compiled_objects)
        compiled.give(values)
        sql, params = compiled.compiler.as_sql()
        marking = transaction.mark_for_rollback_on_error(DEFAULT_DB_ALIAS)
        with marking, connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(sql, params)
            return [key for (key,) in cursor.fetchall()]

    return inserted


def _column(model: type[Model], name: str) -> "Field[Any, Any]":
    field = model._meta.get_field(name)
    assert isinstance(field, Field)  # none of ours names a relation from its other end
    return field


def _column_name(model: type[Model], name: str) -> str:
    column = _column(model, name).column
    assert column is not None  # only what is kept in another table has none
    return column


def _kept(build: Callable[[], Built], compiled: Callable[[Built], Kept]) -> Kept:
    """Return what was compiled for this thread's connection, which keeps it."""
    known: dict[Callable[[], Built], Kept] = connections[DEFAULT_DB_ALIAS].__dict__.setdefault("prepared", {})
    if build not in known:
        known[build] = compiled(build())
    return known[build]


def _compiled_rows(rows: Rows[Row]) -> "tuple[Rows[Row], _Compiled]":
    return rows, _Compiled(rows.query)


def _compiled_changes(built: Changes) -> "_Compiled":
    rows, changes = built
    # The stubs do not say that it is of the class that it is asked for.
    query = cast(UpdateQuery, rows.query.chain(UpdateQuery))
    query.add_update_values(changes)
    with transaction.atomic():  # outside, Django compiles no lock
        return _Compiled(query)


def _compiled_objects(built: Objects) -> "_Compiled":
    rows, model, values = built
    ops, options = connections[DEFAULT_DB_ALIAS].ops, model._meta
    into = ", ".join(ops.quote_name(_column_name(model, name)) for name in values)
    returning, _params = ops.return_insert_columns([options.pk])  # type: ignore[attr-defined]  # stubs of 6.0
    insert_into = f"INSERT INTO {ops.quote_name(options.db_table)} ({into}) "
    with transaction.atomic():
        return _Compiled(rows.values_list(*values.values()).query, insert_into, f" {returning}")


class _Compiled:
    """A statement of ``query``, with ``before`` and ``after`` around it."""

    def __init__(self, query: Query, before: str = "", after: str = ""):
        self.compiler = query.get_compiler(DEFAULT_DB_ALIAS)
        sql, self._params = self.compiler.as_sql()
        self._sql = before + sql + after
        # Django's own method is replaced: whoever asks gets what was compiled.
        query.get_compiler = lambda using: self.compiler  # type: ignore[method-assign, assignment, misc]

    def give(self, values: dict[str, Value]) -> None:
        """Let the compiler answer with the statement that it made, and ``values`` in it."""
        params = tuple(self._value(param, values) for param in self._params)
        self.compiler.as_sql = lambda: (self._sql, params)

    def _value(self, param: "Param | Value", values: dict[str, Value]) -> Value:
        if not isinstance(param, Param):
            return param
        return param.output_field.get_db_prep_save(values[param.name], self.compiler.connection)
