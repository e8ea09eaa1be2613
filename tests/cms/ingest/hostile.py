"""Files that must not be imported: broken, locked, armed, swollen, or of another kind."""

import base64
import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import docx

from tests.cms.ingest.word_xml import DECLARED
from tests.factories import picture_bytes

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PICTURE = "word/media/image1.jpg"


def word(text="题目", picture: bytes | None = None) -> bytes:
    """Return a sound .docx with one line and perhaps one picture."""
    document = docx.Document()
    document.add_paragraph(text)
    if picture is not None:
        document.add_picture(BytesIO(picture_bytes()))
    out = BytesIO()
    document.save(out)
    return rewritten(out.getvalue(), {PICTURE: picture}) if picture is not None else out.getvalue()


def rewritten(archive: bytes, parts: dict[str, bytes | None]) -> bytes:
    """Return the archive with these parts instead of its own or beside them; None takes one away."""
    out = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(archive)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        kept = {name: old.read(name) for name in old.namelist()}
        for name, content in {**kept, **parts}.items():
            if content is not None:
                new.writestr(name, content)
    return out.getvalue()


def word_of(body: str, prolog: str = "") -> bytes:
    """Return a .docx whose main part holds ``body``, with ``prolog`` before its root."""
    xml = f'<?xml version="1.0"?>{prolog}<w:document {DECLARED}><w:body>{body}</w:body></w:document>'
    return rewritten(word(), {"word/document.xml": xml.encode()})


