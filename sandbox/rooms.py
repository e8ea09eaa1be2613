"""Every stand-in of the sandbox. Another one is added to ``ROOMS``; nothing else has to know of it."""

from . import console, ledger, penguin, push, toutiao, wechat, yidian
from .room import Room

ROOMS: tuple[Room, ...] = (wechat.ROOM, penguin.ROOM, toutiao.ROOM, yidian.ROOM, console.ROOM, push.ROOM)


def paths():
    """Return slug → every call at which a fault may strike."""
    found = {}
    for room in ROOMS:
        for slug, known in room.paths.items():
            found[slug] = (*found.get(slug, ()), *known)
    return found


def kinds():
    """Return the fault kinds that only single stand-ins know."""
    return {kind: words for room in ROOMS for kind, words in room.kinds.items()}


def tables():
    """Return what a reset empties besides the common tables."""
    return [table for room in ROOMS for table in room.tables]


def settle(store):
    """End everything that is due. Asked before anything is answered or shown, so no timer is needed."""
    for room in ROOMS:
        room.settle(store)
    ledger.settle(store)
    for room in ROOMS:
        room.tell(store)


def finish(store, account=None):
    """Make what runs for an account (None: for all) due now, also what a fault keeps open."""
    for room in ROOMS:
        room.finish(store, account)
    settle(store)
