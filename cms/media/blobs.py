"""Pictures and attachments of Releases, by the SHA-256 of their bytes, under ``MEDIA_ROOT/blobs``."""

import functools
import hashlib
import mimetypes
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO, BinaryIO, Protocol

import PIL.Image
from django.conf import settings

from cms.models import Blob

CHUNK = 1024 * 1024


class Openable(Protocol):
    """A FieldFile, or whatever else has a name and can be opened."""

    name: str | None

    def open(self, mode: str = "rb") -> IO[bytes]: ...


class Damaged(Exception):
    """The stored file is missing, or its bytes are not those that its name says."""


def store(file: Openable) -> Blob:
    """Copy ``file`` into the store; return its Blob.

    The copy is read again and hashed before it counts. Storing the same bytes twice changes nothing, and
    mends a copy that was damaged.
    """
    root = _root()
    root.mkdir(parents=True, exist_ok=True)
    handle, written = tempfile.mkstemp(dir=root)
    try:
        with os.fdopen(handle, "wb") as copy:
            sha256 = _copy(file, copy)
        if hash_of(Path(written)) != sha256:
            raise Damaged(f"{file.name}: the copy differs from the file.")
        facts = {"size": os.path.getsize(written), **_facts(Path(written), file.name or "")}
        _put(Path(written), path(sha256))
    finally:
        with suppress(FileNotFoundError):
            os.unlink(written)
    return Blob.objects.get_or_create(sha256=sha256, defaults=facts)[0]


def path(sha256: str) -> Path:
    """Return where the bytes of that hash lie, whether they are there or not."""
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise ValueError(f"{sha256!r} is no SHA-256.")
    return _root() / sha256[:2] / sha256


def open(sha256: str) -> BinaryIO:
    """Return the blob for reading. Its bytes are hashed once for each state of the file, not at each call.

    Raises Damaged.
    """
    file = path(sha256)
    try:
        state = file.stat()
    except FileNotFoundError as error:
        raise Damaged(f"Blob {sha256} is missing.") from error
    if _hash_of_state(file, state.st_ino, state.st_mtime_ns, state.st_ctime_ns, state.st_size) != sha256:
        raise Damaged(f"Blob {sha256} holds other bytes.")
    return file.open("rb")


def read_blob(sha256: str) -> bytes:
    """Return the blob's bytes, hashed at each call. Raises Damaged."""
    try:
        stored = path(sha256).read_bytes()
    except FileNotFoundError as error:
        raise Damaged(f"Blob {sha256} is missing.") from error
    if hashlib.sha256(stored).hexdigest() != sha256:
        raise Damaged(f"Blob {sha256} holds other bytes.")
    return stored


def _root() -> Path:
    return Path(settings.MEDIA_ROOT) / "blobs"


def _copy(file: Openable, to: BinaryIO) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as source:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            to.write(chunk)
    to.flush()
    os.fsync(to.fileno())
    return digest.hexdigest()


def _put(written: Path, to: Path) -> None:
    to.parent.mkdir(exist_ok=True)
    written.chmod(0o444)
    written.replace(to)


def hash_of(file: Path) -> str:
    """Return the SHA-256 of the file's bytes."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


@functools.lru_cache(maxsize=4096)
def _hash_of_state(file: Path, inode: int, modified_ns: int, changed_ns: int, size: int) -> str:
    return hash_of(file)


def _facts(file: Path, name: str) -> dict[str, str | int]:
    try:
        with PIL.Image.open(file) as picture:
            mime = PIL.Image.MIME.get(picture.format or "", "application/octet-stream")
            return {"mime": mime, "width": picture.width, "height": picture.height}
    except PIL.UnidentifiedImageError:
        return {"mime": mimetypes.guess_type(name)[0] or "application/octet-stream"}