def archive(*names: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in names:
            made.writestr(name, b"content")
    return out.getvalue()


def with_damaged_part(content: bytes, name: str) -> bytes:
    """Return the .docx with one byte of a part's packed bytes turned over."""
    with zipfile.ZipFile(BytesIO(content)) as opened:
        entry = opened.getinfo(name)
    at = entry.header_offset + 30 + len(name.encode()) + entry.compress_size // 2
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


def with_flag(content: bytes, flag: int) -> bytes:
    """Return the zip with a flag set on every entry of its directory."""
    out, at = bytearray(content), -1
    while (at := out.find(b"PK\x01\x02", at + 1)) >= 0:
        out[at + 8] |= flag
    return bytes(out)


def lying_about_size(content: bytes, name: str, size: int) -> bytes:
    """Return the zip with another unpacked size of one part in its directory."""
    out, at = bytearray(content), -1
    while (at := out.find(b"PK\x01\x02", at + 1)) >= 0:
        if out[at + 46 : at + 46 + len(name)] == name.encode():
            out[at + 24 : at + 28] = struct.pack("<I", size)
    return bytes(out)


def bomb_picture(width=60_000, height=60_000) -> bytes:
    """Return a PNG of a few kilobytes that claims to unfold to thousands of millions of pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(b""))
        + _chunk(b"IEND", b"")
    )


def moving_bomb(width=2_000, height=2_000, frames=50) -> bytes:
    """Return a GIF of a kilobyte whose frames are within the limit, and all together beyond it."""
    screen = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\xff\xff\xff\x00\x00\x00"
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return screen + frame * frames + b"\x3b"


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def sparse(path: Path, size: int, start: bytes = b"PK\x03\x04") -> None:
    """Write a file of ``size`` bytes that takes no room on the disk."""
    with path.open("wb") as file:
        file.write(start)
        file.truncate(size)


LAUGHS = (
    '<!DOCTYPE w:document [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)
OUTSIDE = '<!DOCTYPE w:document [<!ENTITY out SYSTEM "file:///etc/hostname">]>'


def nested(tag: str, depth: int) -> str:
    return f"<{tag}>" * depth + "<w:p><w:r><w:t>深处</w:t></w:r></w:p>" + f"</{tag}>" * depth


def macro_content_type(content: bytes) -> bytes:
    """Return the .docx declared as one with macros, which renaming a .docm leaves behind."""
    with zipfile.ZipFile(BytesIO(content)) as opened:
        types = opened.read("[Content_Types].xml")
    plain = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    armed = b"application/vnd.ms-word.document.macroEnabled.main+xml"
    return rewritten(content, {"[Content_Types].xml": types.replace(plain, armed)})


def words(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def cells(count: int, properties: str = "") -> str:
    cell = f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p/></w:tc>"
    return f"<w:tbl><w:tr>{cell * count}</w:tr></w:tbl>"


def in_markdown(picture: bytes) -> bytes:
    return b"![](data:image/png;base64," + base64.b64encode(picture) + b")"


MAIN = "word/document.xml"
LOCK = "EncryptedPackage".encode("utf-16-le")
IMAGES = [f"word/media/image{number}.bmp" for number in range(8)]

# What is refused: the case, the file's name, and how to make its bytes.
BROKEN = {
    "cut in half": ("a.docx", lambda: word()[:9000]),
    "not a zip at all": ("a.docx", lambda: "这不是 Word 文件".encode()),
    "a part with a wrong checksum": ("a.docx", lambda: with_damaged_part(word("字" * 9000), MAIN)),
    "a picture with a wrong checksum": (
        "a.docx",
        lambda: with_damaged_part(word(picture=picture_bytes()), PICTURE),
    ),
    "a part that lies about its size": (
        "a.docx",
        lambda: lying_about_size(word_of(" " * 60_000_000), MAIN, 90),
    ),
    "no main part": ("a.docx", lambda: rewritten(word(), {MAIN: None})),
    "no relationships": ("a.docx", lambda: rewritten(word(), {"_rels/.rels": None})),
    "a main part that is no XML": ("a.docx", lambda: rewritten(word(), {MAIN: b"PK"})),
    "an empty main part": ("a.docx", lambda: rewritten(word(), {MAIN: b""})),
    "an encoding that nobody knows": (
        "a.docx",
        lambda: rewritten(word(), {MAIN: b'<?xml version="1.0" encoding="x"?>'}),
    ),
    "a number that is none": ("a.docx", lambda: word_of(cells(2, '<w:gridSpan w:val="x"/>'))),
}
LOCKED = {
    "locked with a password": ("a.docx", lambda: COMPOUND + bytes(2000) + LOCK + bytes(9000)),
    "a locked zip": ("a.docx", lambda: with_flag(word(), 1)),
}
ARMED = {
    "macros by name": ("a.docm", word),
    "macros under another name": ("a.docx", lambda: rewritten(word(), {"word/vbaProject.bin": b"\0"})),
    "macros by content type": ("a.docx", lambda: macro_content_type(word())),
}
SWOLLEN = {
    "a zip bomb": ("a.docx", lambda: rewritten(word(), dict.fromkeys(IMAGES, bytes(60_000_000)))),
    "an XML part that swells": ("a.docx", lambda: word_of(" " * 60_000_000)),
    "millions of elements": ("a.docx", lambda: word_of("<w:p/>" * 3_000_000)),
}
TRICKS = {
    "entities within entities": ("a.docx", lambda: word_of(words("&j;"), LAUGHS)),
    "an entity from outside": ("a.docx", lambda: word_of(words("&out;"), OUTSIDE)),
    "thousands of elements nested": ("a.docx", lambda: word_of(nested("w:sdt", 20_000))),
}
NESTED_PAGES = {
    "thousands of elements nested in a page": ("a.html", lambda: b"<div>" * 50_000 + "深处".encode()),
    "thousands of unknown elements nested": ("a.html", lambda: b"<p>1" + b"<x-y>" * 3_000 + "深处".encode()),
}
LARGE_TABLES = {
    "a table of thousands of cells": ("a.docx", lambda: word_of(cells(20_500))),
    "a table of thousands of cells in a page": ("a.html", lambda: b"<table><tr>" + b"<td>1" * 20_500),
    "a table that spans endlessly": (
        "a.html",
        lambda: b"<table>" + b"<tr><td colspan=99 rowspan=99>1" * 5_000,
    ),
    "a table of endless rows": ("a.html", lambda: b"<table>" + b"<tr><td colspan=99>1" + b"<tr>" * 5_000),
}
BOMBS = {
    "a picture that is a bomb": ("a.docx", lambda: word(picture=bomb_picture())),
    "a picture of too many pixels": ("a.docx", lambda: word(picture=bomb_picture(12_000, 12_000))),
    "a bomb in Markdown": ("a.md", lambda: in_markdown(bomb_picture())),
    "a moving picture of too many frames": ("a.docx", lambda: word(picture=moving_bomb())),
    "a moving bomb in Markdown": ("a.md", lambda: in_markdown(moving_bomb())),
}
BROKEN_PICTURES = {
    "a picture that is text": ("a.docx", lambda: word(picture=b"not a picture")),
    "a picture cut in half": ("a.docx", lambda: word(picture=picture_bytes()[:900])),
    "a picture cut in half in Markdown": ("a.md", lambda: in_markdown(picture_bytes(kind="PNG")[:90])),
}
LARGE_PICTURES = {
    "a large picture": ("a.docx", lambda: word(picture=picture_bytes() + bytes(21 * 1024 * 1024)))
}
OLD = {
    "an old Word file": ("a.doc", lambda: COMPOUND + bytes(5000)),
    "an old Word file renamed": ("a.docx", lambda: COMPOUND + bytes(5000)),
    "a page that calls itself a Word file": ("a.doc", lambda: b"<html><p>1"),
}
WPS = {"a WPS file": ("a.wps", lambda: COMPOUND + bytes(5000))}
PDF = {"a PDF": ("a.pdf", lambda: b"%PDF-1.7\n"), "a PDF renamed": ("a.docx", lambda: b"%PDF-1.7\n")}
EMPTY = {"nothing": ("a.docx", bytes), "nothing as text": ("a.txt", bytes)}
WORDLESS = {
    "nothing but blanks": ("a.txt", lambda: "　\n \n".encode()),
    "nothing but a byte order mark": ("a.txt", lambda: b"\xef\xbb\xbf"),
    "a Word file without words": ("a.docx", lambda: word("")),
    "a page without words": ("a.html", lambda: b"<html><script>1</script>"),
}
ARCHIVES = {"an archive": ("a.zip", lambda: archive("inner.docx"))}
OTHERS = {
    "a spreadsheet": ("a.xlsx", lambda: archive("[Content_Types].xml", "xl/workbook.xml")),
    "a spreadsheet renamed": ("a.docx", lambda: archive("[Content_Types].xml", "xl/workbook.xml")),
    "an OpenDocument text": ("a.odt", lambda: archive("mimetype", "content.xml")),
    "rich text": ("a.rtf", lambda: b"{\\rtf1 text}"),
    "a picture": ("a.jpg", picture_bytes),
    "a picture renamed": ("a.txt", picture_bytes),
    "a program": ("a.exe", lambda: b"MZ" + bytes(100)),
    "a name without an end": ("README", lambda: "文字".encode()),
}
UNKNOWN = {"bytes that are no text": ("a.txt", lambda: bytes(range(128, 256)) * 40)}
