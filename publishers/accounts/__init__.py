"""Accounts of the offices on platforms: what they may do, how they are talked to. The door of the room.

Engine and screens find here what changes an account; what a job is handed of one is in ``sessions``.
"""

from publishers.accounts.changing import (
    CHANGEABLE,
    add,
    change,
    check,
    find,
    pause,
    renew_credentials,
    resume,
)

__all__ = ["CHANGEABLE", "add", "change", "check", "find", "pause", "renew_credentials", "resume"]
