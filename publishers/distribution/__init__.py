"""What people ask of the engine: sending, editions, plans, corrections, withdrawals. The door of the room."""

from publishers.distribution.distributing import (
    cancel,
    distribute,
    may_be_cancelled,
    newest_release,
    plan,
    reschedule,
    retry,
    unplan,
)
from publishers.distribution.refused import may_be_taken_now

__all__ = [
    "cancel",
    "distribute",
    "may_be_cancelled",
    "may_be_taken_now",
    "newest_release",
    "plan",
    "reschedule",
    "retry",
    "unplan",
]
