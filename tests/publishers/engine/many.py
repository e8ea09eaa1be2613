"""As many deliveries as ten years leave behind, written by the database itself."""

from django.db import connection

from publishers.models import Delivery

SERIES = {
    "sqlite": "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s)",
    "postgresql": "WITH numbers AS (SELECT generate_series(1, %s) AS n)",
}
NEW_ID = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}


def multiply(delivery: Delivery, count: int) -> None:
    """Add ``count`` copies of the delivery, without items; the database's planner learns of them."""
    vendor, table = connection.vendor, Delivery._meta.db_table
    others = ", ".join(f'"{field.column}"' for field in Delivery._meta.fields if not field.primary_key)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (id, {others}) {SERIES[vendor]}"
            f" SELECT {NEW_ID[vendor]}, {others} FROM {table}, numbers WHERE id = %s",
            [count, delivery.pk if vendor == "postgresql" else delivery.pk.hex],
        )
        cursor.execute(f"ANALYZE {table}")


def plan(sql: str, params) -> str:
    """Return how the database would answer a query, as one text."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{'EXPLAIN QUERY PLAN' if connection.vendor == 'sqlite' else 'EXPLAIN'} {sql}", params
        )
        return "\n".join(str(row[-1]) for row in cursor.fetchall())
