"""The sandbox's state: one SQLite connection behind one lock, plus the few questions everybody asks."""

import hashlib
import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from os import PathLike
from pathlib import Path

from .settings import DEFAULTS, Json

#: A row by its columns, which schema.sql names; SQLite gives whatever was put in.
Row = dict[str, Json]
Value = str | int | float | bytes | None

CHINA = timezone(timedelta(hours=8))
BUSY_S = 30
#: Columns that a file from an earlier release has not got yet: table, column, declaration.
LATER = (("tokens", "scope", "TEXT NOT NULL DEFAULT ''"),)
SCHEMA = Path(__file__).with_name("schema.sql")


class Store:
    """All state of one sandbox. ``path`` None keeps it in memory.

    Calls come from many threads. Single statements are safe by themselves; what reads and then writes
    belongs inside ``with store.transaction()``, which may be nested and rolls back on an exception.
    """

    def __init__(self, path: str | PathLike[str] | None = None) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        # Another sandbox may have the same file open: wait for it.
        self._db = sqlite3.connect(
            path or ":memory:", timeout=BUSY_S, check_same_thread=False, isolation_level=None
        )
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA.read_text(encoding="utf-8"))
        for table, column, declaration in LATER:
            if column not in {row["name"] for row in self.all(f"PRAGMA table_info({table})")}:
                self.run(f"ALTER TABLE {table} ADD COLUMN {column} {declaration}")

    def prepare(self, schema: str) -> None:
        """Create tables that are not there yet."""
        with self._lock:
            self._db.executescript(schema)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._lock:
            outermost = self._depth == 0
            if outermost:
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                if outermost:
                    self._db.execute("ROLLBACK")
                raise
            else:
                if outermost:
                    self._db.execute("COMMIT")
            finally:
                self._depth -= 1

    def run(self, sql: str, *values: Value) -> int:
        """Run one statement; return how many rows it touched."""
        with self._lock:
            return self._db.execute(sql, values).rowcount

    def all(self, sql: str, *values: Value) -> list[Row]:
        with self._lock:
            return [dict(row) for row in self._db.execute(sql, values)]

    def one(self, sql: str, *values: Value) -> Row | None:
        """Return the first row as a dict, or None."""
        rows = self.all(sql, *values)
        return rows[0] if rows else None

    def the_one(self, sql: str, *values: Value) -> Row:
        """Return the first row, of which the caller knows that it is there."""
        row = self.one(sql, *values)
        assert row is not None
        return row

    def value(self, sql: str, *values: Value) -> Json:
        row = self.one(sql, *values)
        return next(iter(row.values())) if row else None

    def insert(self, table: str, **columns: Value) -> None:
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        self.run(f"INSERT INTO {table} ({names}) VALUES ({marks})", *columns.values())  # noqa: S608

    # settings and time

    def setting(self, name: str) -> Json:
        stored = self.value("SELECT value FROM settings WHERE name = ?", name)
        return DEFAULTS[name] if stored is None else json.loads(stored)

    def set_setting(self, name: str, value: Json) -> None:
        self.run("REPLACE INTO settings (name, value) VALUES (?, ?)", name, json.dumps(value))

    def now(self) -> float:
        """Seconds since 1970 by the sandbox's clock, which the control can move forward."""
        return time.time() + self.setting("clock_offset_s")

    def china_day(self) -> str:
        """Quotas start again at midnight, China time."""
        return datetime.fromtimestamp(self.now(), CHINA).strftime("%Y-%m-%d")

    # accounts and pictures

    def account(self, platform: str, account_id: str) -> Row | None:
        """Return the account with its capabilities as a list, or None."""
        row = self.one("SELECT * FROM accounts WHERE platform = ? AND id = ?", platform, account_id)
        return row and {**row, "capabilities": json.loads(row["capabilities"])}

    def holder(self, platform: str, account_id: str) -> Row:
        """Return the account that a token names: tokens go when their account does."""
        account = self.account(platform, account_id)
        assert account is not None
        return account

    def keep_picture(
        self, platform: str, account: str, kind: str, media_id: str, filename: str, mime: str, content: bytes
    ) -> None:
        """Keep picture bytes under ``media_id``; the same bytes are stored once."""
        digest = hashlib.sha256(content).hexdigest()
        with self.transaction():
            self.run("INSERT OR IGNORE INTO blobs VALUES (?, ?, ?)", digest, mime, content)
            self.insert(
                "media",
                id=media_id,
                platform=platform,
                account=account,
                kind=kind,
                filename=filename,
                sha256=digest,
                made_at=self.now(),
            )

    def picture(self, platform: str, media_id: str) -> tuple[str, bytes] | None:
        """Return ``(mime, bytes)`` or None."""
        row = self.one(
            "SELECT mime, bytes FROM media JOIN blobs USING (sha256) WHERE platform = ? AND media.id = ?",
            platform,
            media_id,
        )
        return (row["mime"], row["bytes"]) if row else None


def china_time(seconds: float, pattern: str = "%Y-%m-%d %H:%M:%S") -> str:
    return datetime.fromtimestamp(seconds, CHINA).strftime(pattern)


def iso_time(seconds: float | None) -> str | None:
    """RFC 3339 in China time, or None."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, CHINA).isoformat(timespec="milliseconds")
