"""What kind of file it is: its first bytes decide, the name helps where bytes say nothing."""

import re
from pathlib import PurePath
from typing import BinaryIO

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from cms.ingest.refusal import unread
from cms.refusals import Refused

ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
# A compound file: Word 97, WPS, and every encrypted .docx.
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
OTHERS = (
    b"{\\rtf",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"RIFF",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"\x7fELF",
    b"MZ",
)
HTML = re.compile(
    rb"\s*(<!--.*?-->\s*|<\?xml[^>]*>\s*)*<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
SUFFIXES = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".htm": "html",
    ".html": "html",
}
# Text of this size is a book; a picture inside HTML takes a third more than its bytes.
MAX_TEXT_BYTES = 32 * 1024 * 1024
CHUNK = 1024 * 1024


def size_of(file: BinaryIO) -> int:
    size = file.seek(0, 2)
    file.seek(0)
    return size


def kind_of(file: BinaryIO, filename: str) -> str:
    """Return docx, text, markdown or html, from the first bytes. Raises Refused for everything else."""
    size, suffix = size_of(file), PurePath(filename).suffix.lower()
    if not size:
        raise Refused(_("The file is empty."))
    _check_size(size, settings.IMPORT_MAX_BYTES)
    start = file.read(1024)
    file.seek(0)
    if start.startswith(ZIP):
        return _kind_of_zip(suffix)
    if start.startswith(COMPOUND):
        raise _compound(file, suffix)
    if start.startswith(b"%PDF-") or suffix == ".pdf":
        raise Refused(_("PDF files are not read. Import the text as .docx."))
    if suffix in (".docx", ".docm"):
        raise Refused(
            _("The file is damaged and cannot be opened. Open it in Word, save it again and import that.")
        )
    if suffix in OLD:
        raise Refused(OLD[suffix]())
    if start.startswith(OTHERS) or suffix not in SUFFIXES:
        raise unread()
    _check_size(size, MAX_TEXT_BYTES)
    return "html" if HTML.match(start) else SUFFIXES[suffix]


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise Refused(
            _("The file is larger than {limit}. Make its pictures smaller and import it again.").format(
                limit=filesizeformat(limit)
            )
        )


def _kind_of_zip(suffix: str) -> str:
    if suffix in (".docm", ".dotm"):
        raise Refused(_("The file carries macros. Save it as .docx without macros and import that."))
    return "docx"


def _compound(file: BinaryIO, suffix: str) -> Refused:
    if _holds(file, ENCRYPTED):
        return Refused(_("The file is protected by a password. Remove the password and import it again."))
    return (
        Refused(OLD[suffix]()) if suffix in OLD else unread() if suffix != ".docx" else Refused(OLD[".doc"]())
    )


def _holds(file: BinaryIO, mark: bytes) -> bool:
    file.seek(0)
    before = b""
    while chunk := file.read(CHUNK):
        if mark in before + chunk:
            return True
        before = chunk[-len(mark) :]
    return False


OLD = {
    ".doc": lambda: _("Old Word files (.doc) are not read. Save the text as .docx and import that."),
    ".dot": lambda: _("Old Word files (.doc) are not read. Save the text as .docx and import that."),
    ".wps": lambda: _("WPS files (.wps) are not read. Save the text as .docx and import that."),
}
