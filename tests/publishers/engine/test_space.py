"""Which errors mean a disk without space or a database that takes no writes, and which do not."""

import errno
import sqlite3

import pytest
from django.db import DatabaseError, OperationalError
from psycopg.errors import ReadOnlySqlTransaction

from publishers.engine import space

FULL = {
    "the system's word": OSError(errno.ENOSPC, "No space left on device"),
    "a used-up quota of the disk": OSError(errno.EDQUOT, "Disk quota exceeded"),
    "SQLite's": OperationalError("database or disk is full"),
    "SQLite's, beside the database": OperationalError("disk I/O error"),
    "SQLite's, as it opens it": OperationalError("unable to open database file"),
    "PostgreSQL's": DatabaseError('could not extend file "base/1": No space left on device'),
}
OTHER = {
    "none": None,
    "a right that is missing": OSError(errno.EACCES, "Permission denied"),
    "words of a plugin": ValueError("disk I/O error"),
    "another of the database's": OperationalError("database is locked"),
}


def caused(error: BaseException | None, *, said: bool) -> BaseException:
    """Return an error that was raised from ``error``, or while it was handled."""
    try:
        try:
            if error is not None:
                raise error
        except BaseException as cause:
            if said:
                raise RuntimeError("because of it") from cause
            raise RuntimeError("meanwhile")  # noqa: B904
        raise RuntimeError("by itself")
    except RuntimeError as raised:
        return raised


@pytest.mark.parametrize("error", FULL.values(), ids=list(FULL))
def test_a_full_disk_is_known_by_whoever_says_so_and_behind_other_errors(error):
    assert space.is_full(error)
    assert space.is_full(caused(error, said=True)) and space.is_full(caused(error, said=False))


@pytest.mark.parametrize("error", OTHER.values(), ids=list(OTHER))
def test_what_is_no_full_disk_is_not_taken_for_one(error):
    assert not space.is_full(error) and not space.is_full(caused(error, said=True))


def of_sqlite(name: str) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("attempt to write a readonly database")
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    ("error", "is_read_only"),
    [
        (ReadOnlySqlTransaction("cannot execute UPDATE in a read-only transaction"), True),
        (of_sqlite("SQLITE_READONLY"), True),
        (of_sqlite("SQLITE_READONLY_DBMOVED"), True),
        (of_sqlite("SQLITE_BUSY"), False),
        (ValueError("SQLITE_READONLY"), False),
    ],
    ids=["a standby", "a disk", "a moved file", "a busy one", "another's words"],
)
def test_a_database_that_takes_no_writes_is_known_behind_djangos_error(error, is_read_only):
    assert space.is_read_only(error) is space.is_read_only(caused(error, said=True)) is is_read_only


def test_who_waits_for_room_does_not_wait_for_a_folder_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setattr(space, "LOOK_AGAIN_S", -1)  # nobody can wait so long
    space.wait_for_room(tmp_path)
    with pytest.raises(FileNotFoundError):
        space.wait_for_room(tmp_path / "gone")
