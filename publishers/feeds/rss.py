"""A feed as RSS 2.0: docs/platforms/partner-feed-contract.md, part A. Django's generator escapes texts."""

import datetime as dt
from collections.abc import Mapping, Sequence

from django.utils.feedgenerator import Enclosure, Rss201rev2Feed, rfc3339_date
from django.utils.timezone import localtime
from django.utils.xmlutils import SimplerXMLGenerator

from publishers.feeds.channel import Channel
from publishers.interface import Json
from publishers.models import FeedEntry

CONTENT_TYPE = "application/rss+xml; charset=utf-8"
#: The contract's own elements: status, version, original, source_url, sha256.
HUB = "urn:nusheng-hub:feed:1"
NAMESPACES = {
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
    "xmlns:media": "http://search.yahoo.com/mrss/",
    "xmlns:hub": HUB,
}


def write(channel: Channel, entries: Sequence[FeedEntry]) -> bytes:
    """Return the document. Moments are those of China's clocks (+0800)."""
    feed = _Feed(
        title=channel.title,
        link=channel.home,
        description=channel.description,
        language="zh-CN",
        feed_url=channel.address,
        next_url=channel.next_address,
        changed_at=channel.changed_at,
    )
    for entry in entries:
        _add(feed, entry)
    return feed.writeString("utf-8").encode()


def _add(feed: "_Feed", entry: FeedEntry) -> None:
    article = entry.content or {}
    covers = article.get("cover_images", [])
    feed.add_item(
        title=article.get("title", ""),
        link=article.get("url", ""),
        description=article.get("summary", ""),
        unique_id=entry.guid,
        unique_id_is_permalink=False,
        pubdate=localtime(entry.published_at),
        categories=[each for each in (article.get("category"), *article.get("tags", [])) if each],
        enclosures=[Enclosure(each["url"], str(each["bytes"]), each["mime"]) for each in covers[:1]],
        entry=entry,
        article=article,
    )


class _Feed(Rss201rev2Feed):
    def rss_attributes(self) -> dict[str, str]:
        return super().rss_attributes() | NAMESPACES

    def latest_post_date(self) -> dt.datetime:
        return localtime(self.feed["changed_at"])

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        handler.addQuickElement("atom:updated", rfc3339_date(self.latest_post_date()))
        if self.feed["next_url"]:
            handler.addQuickElement("atom:link", None, {"rel": "next", "href": self.feed["next_url"]})

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Json]) -> None:
        super().add_item_elements(handler, item)
        entry, article = item["entry"], item["article"]
        handler.addQuickElement("atom:updated", rfc3339_date(localtime(entry.changed_at)))
        handler.addQuickElement("content:encoded", article.get("content_html", ""))
        handler.addQuickElement("hub:status", "withdrawn" if entry.is_withdrawn else "published")
        handler.addQuickElement("hub:version", str(entry.version))
        if not entry.is_withdrawn:
            self._add_article(handler, article)

    def _add_article(self, handler: SimplerXMLGenerator, article: Mapping[str, Json]) -> None:
        handler.addQuickElement("dc:creator", article["author"])
        handler.addQuickElement("dc:source", article["source"])
        handler.addQuickElement("dc:rights", article["rights"])
        handler.addQuickElement("hub:original", str(article["original"]).lower())
        handler.addQuickElement("hub:source_url", article["source_url"])
        handler.addQuickElement("hub:sha256", article["sha256"])
        for picture in _pictures(article):
            handler.addQuickElement("media:content", None, _media(picture))


def _pictures(article: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    """Return the article's pictures, the covers first, each once."""
    found = {each["url"]: each for each in (*article["cover_images"], *article["images"])}
    return list(found.values())


def _media(picture: Mapping[str, Json]) -> dict[str, str]:
    known = {
        "url": picture["url"],
        "type": picture["mime"],
        "medium": "image",
        "fileSize": picture["bytes"],
        "width": picture["width"],
        "height": picture["height"],
    }
    return {name: str(value) for name, value in known.items() if value is not None}
