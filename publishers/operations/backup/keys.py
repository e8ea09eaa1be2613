"""The keys, apart from the rest: who finds a backup can neither sign as the hub nor read its secrets."""

import filecmp
import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from cms import signing
from cms.refusals import Refused
from publishers.accounts import credentials
from publishers.operations.backup import places
from publishers.operations.backup.manifest import Manifest

OWN = ("*.pem", "*.pub", "credentials.key")


def copy_out(to: Path, backup: Path) -> list[str]:
    """Copy the key folder's files to ``to``; return their names. Raises Refused for a place in the backup or
    in the hub's own folders, and for one that cannot be written.
    """
    places.refuse_own(backup)
    places.refuse_own(to)
    inside, outside = to.resolve(), backup.resolve()
    if inside == outside or outside in inside.parents or inside in outside.parents:
        raise Refused(_("The keys are kept apart: choose a folder outside of the backup."))
    try:
        to.mkdir(parents=True, exist_ok=True)
        to.chmod(0o700)
        return list(_copy(Path(settings.KEY_DIR), to))
    except OSError as error:
        raise not_written(to, error) from error


def not_written(folder: Path, error: Exception) -> Refused:
    """Return what is told of a folder for which somebody asked."""
    sentence = _("{folder} cannot be written: choose one that the hub's user can write. ({reason})")
    return Refused(sentence.format(folder=folder, reason=error))


def put_back(source: Path) -> list[str]:
    """Copy keys from where they were kept; those that are there already stay as they are."""
    folder = Path(settings.KEY_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return list(_copy(source, folder))


def refuse_others(source: Path) -> None:
    """Refuse a folder without keys, and one with another key than the one that has its place here already."""
    kept = list(_own(source))
    if not kept:
        raise Refused(_("{folder} holds no keys.").format(folder=source))
    for file in kept:
        here = Path(settings.KEY_DIR) / file.name
        if here.exists() and not filecmp.cmp(file, here, shallow=False):
            sentence = _("{here} is another key than {kept}: move away the one that is not the backup's.")
            raise Refused(sentence.format(here=here, kept=file))


def refuse_without(manifest: Manifest, *folders: Path) -> None:
    """Refuse to go on unless the backup's keys lie in one of the folders (those of credentials: or are set).

    Without those that signed, all of it would count as forged; without those of credentials, every account's
    would have to be entered anew.
    """
    public = {file.stem for folder in folders for file in folder.glob("*.pub")}
    private = any((folder / signing.key_file().name).exists() for folder in folders)
    if not set(manifest.signing_keys) <= public or not private:
        raise Refused(
            _("The keys that signed the articles of this backup are not here: give them with --keys FOLDER.")
        )
    if not credentials.opens(manifest.credential_seals, *folders):
        raise Refused(
            _(
                "The keys here are not those that encrypted the credentials in this backup: set "
                "HUB_CREDENTIAL_KEYS, or give credentials.key with --keys FOLDER."
            )
        )


def kept_elsewhere() -> str | None:
    """Return the name of the variable that holds the keys of credentials, when no file does."""
    return "HUB_CREDENTIAL_KEYS" if settings.CREDENTIAL_KEYS else None


def _copy(source: Path, to: Path) -> Iterator[str]:
    for file in _own(source):
        copy = to / file.name
        if not copy.exists():
            shutil.copy2(file, copy)
            copy.chmod(0o600)
        yield file.name


def _own(folder: Path) -> Iterator[Path]:
    return (file for pattern in OWN for file in sorted(folder.glob(pattern)))
