"""What has become of an article after it went live: docs/platforms/wechat.md, sections 5.2 and 5.4."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from publishers.interface import CapabilityMissing, Item, Json, Shown
from publishers.platforms.wechat.client import Client, Entry

DELETED, BANNED = 5, 6


def look(client: Client, items: Sequence[Item]) -> list[Shown]:
    """Return what WeChat shows of each item. Raises CapabilityMissing when it lists one of them nowhere."""
    article_ids: list[Json] = [item.observed.get("article_id") for item in items]
    if not all(article_ids):
        raise CapabilityMissing("look", _("WeChat lists only what was published over its interface."))
    entries = {article_id: client.article(article_id) for article_id in dict.fromkeys(article_ids)}
    whole = {article_id: _why_gone(client, entry, items) for article_id, entry in entries.items()}
    return [
        _shown(entries[each], item.observed, whole[each])
        for each, item in zip(article_ids, items, strict=True)
    ]


def _why_gone(client: Client, entry: Entry, items: Sequence[Item]) -> str:
    """Return who took the publication down; WeChat tells it only when nothing of it is left."""
    publish_id = next((item.observed.get("publish_id") for item in items), None)
    if not publish_id or not all(article.get("is_deleted") for article in entry.articles):
        return ""
    words = {DELETED: _("deleted by the account's operator"), BANNED: _("taken down by WeChat")}
    return words.get(client.publication(publish_id).status, "")


def _shown(entry: Entry, observed: Mapping[str, Json], why_gone: str) -> Shown:
    at = int(observed["index"]) - 1
    if at >= len(entry.articles) or entry.articles[at].get("is_deleted"):
        return Shown(is_live=False, reason=why_gone or _("deleted or taken down"))
    article = entry.articles[at]
    return Shown(is_live=True, title=article.get("title"), html=article.get("content"))
