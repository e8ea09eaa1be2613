"""Pictures in the sizes that platforms take: each made once, however many accounts and processes want it.

A copy lies under ``MEDIA_ROOT/sizes/<two digits>/<sha256>/`` with the hub's signature in front of its bytes,
so that nothing goes out which the hub did not make from what was signed off. The folder may be emptied at any
time; what nobody has wanted for KEPT_S goes when a neighbour is written.
"""

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

from cms import signing
from cms.document.model import canonical

#: Raise it when other bytes are made of the same picture.
VERSION = 2
KEPT_S = 30 * 24 * 3600
_KEY_ID, _SIGNATURE = 16, 64


def once(sha256: str, size: str, make: Callable[[], bytes]) -> bytes:
    """Return what ``make`` returns for the picture in this size; whoever wants it meanwhile waits for it."""
    folder = _root() / sha256[:2] / sha256
    copy = folder / f"{VERSION}-{size}"
    with suppress(FileNotFoundError):
        if (kept := _read(copy, sha256)) is not None:
            return kept
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(copy):
        kept = _read(copy, sha256) if copy.exists() else None
        return kept if kept is not None else _write(copy, sha256, make())


def _root() -> Path:
    return Path(settings.MEDIA_ROOT) / "sizes"


def _read(copy: Path, sha256: str) -> bytes | None:
    """Return the copy's bytes, or None when it is not whole or not the hub's."""
    kept = copy.read_bytes()
    key_id, signature = kept[:_KEY_ID].decode("ascii", "replace"), kept[_KEY_ID : _KEY_ID + _SIGNATURE]
    made = kept[_KEY_ID + _SIGNATURE :]
    if not signing.verify(key_id, _statement(copy, sha256, made), signature):
        return None
    os.utime(copy)
    return made


def _write(copy: Path, sha256: str, made: bytes) -> bytes:
    key_id, signature = signing.sign(_statement(copy, sha256, made))
    unseen = copy.with_suffix(".part")
    unseen.write_bytes(key_id.encode() + signature + made)
    unseen.replace(copy)
    _forget(copy.parent.parent)
    return made


def _statement(copy: Path, sha256: str, made: bytes) -> bytes:
    facts = {"type": "size", "picture": sha256, "size": copy.name, "sha256": hashlib.sha256(made).hexdigest()}
    return canonical(facts)


@contextmanager
def _alone(copy: Path) -> Iterator[None]:
    """Hold the copy's lock; the system lifts it when a process dies."""
    with copy.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _forget(neighbours: Path) -> None:
    """Remove the pictures of which no size was wanted for KEPT_S."""
    before = time.time() - KEPT_S
    for folder in neighbours.iterdir():
        with suppress(FileNotFoundError):
            if all(copy.stat().st_mtime < before for copy in folder.iterdir()):
                shutil.rmtree(folder)
