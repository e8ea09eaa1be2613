"""The fields of an article as partners get them: docs/platforms/partner-feed-contract.md, part B."""

import hashlib
import io
from collections.abc import Mapping

import PIL.Image
from django.utils.translation import gettext as _

from cms.document.china import CHINA
from publishers.interface import Item, Job, Json, PictureRules, Rejected, Rendition
from publishers.rendering import fill


def article(job: Job, item: Item, rules: PictureRules) -> dict[str, Json]:
    """Return every field of ``item``'s article; its pictures are at public addresses of the hub.

    Those that ``rules`` do not take are JPEG there. Raises Rejected when one cannot be made small enough.
    """
    document, rendition = item.document, item.rendition
    covers = _covers(rendition)
    pictures = {sha256: _picture(job, item, sha256, rules) for sha256 in {*covers, *rendition.assets}}
    html = fill(rendition.html, lambda sha256: pictures[sha256]["url"])
    fields: dict[str, Json] = {
        "id": str(item.page_id),
        "version": item.version,
        "title": rendition.title,
        "summary": rendition.digest,
        "content_html": html.replace('"source:"', f'"{item.source_url}"'),
        "cover_images": [pictures[sha256] for sha256 in covers],
        "images": [pictures[sha256] for sha256 in rendition.assets],
        "author": rendition.author,
        "source": document.source.name,
        "source_url": item.source_url,
        "category": next(iter(document.topics), ""),
        "tags": list(document.tags),
        # What has no other address was written by the office itself.
        "original": document.source.url is None,
        "published_at": item.public_from.astimezone(CHINA).isoformat(timespec="seconds"),
        "comments": rendition.extra.get("comments") == "open",
    }
    if document.subtitle:
        fields["subtitle"] = document.subtitle
    return fields


def _covers(rendition: Rendition) -> list[str]:
    """Return the covers, foremost first: several where a platform shows several."""
    return rendition.extra.get("covers") or ([rendition.cover] if rendition.cover else [])


def _picture(job: Job, item: Item, sha256: str, rules: PictureRules) -> Mapping[str, Json]:
    picture, size = job.picture(sha256), item.document.assets[sha256].size
    fits = size <= rules.max_bytes and picture.width <= rules.max_width
    if picture.mime in rules.mimes and fits:
        said = {"url": picture.public_url, "sha256": sha256, "bytes": size, "mime": picture.mime}
        return {**said, "width": picture.width, "height": picture.height}
    url, content = picture.public_jpeg(max_width=rules.max_width)
    if len(content) > rules.max_bytes:
        raise Rejected(_("A picture cannot be made small enough for the platform; replace it."))
    with PIL.Image.open(io.BytesIO(content)) as made:
        width, height = made.size
    made_sha256 = hashlib.sha256(content).hexdigest()
    said = {"url": url, "sha256": made_sha256, "bytes": len(content), "mime": "image/jpeg"}
    return {**said, "width": width, "height": height}
