"""Making a backup while the hub works."""

import shutil
import sqlite3
from pathlib import Path

import django
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import signing
from cms.media import blobs
from cms.refusals import Refused
from publishers.accounts import credentials
from publishers.operations.backup import databases, keys, manifest

MEDIA = "media"


def make(folder: Path) -> manifest.Manifest:
    """Write the database and all pictures and uploads into ``folder``, which must be new or empty.

    No key is among them. The database goes first: pictures are stored before the database knows them. Raises
    Refused.
    """
    try:
        if folder.exists() and any(folder.iterdir()):
            sentence = _("{folder} is not empty: give each backup a folder of its own.")
            raise Refused(sentence.format(folder=folder))
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        counts = manifest.counts()
        databases.dump(folder)
        at = timezone.now()
        _copy_media(folder / MEDIA)
        made = _describe(folder, at, counts)
        made.write(folder)
    except (OSError, sqlite3.Error) as error:
        raise keys.not_written(folder, error) from error
    return made


def _copy_media(to: Path) -> None:
    root = Path(settings.MEDIA_ROOT)
    for file in manifest.files_under(root):
        if file.name == ".gitignore":
            continue
        copy = to / file.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, copy)


def _describe(folder: Path, at, counts: dict[str, int]) -> manifest.Manifest:
    files = {
        file.relative_to(folder).as_posix(): (file.stat().st_size, blobs.hash_of(file))
        for file in manifest.files_under(folder)
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
