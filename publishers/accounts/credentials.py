"""Secrets of accounts in the database: encrypted with keys that rotate, shown to nobody.

The first of ``settings.CREDENTIAL_KEYS`` encrypts, all of them decrypt. Without that setting (embedded mode)
the key is ``KEY_DIR/credentials.key``, mode 0600, made at first use.
"""

import functools
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from publishers.models import Account, Consent, Feed, HeldToken

#: A secret as it comes from the database, or was just encrypted.
Encrypted = bytes | memoryview

#: Every field that holds what is encrypted.
ENCRYPTED = (
    (Account, "credentials"), (HeldToken, "token"), (Consent, "refresh_token"), (Feed, "key"),
)  # fmt: skip


class Unreadable(Exception):
    """The stored secret cannot be decrypted with any of the keys."""


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
    return _fernet().encrypt(text.encode())


def decrypt_text(encrypted: Encrypted) -> str:
    try:
        return _fernet().decrypt(bytes(encrypted)).decode()
    except InvalidToken:
        raise Unreadable(str(Unreadable.__doc__)) from None


def rotate() -> int:
    """Encrypt every stored secret anew with the first key; return how many. Old keys can then be dropped."""
    fernet, count = _fernet(), 0
    with transaction.atomic():
        for model, field in ENCRYPTED:
            for row in model.objects.exclude(**{field: b""}).select_for_update():
                try:
                    encrypted = fernet.rotate(bytes(getattr(row, field)))
                except InvalidToken:
                    raise Unreadable(f"{row}: {Unreadable.__doc__}") from None
                model.objects.filter(pk=row.pk).update(**{field: encrypted})
                count += 1
    return count


def _fernet() -> MultiFernet:
    return _fernet_of(tuple(settings.CREDENTIAL_KEYS) or (_key_of_file(Path(settings.KEY_DIR)),))


@functools.lru_cache(maxsize=8)
def _fernet_of(keys: tuple[str, ...]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError:
        # The original error could show a part of the key.
        raise ImproperlyConfigured("HUB_CREDENTIAL_KEYS holds a text that is no Fernet key.") from None


@functools.lru_cache(maxsize=8)
def _key_of_file(directory: Path) -> str:
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = directory / "credentials.key"
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
