"""What a plugin leaves behind in the process that called it, which others' deliveries go through next.

A transaction that it left open, the language and the time zone that it chose are put right after each call.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone, translation
from psycopg.pq import TransactionStatus

#: A database that there is not: who ends a block of it later, perhaps in another's transaction, ends nothing.
NOWHERE = "left open by a plugin"


class LeftOpen(RuntimeError):
    """A plugin left a transaction open, or would let the engine go on inside of one."""


class Standing:
    """How this thread stands now, before a plugin is called."""

    def __init__(self) -> None:
        self._language, self._zone = translation.get_language(), timezone.get_current_timezone()
        known = connections.all(initialized_only=True)
        self._depths = {connection.alias: len(connection.atomic_blocks) for connection in known}

    def speak(self) -> None:
        """Speak, and tell the time, as before."""
        if translation.get_language() != self._language:
            translation.deactivate_all() if self._language is None else translation.activate(self._language)
        if timezone.get_current_timezone() != self._zone:
            timezone.activate(self._zone)

    def require(self) -> None:
        """Speak as before. Raises LeftOpen inside a transaction that was not there before."""
        self.speak()
        if any(_is_open(connection, self._depth(connection)) for connection in _all()):
            raise LeftOpen("A remote call is never made inside a transaction.")

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Put everything right after the block. Raises LeftOpen when that is a transaction."""
        try:
            yield
        except Exception as error:
            if self._put_right():
                raise LeftOpen("A plugin left a transaction open.") from error
            raise
        except BaseException:
            # The engine ends a run so, and a signal its process.
            self._put_right()
            raise
        if self._put_right():
            raise LeftOpen("A plugin left a transaction open.")

    def _put_right(self) -> bool:
        """Return whether a transaction was left open, or one was ended that is the caller's."""
        self.speak()
        left = [_put_right(connection, self._depth(connection)) for connection in _all()]
        return any(left)

    def _depth(self, connection: BaseDatabaseWrapper) -> int:
        return self._depths.get(connection.alias, 0)


def _all() -> Sequence[BaseDatabaseWrapper]:
    return connections.all(initialized_only=True)


def _is_open(connection: BaseDatabaseWrapper, depth: int) -> bool:
    """Return whether a transaction is open that was not there at ``depth``. Asks nobody."""
    if connection.in_atomic_block or depth:
        return len(connection.atomic_blocks) != depth or connection.closed_in_transaction
    if connection.connection is None:
        return False
    try:
        return not connection.autocommit or _has_begun(connection)
    except (psycopg.InterfaceError, sqlite3.ProgrammingError):  # it was closed behind Django's back
        connection.close()
        return False


def _has_begun(connection: BaseDatabaseWrapper) -> bool:
    """Return whether a transaction was begun with SQL alone. Raises what a closed connection does."""
    raw = connection.connection
    if connection.vendor == "sqlite":
        return raw.in_transaction
    if raw.closed:
        raise psycopg.InterfaceError
    return raw.info.transaction_status != TransactionStatus.IDLE


def _put_right(connection: BaseDatabaseWrapper, depth: int) -> bool:
    if not _is_open(connection, depth):
        return False
    left = connection.atomic_blocks[depth:]
    if depth:
        for block in reversed(left):
            block.__exit__(LeftOpen, None, None)
    else:
        # The database rolls back, and who comes next connects anew.
        connection.in_atomic_block, connection.closed_in_transaction = False, False
        connection.savepoint_ids, connection.atomic_blocks = [], []
        connection.close()
    for block in left:
        block.using = NOWHERE
    return True
