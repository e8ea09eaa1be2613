"""The zip of a Word file, opened with care: counted, measured and read for XML tricks before any parser."""

import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import IO, BinaryIO
from xml.parsers import expat

from django.utils.translation import gettext as _
from lxml import etree

from cms.ingest.refusal import unread
from cms.ingest.word.relations import without_dead_ends
from cms.refusals import Refused

MAX_PARTS = 4000
MAX_EXPANDED_BYTES = 400 * 1024 * 1024
# XML becomes a tree several times its size; a text of a million characters stays far below.
MAX_XML_BYTES = 48 * 1024 * 1024
MAX_DEPTH, MAX_ELEMENTS = 200, 600_000
CHUNK = 64 * 1024
# What Python's zipfile raises for bytes that are no zip, and at the latest while they are read.
DAMAGES = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
MACROS = re.compile(r"(^|/)vba(project|data)[^/]*\.(bin|xml)$", re.IGNORECASE)
# How Word packs a part, and what tells other office programs' files: spreadsheets, slides, OpenDocument.
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
OTHERS = {"xl/workbook.xml", "ppt/presentation.xml", "mimetype"}


def damaged() -> Refused:
    return Refused(
        _("The file is damaged and cannot be opened. Open it in Word, save it again and import that.")
    )


def swollen() -> Refused:
    return Refused(_("The file unpacks to far more than a text can hold, and was not opened."))


class Package:
    """A Word file that passed the checks; ``skeleton`` is a copy without pictures, for python-docx."""

    def __init__(self, file: BinaryIO):
        self._elements = 0
        try:
            self._zip = zipfile.ZipFile(file)
            self._check_contents()
            self.skeleton = self._copy_xml()
        except (*DAMAGES, OSError, ValueError, etree.XMLSyntaxError) as error:
            raise damaged() from error

    def open(self, part: str) -> IO[bytes]:
        """Return one part for reading, by its name in the zip. Raises KeyError."""
        return self._zip.open(part)

    def close(self) -> None:
        self._zip.close()
        self.skeleton.close()

    def _check_contents(self) -> None:
        entries = self._zip.infolist()
        names = {entry.filename for entry in entries}
        if any(MACROS.search(name) for name in names):
            raise Refused(_("The file carries macros. Save it as .docx without macros and import that."))
        if names & OTHERS:
            raise unread()
        if "[Content_Types].xml" not in names or not any(name.startswith("word/") for name in names):
            raise Refused(_("This is an archive and not a Word file. Import the .docx inside it."))
        if any(entry.flag_bits & 1 for entry in entries):
            raise Refused(_("The file is protected by a password. Remove the password and import it again."))
        if any(entry.compress_type not in PACKINGS for entry in entries):
            raise damaged()
        if len(entries) > MAX_PARTS or len(names) != len(entries):
            raise swollen()
        if sum(entry.file_size for entry in entries) > MAX_EXPANDED_BYTES:
            raise swollen()
        if sum(entry.file_size for entry in entries if is_xml(entry.filename)) > MAX_XML_BYTES:
            raise swollen()

    def _copy_xml(self) -> IO[bytes]:
        """Copy what python-docx parses, reading each part for tricks; everything else becomes empty."""
        skeleton = tempfile.SpooledTemporaryFile(max_size=1024 * 1024)  # noqa: SIM115 - closed with the package
        with _closed_on_failure(skeleton), zipfile.ZipFile(skeleton, "w", zipfile.ZIP_DEFLATED) as copy:
            for entry in self._zip.infolist():
                with copy.open(entry.filename, "w") as part:
                    if entry.filename.endswith(".rels"):
                        part.write(self._relations(entry))
                    elif is_xml(entry.filename):
                        self._copy_checked(entry, part)
        skeleton.seek(0)
        return skeleton

    def _relations(self, entry: zipfile.ZipInfo) -> bytes:
        checked = BytesIO()
        self._copy_checked(entry, checked)
        return without_dead_ends(checked.getvalue(), entry.filename, set(self._zip.namelist()))

    def _copy_checked(self, entry: zipfile.ZipInfo, to) -> None:
        check, size = XmlCheck(self._elements), 0
        with self._zip.open(entry) as part:
            while chunk := part.read(CHUNK):
                size += len(chunk)
                if size > MAX_XML_BYTES:
                    raise swollen()
                check.feed(chunk)
                to.write(chunk)
        check.close()
        self._elements = check.elements
        if entry.filename == "[Content_Types].xml" and check.names_macros:
            raise Refused(_("The file carries macros. Save it as .docx without macros and import that."))


class XmlCheck:
    """Reads XML piece by piece and refuses what Word never writes: declared entities, endless nesting.

    ``elements`` counts them from the number that it is given.
    """

    def __init__(self, elements: int = 0):
        self.names_macros = False
        self.elements = elements
        self._depth = 0
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._enter
        self._parser.EndElementHandler = self._leave

    def feed(self, chunk: bytes) -> None:
        self._parse(chunk, False)

    def close(self) -> None:
        self._parse(b"", True)

    def _parse(self, chunk: bytes, last: bool) -> None:
        try:
            self._parser.Parse(chunk, last)
        except (expat.ExpatError, LookupError) as error:  # an encoding that nobody knows
            raise damaged() from error

    def _refuse(self, *declaration) -> None:
        raise Refused(_("The file holds XML that Word does not write, and was not opened."))

    def _enter(self, name: str, attributes: dict) -> None:
        self._depth += 1
        self.elements += 1
        if self._depth > MAX_DEPTH:
            self._refuse()
        if self.elements > MAX_ELEMENTS:
            raise swollen()
        if "macroEnabled" in attributes.get("ContentType", ""):
            self.names_macros = True

    def _leave(self, name: str) -> None:
        self._depth -= 1


@contextmanager
def _closed_on_failure(file) -> Iterator[None]:
    try:
        yield
    except BaseException:
        file.close()
        raise


def is_xml(name: str) -> bool:
    return name.lower().endswith((".xml", ".rels"))
