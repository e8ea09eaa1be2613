"""A disk without space, and a database that takes no writes: nobody's decision, only an operator's work."""

import errno
import logging
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from django.db import DatabaseError
from psycopg.errors import ReadOnlySqlTransaction

log = logging.getLogger(__name__)
SIGNS = (
    "database or disk is full",
    "No space left on device",
    # What SQLite says where it cannot make the files beside the database as it opens it.
    "disk I/O error",
    "unable to open database file",
)
#: What somebody who starts needs for the first files, and how often whoever waits for it looks again.
ROOM_BYTES, LOOK_AGAIN_S = 1 << 16, 5


def is_full(error: BaseException | None) -> bool:
    """Return whether ``error``, or what caused it, is a disk without space, ours or the database's."""
    return any(
        (isinstance(each, OSError) and each.errno in (errno.ENOSPC, errno.EDQUOT))
        or (isinstance(each, DatabaseError) and any(sign in str(each) for sign in SIGNS))
        for each in causes(error)
    )


def is_read_only(error: BaseException | None) -> bool:
    """Return whether ``error``, or what caused it, is a database that takes no writes: a standby, a disk."""
    return any(
        isinstance(each, ReadOnlySqlTransaction)
        or (
            isinstance(each, sqlite3.Error)
            and getattr(each, "sqlite_errorname", "").startswith("SQLITE_READONLY")
        )
        for each in causes(error)
    )


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Return ``error`` and what caused it, one after the other, each once: some are their own cause."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        yield error
        seen.add(id(error))
        error = error.__context__ if error.__cause__ is None else error.__cause__


def wait_for_room(folder: Path) -> None:
    """Return when something can be written in ``folder``; until then, log why nothing begins."""
    while not _has_room(folder):
        log.error("The disk of %s is full: waiting for space.", folder)
        time.sleep(LOOK_AGAIN_S)


def _has_room(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(ROOM_BYTES))
            file.flush()
    except OSError as error:
        if is_full(error):
            return False
        raise
    return True
