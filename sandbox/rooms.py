"""Every stand-in of the sandbox. Another one is added to ``ROOMS``; nothing else has to know of it."""

from . import console, faults, feeds, ledger, penguin, push, toutiao, wechat, yidian
from .room import Room
from .store import Store

ROOMS: tuple[Room, ...] = (
    wechat.ROOM,
    penguin.ROOM,
    toutiao.ROOM,
    yidian.ROOM,
    console.ROOM,
    push.ROOM,
    feeds.ROOM,
)


def paths() -> dict[str, tuple[str, ...]]:
    """Return slug → every call at which a fault may strike."""
    found: dict[str, tuple[str, ...]] = {}
    for room in ROOMS:
        for slug, known in room.paths.items():
            found[slug] = (*found.get(slug, ()), *known)
    return found


def kinds_of(slug: str | None = None) -> dict[str, str]:
    """Return the fault kinds that can strike on a platform (None: on any), with their words."""
    common = {
        kind: said for kind, said in faults.KINDS.items() if slug in (None, *faults.ONLY.get(kind, (slug,)))
    }
    own = [room.kinds for room in ROOMS if slug is None or not room.paths or slug in room.paths]
    return common | {kind: said for each in own for kind, said in each.items()}


def tables() -> list[str]:
    """Return what a reset empties besides the common tables."""
    return [table for room in ROOMS for table in room.tables]


def settle(store: Store) -> None:
    """End everything that is due. Asked before anything is answered or shown, so no timer is needed."""
    for room in ROOMS:
        room.settle(store)
    ledger.settle(store)
    for room in ROOMS:
        room.tell(store)


def finish(store: Store, account: str | None = None) -> None:
    """Make what runs for an account (None: for all) due now, also what a fault keeps open."""
    for room in ROOMS:
        room.finish(store, account)
    settle(store)
