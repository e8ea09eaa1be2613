"""From a file to a page: everything in one transaction, and nothing left behind when it fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import PurePath
from typing import BinaryIO

import PIL.Image
from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.images import get_image_model
from wagtail.utils.file import hash_filelike

from cms.articles import Article, Commentary, EventPost, PolicyInterpretation, Story
from cms.document.fill import to_stream
from cms.ingest.anatomy import draft as find_parts
from cms.ingest.draft import Draft
from cms.ingest.pictures import Picture, Pictures
from cms.ingest.reading import read_manuscript
from cms.models import Office, SectionPage

MODELS: dict[str, type[Article]] = {
    model.kind: model for model in (Story, PolicyInterpretation, EventPost, Commentary)
}


@dataclass(frozen=True)
class Imported:
    """The new page, and what its editor should look at."""

    page: Article
    warnings: list[str]


def import_file(file: BinaryIO, filename: str, *, kind: str, section: SectionPage, user) -> Article:
    """Return a draft of that kind in the section, its first revision by ``user``, from a seekable file.

    Pictures go to the collection of the section's office, without words about them: the editor writes those.
    Raises Refused with a sentence for a file that is not taken, and PermissionDenied; then nothing is left.
    """
    return import_with_warnings(file, filename, kind=kind, section=section, user=user).page


def import_with_warnings(file: BinaryIO, filename: str, *, kind: str, section: SectionPage, user) -> Imported:
    """Import as ``import_file`` does, and say what the editor should look at."""
    if not section.permissions_for_user(user).can_add_subpage():
        raise PermissionDenied(_("You may not add texts to this section."))
    with Pictures() as pictures:
        found = find_parts(read_manuscript(file, filename, pictures), kind, filename)
        with _all_or_nothing() as stored, transaction.atomic():
            collection = Office.of_page(section).collection
            images = {
                picture.sha256: _store(
                    picture, f"{PurePath(filename).stem} {number}", collection, user, stored
                )
                for number, picture in enumerate(pictures, start=1)
            }
            page = _page(found, kind, images, user)
            section.add_child(instance=page)
            # A draft may be incomplete: an event has no beginning yet.
            page.save_revision(user=user, log_action=True, clean=False)
    return Imported(page, found.warnings)


@contextmanager
def _all_or_nothing() -> Iterator[list]:
    """Collect stored files; take them away again when the rows that name them are rolled back."""
    stored: list = []
    try:
        yield stored
    except BaseException:
        for storage, name in stored:
            storage.delete(name)
        raise


def _store(picture: Picture, title: str, collection, user, stored: list):
    """Make one image of the collection from its temporary file, copied a piece at a time.

    The file is named at once with its size: otherwise Wagtail unpacks the whole picture to learn it, twice.
    """
    facts = {"title": title[:255], "collection": collection, "uploaded_by_user": user}
    model = get_image_model()
    field = model._meta.get_field("file")
    with picture.path.open("rb") as opened:
        name = field.generate_filename(model(**facts), f"{title}.{picture.suffix}")
        name = field.storage.save(name, File(opened), max_length=field.max_length)
        stored.append((field.storage, name))
        facts |= {"file_size": picture.path.stat().st_size, "file_hash": hash_filelike(opened)}
        with PIL.Image.open(opened) as seen:
            facts |= {"width": seen.width, "height": seen.height}
    image = model(file=name, **facts)
    image.save()
    return image


def _page(found: Draft, kind: str, images: dict, user) -> Article:
    model = MODELS[kind]
    known = {field.name for field in model._meta.get_fields()}
    facts = {field.name: _fitting(found, model, field.name) for field in fields(found) if field.name in known}
    text = "original" if kind == "policy" else "body"
    return model(live=False, owner=user, **facts, **{text: to_stream(found.blocks, images)})


def _fitting(found: Draft, model: type[Article], name: str):
    """Return the part as long as its field takes it, and warn when that cuts it."""
    part, limit = getattr(found, name), getattr(model._meta.get_field(name), "max_length", None)
    if not isinstance(part, str) or not limit or len(part) <= limit:
        return part
    found.warnings.append(
        _("“{text}” was cut after {count} characters. Shorten it.").format(text=part, count=limit)
    )
    return part[:limit]
