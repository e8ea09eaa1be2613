"""Pictures as they come from cameras and phones: nothing of where and with what they were taken is kept.

What is uploaded is what gets signed, and anybody may fetch it later: it is cleaned before it is stored.
"""

from io import BytesIO
from pathlib import PurePath

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from wagtail.images.forms import BaseImageForm

ORIENTATION = 0x0112
#: Kinds that readers' browsers and platforms show; the camera's own kind becomes JPEG.
KEPT, CAMERAS = ("JPEG", "PNG", "WEBP", "GIF"), ("HEIF", "MPO")
QUALITY = 95
PRIVATE = ("exif", "xmp", "photoshop", "comment")


class ImageForm(BaseImageForm):
    """Wagtail's form wherever a picture is uploaded (WAGTAILIMAGES_IMAGE_FORM_BASE)."""

    def clean_file(self):
        file = self.cleaned_data["file"]
        return without_traces(file) if "file" in self.changed_data else file


def without_traces(file):
    """Return the upload as it is, or anew without metadata but which way is up and what its colours mean."""
    file.seek(0)
    with Image.open(file) as picture:
        kind = "JPEG" if picture.format in CAMERAS else picture.format or ""
        tells = [name for name in PRIVATE if picture.info.get(name)]
        if kind == picture.format and (
            not tells or kind not in KEPT or getattr(picture, "is_animated", False)
        ):
            file.seek(0)
            return file
        written = _anew(picture, kind)
    name = str(PurePath(file.name).with_suffix(".jpg")) if kind == "JPEG" else file.name
    return SimpleUploadedFile(name, written, content_type=Image.MIME[kind])


def _anew(picture: Image.Image, kind: str) -> bytes:
    exif = Image.Exif()
    if orientation := picture.getexif().get(ORIENTATION):
        exif[ORIENTATION] = orientation
    # A JPEG keeps its own tables: it loses nothing that one can see.
    quality = "keep" if picture.format == "JPEG" else QUALITY
    options = {"quality": quality} if kind in ("JPEG", "WEBP") else {}
    profile = picture.info.get("icc_profile")
    picture.load()
    for name in PRIVATE:
        picture.info.pop(name, None)
    written = BytesIO()
    picture.save(written, kind, exif=exif, icc_profile=profile, **options)
    return written.getvalue()
