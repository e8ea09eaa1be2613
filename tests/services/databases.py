"""A database of a hub's own on a PostgreSQL that many use."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


@contextmanager
def database_on(server: str, name: str) -> Iterator[str]:
    """Make an empty database, as whoever runs PostgreSQL does; yield its address, and drop it in the end."""
    with psycopg.connect(_named(server, "postgres"), autocommit=True) as made:
        made.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield _named(server, name)
        finally:
            made.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _named(server: str, name: str) -> str:
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
