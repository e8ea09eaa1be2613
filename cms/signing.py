"""The hub's signature: Ed25519, one key at a time.

``settings.KEY_DIR`` holds the private key (``signing.pem``, mode 0600) and the public half of every key that
was ever used (``<key id>.pub``), so that old signatures verify for ever. To change the key, move
``signing.pem`` away and run ``manage.py bootstrap --new-key``.
"""

import base64
import functools
import hashlib
import os
import re
import tempfile
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

KEY_ID = re.compile(r"^[0-9a-f]{16}$")


class Forged(Exception):
    """What is stored is not what the hub signed."""


def key_file() -> Path:
    """Return where the private key lies, whether there is one or not."""
    return Path(settings.KEY_DIR) / "signing.pem"


def is_lost() -> bool:
    """Return whether the hub had a key, which is away: it is to be put back, not made anew."""
    return not key_file().exists() and any(Path(settings.KEY_DIR).glob("*.pub"))


def ensure_key() -> str:
    """Make the hub's key when there is none; return the id of the one that signs."""
    if not key_file().exists():
        _make_key()
    return _key_id(_private_key(key_file()).public_key())


def sign(message: bytes) -> tuple[str, bytes]:
    """Return the id of the hub's key and its signature over ``message``.

    Raises ImproperlyConfigured when the hub has no key.
    """
    key = _private_key(key_file())
    return _key_id(key.public_key()), key.sign(message)


def verify(key_id: str, message: bytes, signature: bytes) -> bool:
    """Return whether ``signature`` over ``message`` was made by the hub's key of that id, old or new."""
    if not KEY_ID.match(key_id):
        return False
    try:
        _public_key(Path(settings.KEY_DIR) / f"{key_id}.pub").verify(bytes(signature), message)
    except (InvalidSignature, FileNotFoundError):
        return False
    return True


def secret_for(purpose: str) -> bytes:
    """Return 32 secret bytes for one purpose, which follow from the hub's key; it does not from them."""
    raw = _private_key(key_file()).private_bytes_raw()
    return HKDF(hashes.SHA256(), length=32, salt=None, info=purpose.encode()).derive(raw)


def public_keys() -> list[dict[str, str]]:
    """Return the public half of every key that the hub ever signed with."""
    return [
        {"key_id": path.stem, "algorithm": "Ed25519", "public_key": _base64(_public_key(path))}
        for path in sorted(Path(settings.KEY_DIR).glob("*.pub"))
    ]


def _make_key() -> None:
    directory = key_file().parent
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    # The public half first: no signature may exist that nobody can verify.
    (directory / f"{_key_id(key.public_key())}.pub").write_text(_base64(key.public_key()) + "\n")
    handle, written = tempfile.mkstemp(dir=directory)  # mkstemp makes it 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        # Linking fails when another process was quicker: its key stays, ours never signs.
        os.link(written, key_file())
    except FileExistsError:
        (directory / f"{_key_id(key.public_key())}.pub").unlink()
    finally:
        os.unlink(written)


@functools.lru_cache(maxsize=4)
def _private_key(path: Path) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError as error:
        raise ImproperlyConfigured("The hub has no signing key: run manage.py bootstrap.") from error
    except ValueError:
        raise ImproperlyConfigured(f"{path} holds no Ed25519 key.") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ImproperlyConfigured(f"{path} holds no Ed25519 key.")
    return key


@functools.lru_cache(maxsize=64)
def _public_key(path: Path) -> Ed25519PublicKey:
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(path.read_text()))
    except ValueError:
        raise ImproperlyConfigured(f"{path} holds no Ed25519 key.") from None
    if _key_id(key) != path.stem:
        raise ImproperlyConfigured(f"{path} holds another key than its name says.")
    return key


def _key_id(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def _base64(key: Ed25519PublicKey) -> str:
    return base64.b64encode(key.public_bytes_raw()).decode()
