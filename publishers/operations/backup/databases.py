"""The database as a file: SQLite by its own online backup, PostgreSQL by pg_dump and pg_restore."""

import datetime as dt
import os
import re
import shutil
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

from django.db import OperationalError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from cms.refusals import Refused

#: So long, whoever still works with the database is waited for.
LOCK_S = 10
#: PostgreSQL lists who has just left, such as its own pg_dump, until it has noticed.
LEAVES_S = 2
FILES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}


def now() -> dt.datetime:
    """Return the time by the database's clock."""
    return MigrationRecorder.Migration.objects.values_list(Now(), flat=True)[:1].get()


def dump(folder: Path) -> Path:
    """Write the database, as it is at one moment, into ``folder``; the hub may go on working."""
    file = folder / FILES[connection.vendor]
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(file)) as copy:
            connection.connection.backup(copy)
    else:
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={file}")
    return file


def load(folder: Path) -> None:
    """Put what ``dump`` wrote in the place of everything that is in the database."""
    file = folder / FILES[connection.vendor]
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        try:
            with closing(_opened(file)) as copy:
                copy.backup(connection.connection)
        except sqlite3.OperationalError as error:
            raise Refused(_("The database cannot be written: {reason}").format(reason=error)) from error
        return
    program("pg_restore")
    _empty()
    options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    _run("pg_restore", *options, f"--dbname={connection.settings_dict['NAME']}", str(file))


def _opened(file: Path) -> sqlite3.Connection:
    """Open the file as it was hashed: SQLite reads no journal that lies beside it, and writes none."""
    return sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)


def _empty() -> None:
    """Take everything out of PostgreSQL's database, unless somebody works with it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_S}s'")
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute("CREATE SCHEMA public")
    except OperationalError as error:
        raise Refused(_("The database is in use: stop web servers and workers first.")) from error


def refuse_other_kind(vendor: str) -> None:
    """Refuse a dump of another kind of database."""
    if vendor != connection.vendor:
        raise Refused(
            _("The backup is of {theirs}, this hub's database is {ours}: they must be of one kind.").format(
                theirs=vendor, ours=connection.vendor
            )
        )


def refuse_unreadable(folder: Path, vendor: str) -> None:
    """Refuse a dump that cannot be read."""
    file = folder / FILES[vendor]
    if vendor == "postgresql":
        _run("pg_restore", "--list", str(file))
        return
    try:
        with closing(_opened(file)) as copy:
            sound = copy.execute("PRAGMA quick_check").fetchone() == ("ok",)
    except sqlite3.DatabaseError:
        sound = False
    if not sound:
        raise Refused(_("The database in the backup is damaged; nothing was changed."))


def is_open_elsewhere() -> bool:
    """Return whether another process has the database open, at work or not."""
    if connection.vendor == "postgresql":
        until = time.monotonic() + LEAVES_S
        while (others := _others()) and time.monotonic() < until:
            time.sleep(0.05)
        return bool(others)
    connection.close()
    with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=0)) as alone:
        try:
            # Refused for as long as another has it open; each new connection goes back to WAL by itself.
            alone.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError as error:
            return "locked" in str(error)
    return False


def _others() -> int:
    """Return how many others PostgreSQL lists in this database."""
    with connection.cursor() as cursor:
        # Whoever has no name there is one of the server's own processes.
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename IS NOT NULL"
        )
        return int(cursor.fetchone()[0])


def server() -> str:
    if connection.vendor == "sqlite":
        return sqlite3.sqlite_version
    return str(_pg_version())


def _pg_version() -> int:
    return connection.pg_version  # type: ignore[attr-defined]  # PostgreSQL's; the stubs know no vendor


def program(name: str) -> str:
    """Return where PostgreSQL's program is; refuse one that is missing or older than the server."""
    path = shutil.which(name)
    if path is None:
        raise Refused(
            _("{name} is missing: install PostgreSQL's client programs (postgresql-client).").format(
                name=name
            )
        )
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    ours, theirs = int(re.findall(r"\d+", said)[0]), _pg_version() // 10000
    if ours < theirs:
        raise Refused(
            _(
                "{name} is of version {ours}, the server of {theirs}: install the client programs of the "
                "server's version."
            ).format(name=name, ours=ours, theirs=theirs)
        )
    return path


def _run(name: str, *options: str) -> None:
    command = [program(name), *options]
    done = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [str(done.returncode)]
        raise Refused(_("{name} failed: {reason}").format(name=name, reason=lines[-1]))


def _environment() -> dict[str, str]:
    """Return the environment for libpq; a password on the command line could be read by others."""
    database = connection.settings_dict
    known = {f"PG{name}": database[name] for name in ("HOST", "PORT", "USER", "PASSWORD")}
    known["PGDATABASE"] = database["NAME"]
    return os.environ | {name: str(value) for name, value in known.items() if value}
