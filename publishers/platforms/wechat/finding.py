"""Looking for our own article on WeChat by the token in its source link.

docs/platforms/wechat.md, sections 4.1 and 5.1.
"""

from collections.abc import Sequence

from publishers.interface import CapabilityMissing, Item, Json
from publishers.platforms.wechat.client import Client, Entry


def in_draft_box(client: Client, items: Sequence[Item]) -> str | None:
    """Return the media_id of the draft that holds exactly our items, or None after all pages."""
    return next((entry.id for entry in client.drafts() if is_ours(entry, items)), None)


def published(client: Client, items: Sequence[Item]) -> dict[str, Json] | None:
    """Return {"article_id", "urls"} of our publication, or None.

    An account that may not publish over the API has none. What a person sent to followers by hand is in no
    list that WeChat gives.
    """
    try:
        return next((_result(entry) for entry in client.publications() if is_ours(entry, items)), None)
    except CapabilityMissing:
        return None


def is_ours(entry: Entry, items: Sequence[Item]) -> bool:
    """Tell whether ``entry`` holds our items in their order, by the random token of each."""
    return len(entry.articles) == len(items) and all(
        item.token in f"{article.get('content_source_url', '')} {article.get('content', '')}"
        for article, item in zip(entry.articles, items, strict=True)
    )


def _result(entry: Entry) -> dict[str, Json]:
    return {"article_id": entry.id, "urls": [article.get("url", "") for article in entry.articles]}
