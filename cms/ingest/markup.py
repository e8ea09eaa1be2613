"""Markup as text, with the pictures inside it (data: addresses) set aside."""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import unquote_to_bytes

from cms.ingest.draft import MAX_CHARS
from cms.ingest.encoding import decode
from cms.ingest.refusal import too_long

PICTURE = re.compile(r"data:image/[\w.+-]+((?:;[\w=.-]+)*),", re.IGNORECASE)
INSIDE = re.compile(rb"(?<=[\"'(=])data:image/[\w.+;=,/%-]{64,}", re.IGNORECASE)
ASIDE = re.compile(r"data:image/aside,(\d{1,6})")
# Markup takes several characters for one of the text.
MAX_MARKUP_CHARS = 4 * MAX_CHARS


@dataclass(frozen=True)
class Markup:
    """``text`` numbers its pictures. Left inside, each step of reading would copy them, 500 MB for 30."""

    text: str
    aside: list[bytes]

    @classmethod
    def of(cls, file: BinaryIO) -> "Markup":
        """Return the markup in a file. Raises Refused."""
        aside: list[bytes] = []

        def number(match: re.Match) -> bytes:
            aside.append(match[0])
            return b"data:image/aside,%d" % (len(aside) - 1)

        text = decode(INSIDE.sub(number, file.read()))
        if len(text) > MAX_MARKUP_CHARS:
            raise too_long()
        return cls(text, aside)

    def picture(self, source: str) -> bytes | None:
        """Return the bytes of a picture inside the markup, or None for any other address."""
        if (match := ASIDE.fullmatch(source)) and int(match[1]) < len(self.aside):
            source = self.aside[int(match[1])].decode()
        match = PICTURE.match(source)
        if match is None:
            return None
        content = unquote_to_bytes(source[match.end() :])
        if not match[1].lower().endswith(";base64"):
            return content
        try:
            return base64.b64decode(content, validate=False)
        except binascii.Error:
            return b""
