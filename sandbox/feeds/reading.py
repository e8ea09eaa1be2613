"""Reading a feed: only what is new since the last time, every page of it, in either form."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException

import feedparser

from ..store import Json, Row, Store

ANSWER_S, ANSWER_BYTES, PAGES = 20, 20 * 1024 * 1024, 20
# No proxy: the hub is on this machine or beside it.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Entry:
    """One article of a feed; a tombstone has nothing but guid, version and ``withdrawn``."""

    guid: str
    version: int
    withdrawn: bool
    title: str = ""
    summary: str = ""
    html: str = ""
    author: str = ""
    source: str = ""
    source_url: str = ""
    cover: str = ""


def read(store: Store, feed: Row) -> tuple[str, list[Entry]]:
    """Return how the feed answered, and its entries; none when it is unchanged or cannot be read."""
    try:
        answer, headers, body = _get(feed["url"], feed)
        entries, following = _parsed(body, headers)
        for _page in range(PAGES):
            if not following:
                break
            _answer, more, body = _get(following, {"etag": "", "modified": ""})
            found, following = _parsed(body, more)
            entries += found
    except (OSError, HTTPException, ValueError) as problem:
        answer, headers, entries = str(getattr(problem, "code", "")) or type(problem).__name__, None, []
    _note(store, feed, answer, headers)
    return answer, entries


def _get(url: str, known: Row) -> tuple[str, Message | None, bytes]:
    """Return status, headers and body; 304 has none."""
    conditions = {"If-None-Match": known["etag"], "If-Modified-Since": known["modified"]}
    sent = {name: value for name, value in conditions.items() if value} | {"User-Agent": "sandbox-feeds"}
    try:
        with _opener.open(urllib.request.Request(url, headers=sent), timeout=ANSWER_S) as answer:  # noqa: S310
            body = answer.read(ANSWER_BYTES + 1)
            if len(body) > ANSWER_BYTES:
                raise ValueError("the feed is too large")
            return str(answer.status), answer.headers, body
    except urllib.error.HTTPError as error:
        if error.code == 304:
            return "304", None, b""
        raise


def _parsed(body: bytes, headers: Message | None) -> tuple[list[Entry], str]:
    """Return the entries and the next page's address."""
    if not body or headers is None:
        return [], ""
    if "json" in headers.get("Content-Type", ""):
        document = json.loads(body)
        return [_of_json(item) for item in document["items"]], document.get("next_url", "")
    document = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    if document.bozo:
        raise ValueError(f"no feed: {document.bozo_exception}")
    following = [link.href for link in document.feed.get("links", []) if link.rel == "next"]
    return [_of_rss(item) for item in document.entries], next(iter(following), "")


def _of_json(item: Json) -> Entry:
    hub = item["_hub"]
    if hub["status"] == "withdrawn":
        return Entry(item["id"], hub["version"], True)
    covers = hub["cover_images"]
    return Entry(
        guid=item["id"],
        version=hub["version"],
        withdrawn=False,
        title=item["title"],
        summary=item["summary"],
        html=item["content_html"],
        author=next((author["name"] for author in item["authors"]), ""),
        source=hub["source"],
        source_url=hub["source_url"],
        cover=covers[0]["url"] if covers else "",
    )


def _of_rss(item: feedparser.FeedParserDict) -> Entry:
    if item.hub_status == "withdrawn":
        return Entry(item.id, int(item.hub_version), True)
    return Entry(
        guid=item.id,
        version=int(item.hub_version),
        withdrawn=False,
        title=item.title,
        summary=item.get("summary", ""),
        html=item.content[0].value,
        author=item.get("author", ""),
        source=item.get("dc_source") or item.get("source", {}).get("title", ""),
        source_url=item.hub_source_url,
        cover=item.enclosures[0].href if item.enclosures else "",
    )


def _note(store: Store, feed: Row, answer: str, headers: Message | None) -> None:
    known = (headers.get("ETag", ""), headers.get("Last-Modified", "")) if headers is not None else None
    store.run(
        "UPDATE feeds SET etag = ?, modified = ?, answers = trim(answers || ' ' || ?)"
        " WHERE platform = ? AND account = ?",
        *(known or (feed["etag"], feed["modified"])),
        answer,
        feed["platform"],
        feed["account"],
    )
