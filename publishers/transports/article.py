"""The fields of an article as partners get them: docs/platforms/partner-feed-contract.md, part B."""

from zoneinfo import ZoneInfo

from publishers.interface import Item, Job, Json, Rendition
from publishers.rendering import fill

CHINA = ZoneInfo("Asia/Shanghai")


def article(job: Job, item: Item) -> dict[str, Json]:
    """Return every field of ``item``'s article; its pictures are at public addresses of the hub."""
    document, rendition = item.document, item.rendition
    html = fill(rendition.html, lambda sha256: job.picture(sha256).public_url)
    fields: dict[str, Json] = {
        "id": str(item.page_id),
        "version": item.version,
        "title": rendition.title,
        "summary": rendition.digest,
        "content_html": html.replace('"source:"', f'"{item.source_url}"'),
        "cover_images": [_picture(job, item, sha256) for sha256 in _covers(rendition)],
        "images": [_picture(job, item, sha256) for sha256 in rendition.assets],
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


def _picture(job: Job, item: Item, sha256: str) -> dict[str, Json]:
    picture = job.picture(sha256)
    return {
        "url": picture.public_url,
        "sha256": sha256,
        "bytes": item.document.assets[sha256].size,
        "mime": picture.mime,
        "width": picture.width,
        "height": picture.height,
    }
