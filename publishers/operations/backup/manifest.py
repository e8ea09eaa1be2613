"""What a backup says of itself. It is written last: a folder without it is no backup."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from django.apps import apps
from django.utils.translation import gettext as _
from pydantic import AwareDatetime, TypeAdapter, ValidationError

from cms.media import blobs
from cms.refusals import Refused

NAME, FORMAT, READ = "manifest.json", 2, (1, 2)
COUNTED = ("cms.Release", "cms.Withdrawal", "publishers.Account", "publishers.Delivery", "publishers.Attempt")


@dataclass(frozen=True)
class _Form:
    format: int


@dataclass(frozen=True)
class Manifest:
    """``files`` are paths from the folder, size and SHA-256; ``at`` is its begin by the database's clock.

    ``credential_seals`` can be opened by who has the keys of credentials; backups of format 1 have none.
    """

    at: AwareDatetime
    vendor: str
    server: str
    django: str
    migrations: list[str]
    counts: dict[str, int]
    signing_keys: list[str]
    files: dict[str, tuple[int, str]] = field(default_factory=dict)
    credential_seals: list[str] = field(default_factory=list)

    def write(self, file: Path) -> None:
        values = {"format": FORMAT, **asdict(self), "at": self.at.isoformat()}
        file.write_text(json.dumps(values, ensure_ascii=False, indent=1))


def read_manifest(folder: Path) -> Manifest:
    """Return the folder's manifest. Raises Refused when there is none, it is damaged or of another format."""
    try:
        content = (folder / NAME).read_bytes()
        if TypeAdapter(_Form).validate_json(content).format not in READ:
            raise Refused(_("This backup was made by a newer hub: update the hub first."))
        return TypeAdapter(Manifest).validate_json(content)
    except (FileNotFoundError, NotADirectoryError):
        raise Refused(_("{folder} holds no complete backup.").format(folder=folder)) from None
    except OSError as error:
        sentence = _("The backup cannot be read: {reason}")
        raise Refused(sentence.format(reason=error)) from error
    except ValidationError:
        sentence = _("{name} in the backup is missing or damaged; nothing was changed.")
        raise Refused(sentence.format(name=NAME)) from None


def verify(folder: Path, manifest: Manifest, database: str) -> None:
    """Refuse a backup of which a file is missing or holds other bytes, or whose ``database`` has no hash."""
    for name in (database, *manifest.files):
        file, (size, sha256) = folder / name, manifest.files.get(name, (-1, ""))
        if not file.is_file() or file.stat().st_size != size or blobs.hash_of(file) != sha256:
            sentence = _("{name} in the backup is missing or damaged; nothing was changed.")
            raise Refused(sentence.format(name=name))


def counts() -> dict[str, int]:
    return {name: apps.get_model(name).objects.count() for name in COUNTED}


def files_under(folder: Path) -> Iterator[Path]:
    return (file for file in sorted(folder.rglob("*")) if file.is_file())
