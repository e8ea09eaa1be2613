"""Pictures as people upload them, from cameras and phones."""

from pathlib import PurePath
from typing import Any  # what Wagtail hands its form

import filetype
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext as _
from PIL import Image
from wagtail.images.forms import BaseImageForm

from cms.media import exif


class ImageForm(BaseImageForm):
    """Wagtail's form wherever a picture is uploaded (WAGTAILIMAGES_IMAGE_FORM_BASE)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        upload = self.files.get(self.add_prefix("file"))
        if upload and not settings.READS_HEIC and _is_heic(upload):
            sentence = _(
                "HEIC pictures are not taken here. Save the picture as JPEG (on an iPhone: Settings, Camera, "
                "Formats, Most Compatible) and upload it again, or ask an administrator for HEIC."
            )
            for problem in ("invalid_image_extension", "invalid_image_known_format"):
                self.fields["file"].error_messages[problem] = sentence

    def clean_file(self) -> UploadedFile | FieldFile:
        file = self.cleaned_data["file"]
        return _cleaned(file) if "file" in self.changed_data else file


def _is_heic(upload: UploadedFile) -> bool:
    start = upload.read(64)
    upload.seek(0)
    return filetype.guess_extension(start) == "heic"


def _cleaned(file: UploadedFile) -> UploadedFile:
    """Return the upload as it is, or anew without metadata."""
    file.seek(0)
    anew = exif.cleaned(file)
    file.seek(0)
    if anew is None:
        return file
    assert file.name is not None  # an upload has one
    kind, content = anew
    name = str(PurePath(file.name).with_suffix(".jpg")) if kind == "JPEG" else file.name
    return SimpleUploadedFile(name, content, content_type=Image.MIME[kind])
