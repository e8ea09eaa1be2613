"""What people ask of the engine: sending, editions, plans, corrections, withdrawals. The door of the room."""

from publishers.distribution.distributing import (
    cancel,
    distribute,
    newest_release,
    plan,
    reschedule,
    retry,
    unplan,
)

__all__ = ["cancel", "distribute", "newest_release", "plan", "reschedule", "retry", "unplan"]
