"""The files that an article names: each by the SHA-256 of its bytes."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models.fields.files import FieldFile
from PIL import Image as Picture
from PIL import UnidentifiedImageError
from wagtail.documents.models import AbstractDocument
from wagtail.images.models import AbstractImage

from cms.document.model import Asset

# EXIF orientations that lay the picture on its side; browsers turn it, so width and height change places.
ORIENTATION, ON_ITS_SIDE = 0x0112, (5, 6, 7, 8)


# Takes the file, opened at its beginning, and how many bytes it has.
Describe = Callable[[FieldFile, int], Asset]


class Unreadable(Exception):
    """The file is missing, or is not what it should be."""


@dataclass
class Files:
    """What is known of the files met so far; each Wagtail object is read once in one build."""

    assets: dict[str, Asset] = field(default_factory=dict)
    files: dict[str, FieldFile] = field(default_factory=dict)
    _read: dict[tuple[str, int], str] = field(default_factory=dict)

    def add_picture(self, image: AbstractImage) -> str:
        return self._add(("image", image.pk), image.file, self._describe_picture)

    def add_document(self, document: AbstractDocument) -> str:
        def describe(_opened: FieldFile, size: int) -> Asset:
            return Asset(mime=document.content_type, size=size)

        return self._add(("document", document.pk), document.file, describe)

    def _add(self, key: tuple[str, int], file: FieldFile, describe: Describe) -> str:
        """Hash the bytes as they are now: a name or an id says nothing about them."""
        if key not in self._read:
            try:
                with file.open("rb") as opened:
                    sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
                    size = opened.tell()
                    opened.seek(0)
                    self.assets[sha256] = describe(opened, size)
            except (OSError, UnidentifiedImageError, Picture.DecompressionBombError) as error:
                raise Unreadable(file.name) from error
            self.files[sha256] = file
            self._read[key] = sha256
        return self._read[key]

    @staticmethod
    def _describe_picture(opened: FieldFile, size: int) -> Asset:
        with Picture.open(opened) as picture:
            width, height = picture.size
            if picture.getexif().get(ORIENTATION) in ON_ITS_SIDE:
                width, height = height, width
            return Asset(mime=_mime(picture.format or ""), size=size, width=width, height=height)


def _mime(kind: str) -> str:
    """Return a picture's type. Pillow's table is asked each time: it fills when a picture is opened."""
    # A phone's photo with further pictures behind it is a JPEG to everybody who shows it.
    return "image/jpeg" if kind == "MPO" else Picture.MIME[kind]
