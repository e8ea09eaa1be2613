"""The keys, apart from the rest: who finds a backup can neither sign as the hub nor read its secrets."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from cms import signing
from cms.refusals import Refused
from publishers.operations.backup.manifest import Manifest

OWN = ("*.pem", "*.pub", "credentials.key")


def copy_out(to: Path, backup: Path) -> list[str]:
    """Copy the key folder's files to ``to``; return their names. Raises Refused for a place in the backup."""
    inside, outside = to.resolve(), backup.resolve()
    if inside == outside or outside in inside.parents or inside in outside.parents:
        raise Refused(_("The keys are kept apart: choose a folder outside of the backup."))
    to.mkdir(parents=True, exist_ok=True)
    to.chmod(0o700)
    return list(_copy(Path(settings.KEY_DIR), to))


def put_back(source: Path) -> list[str]:
    """Copy keys from where they were kept; those that are there already stay as they are."""
    folder = Path(settings.KEY_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return list(_copy(source, folder))


def refuse_without(manifest: Manifest) -> None:
    """Refuse to go on without the keys that signed what is in the backup: all of it would count as forged."""
    here = {key["key_id"] for key in signing.public_keys()}
    if not set(manifest.signing_keys) <= here or not signing.key_file().exists():
        raise Refused(
            _("The keys that signed the articles of this backup are not here: give them with --keys FOLDER.")
        )


def kept_elsewhere() -> str | None:
    """Return the name of the variable that holds the keys of credentials, when no file does."""
    return "HUB_CREDENTIAL_KEYS" if settings.CREDENTIAL_KEYS else None


def _copy(source: Path, to: Path) -> Iterator[str]:
    for pattern in OWN:
        for file in sorted(source.glob(pattern)):
            copy = to / file.name
            if not copy.exists():
                shutil.copy2(file, copy)
                copy.chmod(0o600)
            yield file.name
