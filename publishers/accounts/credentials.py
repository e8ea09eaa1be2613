"""Secrets of accounts in the database: encrypted with keys that rotate, shown to nobody.

The first of ``settings.CREDENTIAL_KEYS`` encrypts, all of them decrypt. Without that setting (embedded mode)
the key is ``KEY_DIR/credentials.key``, mode 0600, made when the first secret is encrypted.
"""

import functools
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils.translation import gettext as _

from cms.refusals import Refused
from publishers.models import Account, Consent, Feed, HeldToken

#: A secret as it comes from the database, or was just encrypted.
Encrypted = bytes | memoryview

#: Where the key lies when none is set.
FILE = "credentials.key"
#: Every field that holds what is encrypted.
ENCRYPTED = (
    (Account, "credentials"), (HeldToken, "token"), (Consent, "refresh_token"), (Feed, "key"),
)  # fmt: skip


class Unreadable(Refused):
    """The stored secret cannot be decrypted with any of the keys. The message is a sentence for operators."""

    def __init__(self, whose: str = "") -> None:
        sentence = _("A stored secret cannot be decrypted: set the key that encrypted it. ({names})")
        super().__init__(sentence.format(names=whose or "HUB_CREDENTIAL_KEYS"))


class Secrets(Mapping[str, str]):
    """Credentials by name. Neither ``repr`` nor ``str`` shows a value."""

    def __init__(self, values: Mapping[str, str]):
        self._values = dict(values)

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return "Secrets({})".format(", ".join(f"{name}=***" for name in self._values))


def encrypt(values: Mapping[str, str]) -> bytes:
    return encrypt_text(json.dumps(dict(values)))


def decrypt(encrypted: Encrypted) -> Secrets:
    """Return the credentials in ``encrypted``; none for an account that has none. Raises Unreadable."""
    return Secrets(json.loads(decrypt_text(encrypted)) if encrypted else {})


def readable(encrypted: Encrypted) -> Mapping[str, str]:
    """Return the credentials in ``encrypted``; none when no key decrypts them: they must be given anew."""
    try:
        return decrypt(encrypted)
    except Unreadable:
        return {}


def encrypt_text(text: str) -> bytes:
    return _encrypting().encrypt(text.encode())


def decrypt_text(encrypted: Encrypted) -> str:
    text = _decrypted(_keys(), bytes(encrypted))
    if text is None:
        raise Unreadable
    return text.decode()


def rotate() -> int:
    """Encrypt every stored secret anew with the first key; return how many. Old keys can then be dropped."""
    fernet, count = _encrypting(), 0
    with transaction.atomic():
        for model, field in ENCRYPTED:
            for row in model.objects.exclude(**{field: b""}).select_for_update():
                try:
                    encrypted = fernet.rotate(bytes(getattr(row, field)))
                except InvalidToken:
                    raise Unreadable(_whose(row)) from None
                model.objects.filter(pk=row.pk).update(**{field: encrypted})
                count += 1
    return count


def unreadable() -> list[str]:
    """Return the accounts of whose stored secrets one or more cannot be decrypted with any of the keys."""
    keys = _keys()
    return sorted({_whose(row) for row, secret in _stored() if _decrypted(keys, secret) is None})


def seals() -> list[str]:
    """Return nothing, encrypted, for each key that a stored secret needs: who can decrypt it has the key."""
    secrets = [secret for _row, secret in _stored()]
    alone = [(key,) for key in _keys()]
    needed = [key for key in alone if any(_decrypted(key, secret) is not None for secret in secrets)]
    return [_fernet_of(key).encrypt(b"").decode() for key in needed]


def opens(encrypted: Iterable[str], *folders: Path) -> bool:
    """Return whether the keys that are set, or else those in one of the folders, decrypt all of it."""
    keys = tuple(settings.CREDENTIAL_KEYS) or tuple(_key_of_file(each) for each in folders if _has_key(each))
    return all(_decrypted(keys, each.encode()) is not None for each in encrypted)


def _stored() -> Iterator[tuple[Account | HeldToken | Consent | Feed, bytes]]:
    for model, field in ENCRYPTED:
        for row in model.objects.exclude(**{field: b""}):
            yield row, bytes(getattr(row, field))


def _whose(row: Account | HeldToken | Consent | Feed) -> str:
    return str(row if isinstance(row, Account) else row.account)


def _decrypted(keys: tuple[str, ...], secret: bytes) -> bytes | None:
    try:
        return _fernet_of(keys).decrypt(secret) if keys else None
    except InvalidToken:
        return None


def _keys() -> tuple[str, ...]:
    """Return the keys that decrypt; none is made where secrets may be waiting for one that is away."""
    folder = Path(settings.KEY_DIR)
    return tuple(settings.CREDENTIAL_KEYS) or ((_key_of_file(folder),) if _has_key(folder) else ())


def _encrypting() -> MultiFernet:
    return _fernet_of(_keys() or (_key_of_file(Path(settings.KEY_DIR)),))


def _has_key(folder: Path) -> bool:
    return (folder / FILE).exists()


@functools.lru_cache(maxsize=8)
def _fernet_of(keys: tuple[str, ...]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError:
        # The original error could show a part of the key.
        raise ImproperlyConfigured(
            _("A key of credentials is no Fernet key: look at HUB_CREDENTIAL_KEYS, or at credentials.key.")
        ) from None


@functools.lru_cache(maxsize=8)
def _key_of_file(directory: Path) -> str:
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = directory / FILE
    written = directory / f".credentials.key.{os.getpid()}"
    if not file.exists():
        handle = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as opened:
            opened.write(Fernet.generate_key())
            opened.flush()
            os.fsync(opened.fileno())
        try:
            os.link(written, file)  # fails when another process was quicker: then its key counts
        except FileExistsError:
            pass
        finally:
            written.unlink()
    return file.read_text().strip()
