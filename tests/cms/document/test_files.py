"""What is known of a file."""

from io import BytesIO

import pytest
from django.core.files.images import ImageFile
from PIL import Image as Picture
from wagtail.images import get_image_model

from cms.document.files import Files
from tests.factories import make_document, make_image

pytestmark = pytest.mark.django_db


def test_a_photo_with_others_behind_it_is_a_jpeg():
    out = BytesIO()
    Picture.new("RGB", (60, 40)).save(out, "MPO", save_all=True, append_images=[Picture.new("RGB", (60, 40))])
    file = ImageFile(BytesIO(out.getvalue()), name="photo.jpg")
    files = Files()
    asset = files.assets[files.add_picture(get_image_model().objects.create(title="照片", file=file))]
    assert (asset.mime, asset.width, asset.height) == ("image/jpeg", 60, 40)


@pytest.mark.parametrize(
    ("orientation", "size"), [(1, (60, 40)), (3, (60, 40)), (5, (40, 60)), (8, (40, 60))]
)
def test_a_photo_is_as_wide_and_high_as_readers_see_it(orientation, size):
    out, exif = BytesIO(), Picture.Exif()
    exif[0x0112] = orientation
    Picture.new("RGB", (60, 40)).save(out, "JPEG", exif=exif)
    file = ImageFile(BytesIO(out.getvalue()), name="photo.jpg")
    files = Files()
    asset = files.assets[files.add_picture(get_image_model().objects.create(title="照片", file=file))]
    assert (asset.width, asset.height) == size


def test_a_picture_and_an_attachment_of_the_same_number_are_two_files():
    files, image, document = Files(), make_image(), make_document()
    document.pk = image.pk
    named = [files.add_picture(image), files.add_document(document)]
    assert [files.assets[sha256].mime for sha256 in named] == ["image/jpeg", "application/pdf"]
