"""A large Word file: an official document between many photos."""

from pathlib import Path

from cms.demo.word import WordFile
from harness.article import photo, text

#: Of half a megabyte each, which is what Word leaves of a phone's photo.
WIDE, HIGH, QUALITY = 2400, 1800, 73


def write_large(path: Path, pictures: int) -> None:
    """Write a document with so many photos, each different from the others."""
    word = WordFile()
    word.paragraph("岭南省妇女联合会关于建设女性求职服务驿站的通知", align="center", bold=True)
    word.paragraph("各地级以上市妇联：")
    numbering = word.numbering()
    jpeg, file = photo(WIDE, HIGH, seed=1, quality=QUALITY), path.with_suffix(".jpg")
    for number in range(pictures):
        word.clause(numbering, number % 2, text(200))
        file.write_bytes(_numbered(jpeg, number))
        word.picture(file)
    file.unlink()
    word.save(path)


def _numbered(jpeg: bytes, number: int) -> bytes:
    """Return the JPEG with a comment after its JFIF header: other bytes, the same picture."""
    end = 4 + int.from_bytes(jpeg[4:6], "big")
    return jpeg[:end] + b"\xff\xfe\x00\x06" + number.to_bytes(4, "big") + jpeg[end:]
