"""A disk without space: nobody's decision, only an operator's work."""

import errno

from django.db import DatabaseError

SIGNS = ("database or disk is full", "No space left on device")


def is_full(error: BaseException | None) -> bool:
    """Return whether ``error``, or what caused it, is a disk without space, ours or the database's."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if isinstance(error, DatabaseError) and any(sign in str(error) for sign in SIGNS):
            return True
        error = error.__cause__ or error.__context__
    return False
