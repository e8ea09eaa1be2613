"""Pictures as people upload them, from cameras and phones."""

from pathlib import PurePath

from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db.models.fields.files import FieldFile
from PIL import Image
from wagtail.images.forms import BaseImageForm

from cms.media import exif


class ImageForm(BaseImageForm):
    """Wagtail's form wherever a picture is uploaded (WAGTAILIMAGES_IMAGE_FORM_BASE)."""

    def clean_file(self) -> UploadedFile | FieldFile:
        file = self.cleaned_data["file"]
        return _cleaned(file) if "file" in self.changed_data else file


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
