"""As many rows as ten years leave behind, written by the database itself."""

from typing import Any

from django.db import connection, transaction
from django.db.models import Model

SERIES = {
    "sqlite": "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s)",
    "postgresql": "WITH numbers AS (SELECT generate_series(1, %s) AS n)",
}
NEW_ID = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}
#: A UUID that says which copy it is, so that copies of other tables can name it.
ID = {"sqlite": "printf('%032x', n)", "postgresql": "lpad(to_hex(n), 32, '0')::uuid"}
#: As many hexadecimal digits as a SHA-256 has.
HASH = {"sqlite": "printf('%064x', n)", "postgresql": "lpad(to_hex(n), 64, '0')"}
EARLIER = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', {column}, '-' || n || ' minutes')",
    "postgresql": "{column} - n * interval '1 minute'",
}


def multiply(row: Model, count: int, **columns: str | dict[str, str]) -> None:
    """Add ``count`` copies of the row; the database's planner learns of them.

    ``columns`` says in SQL what differs, ``n`` being the copy's number from 1; by vendor where they differ.
    """
    vendor, table = connection.vendor, row._meta.db_table
    key = row._meta.pk
    if key.get_internal_type() == "UUIDField":
        columns = {key.column: NEW_ID, **columns}
    others = [field.column for field in row._meta.local_concrete_fields if not field.primary_key]
    names = [*(name for name in columns if name not in others), *others]
    given = {
        name: (value if isinstance(value, str) else value[vendor]).replace("{column}", f'"{name}"')
        for name, value in columns.items()
    }
    values = ", ".join(given.get(name, f'"{name}"').replace("%", "%%") for name in names)
    into = ", ".join(f'"{name}"' for name in names)
    with transaction.atomic(), connection.cursor() as cursor:
        if vendor == "postgresql":
            # Else VACUUM may come before it is on the disk, and take it for not to be seen by everybody.
            cursor.execute("SET LOCAL synchronous_commit TO on")
        cursor.execute(
            f"INSERT INTO {table} ({into}) {SERIES[vendor]}"
            f" SELECT {values} FROM {table}, numbers WHERE {table}.{key.column} = %s",
            [count, key.get_db_prep_value(row.pk, connection)],
        )
    with connection.cursor() as cursor:
        # On PostgreSQL what an index has is read from it alone once that was seen to, as it is every day.
        vacuum = "VACUUM " if vendor == "postgresql" and not connection.in_atomic_block else ""
        cursor.execute(f"{vacuum}ANALYZE {table}")


def plan(sql: str, params: Any) -> str:
    """Return how the database would answer a query, as one text."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{'EXPLAIN QUERY PLAN' if connection.vendor == 'sqlite' else 'EXPLAIN'} {sql}", params
        )
        return "\n".join(str(row[-1]) for row in cursor.fetchall())
