"""A feed as JSON Feed 1.1 with ``_hub``: docs/platforms/partner-feed-contract.md, part A."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence

from django.utils.feedgenerator import rfc3339_date
from django.utils.timezone import localtime

from publishers.feeds.channel import Channel
from publishers.interface import Json
from publishers.models import FeedEntry

CONTENT_TYPE = "application/feed+json; charset=utf-8"
VERSION = "https://jsonfeed.org/version/1.1"


def write(channel: Channel, entries: Sequence[FeedEntry]) -> bytes:
    """Return the document. Moments are those of China's clocks (+08:00)."""
    written = {
        "version": VERSION,
        "title": channel.title,
        "description": channel.description,
        "home_page_url": channel.home,
        "feed_url": channel.address,
        "language": "zh-CN",
        "items": [_tombstone(entry) if entry.is_withdrawn else _item(entry) for entry in entries],
        "_hub": {"updated": _moment(channel.changed_at)},
    }
    if channel.next_address:
        written["next_url"] = channel.next_address
    return json.dumps(written, ensure_ascii=False).encode()


def _item(entry: FeedEntry) -> dict[str, Json]:
    article: Mapping[str, Json] | None = entry.content
    assert article is not None  # else it is withdrawn
    covers = article["cover_images"]
    item = {
        **_named(entry),
        "url": article["url"],
        "title": article["title"],
        "summary": article["summary"],
        "content_html": article["content_html"],
        "authors": [{"name": article["author"]}] if article["author"] else [],
        "tags": [each for each in (article["category"], *article["tags"]) if each],
        "attachments": [_attachment(picture) for picture in article["images"]],
        "_hub": {
            "status": "published",
            "version": entry.version,
            "cover_images": covers,
            "original": article["original"],
            "sha256": article["sha256"],
            "source": article["source"],
            "source_url": article["source_url"],
            "rights": article["rights"],
            "category": article["category"],
        },
    }
    return item | ({"image": covers[0]["url"]} if covers else {})


def _tombstone(entry: FeedEntry) -> dict[str, Json]:
    return {**_named(entry), "content_html": "", "_hub": {"status": "withdrawn", "version": entry.version}}


def _named(entry: FeedEntry) -> dict[str, str]:
    moments = {"date_published": entry.published_at, "date_modified": entry.changed_at}
    return {"id": entry.guid, **{name: _moment(moment) for name, moment in moments.items()}}


def _attachment(picture: Mapping[str, Json]) -> dict[str, Json]:
    return {"url": picture["url"], "mime_type": picture["mime"], "size_in_bytes": picture["bytes"]}


def _moment(moment: dt.datetime) -> str:
    return rfc3339_date(localtime(moment))
