"""Making a backup while the hub works."""

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _

from cms import signing
from cms.media import blobs
from cms.refusals import Refused
from publishers.accounts import credentials
from publishers.operations.backup import databases, keys, manifest, places

MEDIA = "media"
#: What the manifest is called until all is written; it is held locked, and gets its name in one step.
UNFINISHED = f"{manifest.NAME}.unfinished"
#: Pictures that are made again when they are wanted (publishers.engine.sizes, cms.media.scaling); they come
#: and go while the hub works.
MADE_AGAIN = ("sizes", "renditions")
#: Uploads and blobs lie in folders below these; what lies there itself is being written, or is nobody's.
PASSING = ("", "blobs")


def make(folder: Path) -> manifest.Manifest:
    """Write the database and all pictures and uploads into ``folder``: new, empty, or where one failed.

    No key is among them, and no picture that can be made again. The database goes first: pictures are stored
    before the database knows them. Raises Refused.
    """
    places.refuse_own(folder)
    try:
        if folder.exists() and any(folder.iterdir()) and not (folder / UNFINISHED).exists():
            sentence = _("{folder} is not empty: give each backup a folder of its own.")
            raise Refused(sentence.format(folder=folder))
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        with _alone(folder):
            _clear(folder)
            counts = manifest.counts()
            # What is lost was called later than this; what the dump takes longer is in doubt, and looked for.
            at = databases.now()
            databases.dump(folder)
            _copy_media(folder / MEDIA)
            made = _describe(folder, at, counts)
            made.write(folder / UNFINISHED)
            (folder / UNFINISHED).replace(folder / manifest.NAME)
    except (OSError, sqlite3.Error) as error:
        raise keys.not_written(folder, error) from error
    return made


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Refuse a second backup into the folder at the same time; the system lifts the lock when one dies."""
    with (folder / UNFINISHED).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sentence = _("Another backup is being written into {folder}: wait for it, or choose another one.")
            raise Refused(sentence.format(folder=folder)) from None
        yield


def _clear(folder: Path) -> None:
    """Remove what a backup that failed has left; nothing else was in the folder when it began."""
    for left in folder.iterdir():
        if left.is_dir():
            shutil.rmtree(left)
        elif left.name != UNFINISHED:
            left.unlink()


def _copy_media(to: Path) -> None:
    root = Path(settings.MEDIA_ROOT)
    for file in _needed(root):
        copy = to / file.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copy2(file, copy)
        except OSError as error:
            # One that names both is about writing the copy.
            if error.filename != str(file) or error.filename2 is not None:
                raise
            raise _unreadable(error) from error


def _needed(root: Path) -> Iterator[Path]:
    """Return the files that cannot be made again. Raises Refused for a folder that cannot be read."""

    def refuse(error: OSError) -> None:
        raise _unreadable(error) from error

    passing = [root / name for name in PASSING]
    for folder, below, names in os.walk(root, onerror=refuse) if root.exists() else ():
        if Path(folder) == root:
            below[:] = [name for name in below if name not in MADE_AGAIN]
        if Path(folder) not in passing:
            yield from (Path(folder, name) for name in sorted(names))


def _unreadable(error: OSError) -> Refused:
    sentence = _(
        "{file} cannot be read, and the backup would lack it: see that it is there and that the hub's user "
        "can read it, and make the backup again. ({reason})"
    )
    return Refused(sentence.format(file=error.filename, reason=error.strerror))


def _describe(folder: Path, at, counts: dict[str, int]) -> manifest.Manifest:
    files = {
        file.relative_to(folder).as_posix(): (file.stat().st_size, blobs.hash_of(file))
        for file in manifest.files_under(folder)
        if file.name != UNFINISHED
    }
    applied = MigrationRecorder(connection).applied_migrations()
    return manifest.Manifest(
        at=at,
        vendor=connection.vendor,
        server=databases.server(),
        django=django.get_version(),
        migrations=sorted(f"{app}.{name}" for app, name in applied),
        counts=counts,
        signing_keys=[key["key_id"] for key in signing.public_keys()],
        files=files,
        credential_seals=credentials.seals(),
    )
