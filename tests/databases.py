"""The database of the tests: quick, and after each test what the migrations had made.

A test with transactions of its own commits what it does. Django would empty every table afterwards and ask
each app for its first rows again, which costs a third of a second. Here what the migrations made is kept and
put back: all pages of the file on SQLite, the rows of the tables that have some on PostgreSQL. So every test,
with transactions of its own or not, finds the same.
"""

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import TransactionTestCase

# What migrations are made of, what they call, and the libraries that have some, too.
SOURCES = ("cms/**/*.py", "readers/**/*.py", "publishers/**/*.py", "config/**/*.py", "requirements.txt")
# Without triggers and foreign keys, for one transaction: only a superuser may, as the tests' user is.
UNGUARDED = "SET LOCAL session_replication_role = replica"
EMPTY_ALL = """
DO $$ DECLARE name text; has_rows boolean; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO has_rows;
        IF has_rows THEN EXECUTE format('DELETE FROM %I', name); END IF;
    END LOOP;
END $$
"""


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    hasten()


def hasten() -> None:
    """Let commits not wait for the disk: tests kill processes, never the machine."""
    options = connection.settings_dict["OPTIONS"]
    if connection.vendor == "sqlite":
        options["init_command"] += "PRAGMA synchronous=OFF;"
    else:
        options["options"] = "-c synchronous_commit=off"


@pytest.fixture(scope="session")
def migrated():
    """Return where the file lies that an earlier run of the same code has migrated, or this one will."""
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(Path(settings.BASE_DIR).glob(pattern)):
            digest.update(f"{path}\n".encode() + path.read_bytes())
    return Path(settings.DATA_DIR) / f"migrated-{digest.hexdigest()[:16]}.sqlite3"


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings, migrated):
    """On SQLite, begin with a copy of what was migrated before; ``migrate`` looks at it once more."""
    if connection.vendor != "sqlite" or not migrated.exists():
        return False
    name = connection.creation._get_test_db_name()
    for remains in ("", "-wal", "-shm"):
        Path(f"{name}{remains}").unlink(missing_ok=True)
    shutil.copy(migrated, name)
    return True


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker, migrated):
    """Put back what the migrations made after each test with transactions of its own."""
    with django_db_blocker.unblock():
        put_back = keep_file(migrated) if connection.vendor == "sqlite" else keep_rows()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _test: put_back())
        yield put_back


@pytest.fixture
def migrated_file(db, migrated):
    """Return a SQLite file that is migrated already: a hub of other processes may begin with a copy of it."""
    if connection.vendor != "sqlite":
        pytest.skip("a hub of its own has a SQLite file, whatever the tests' database is")
    return migrated


def keep_file(migrated: Path) -> Callable[[], None]:
    """Keep all pages of the SQLite file in memory, with the triggers and the counters of ids."""
    connection.ensure_connection()
    kept = sqlite3.connect(":memory:", check_same_thread=False)
    connection.connection.backup(kept)
    if not migrated.exists():
        for other in migrated.parent.glob("migrated-*.sqlite3"):
            other.unlink(missing_ok=True)
        written = migrated.with_suffix(f".{os.getpid()}")
        kept.execute("VACUUM INTO ?", [str(written)])
        written.replace(migrated)

    def put_back():
        connection.ensure_connection()
        # A thread that still writes is waited for, but not for ever, as ``backup`` would do.
        connection.connection.execute("BEGIN IMMEDIATE").execute("ROLLBACK")
        kept.backup(connection.connection)

    return put_back


def keep_rows() -> Callable[[], None]:
    """Keep the rows of PostgreSQL's tables in memory; most tables have none."""
    with connection.cursor() as cursor:
        tables = [_with_columns(cursor, name) for name in connection.introspection.table_names(cursor)]
        kept = {table: rows for table in tables if (rows := _copy_out(cursor, table))}

    def put_back():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(UNGUARDED)
            cursor.execute(EMPTY_ALL)
            for table, rows in kept.items():
                with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                    copy.write(rows)

    return put_back


def _with_columns(cursor, name: str) -> str:
    """Return the table with its columns, whose order is another one after a migration back and forth."""
    columns = connection.introspection.get_table_description(cursor, name)
    return "{} ({})".format(name, ", ".join(f'"{column.name}"' for column in columns))


def _copy_out(cursor, table: str) -> bytes:
    with cursor.copy(f"COPY {table} TO STDOUT") as copy:
        return b"".join(copy)
