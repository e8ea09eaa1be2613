"""INSERT … SELECT, for which the ORM has no method: something is written only while something else is so."""

from typing import Any

from django.db import connection, transaction
from django.db.models import Model, QuerySet


def insert_select(
    model: type[Model],
    rows: QuerySet[Any, Any],  # of whatever model
    values: dict[str, Any],  # each of its column's type
) -> list[Any]:
    """Insert an object with ``values`` for each of ``rows`` by one statement; return their primary keys.

    Rows that are selected for update are locked first, and looked at anew when that meant waiting.
    """
    # Any, as for the stubs a field may be a relation's other end, which has no column.
    fields: list[Any] = [model._meta.get_field(name) for name in values]
    key: Any = model._meta.pk
    quoted = connection.ops.quote_name
    into = f"{quoted(model._meta.db_table)} ({', '.join(quoted(field.column) for field in fields)})"
    saved = [field.get_db_prep_save(values[field.name], connection) for field in fields]
    selected = f"SELECT {', '.join(['%s'] * len(saved))}"
    with transaction.atomic(), connection.cursor() as cursor:
        sql, params = rows.values("pk").query.sql_with_params()
        insert = f"INSERT INTO {into} {selected} FROM ({sql}) AS held RETURNING {quoted(key.column)}"
        cursor.execute(insert, [*saved, *params])
        return [pk for (pk,) in cursor.fetchall()]
