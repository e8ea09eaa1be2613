"""What has become of an article after it went live: docs/platforms/wechat.md, sections 5.2 and 5.4."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from publishers.interface import CapabilityMissing, Item, Json, PublisherError, Shown
from publishers.platforms.wechat.client import Client, Entry

DELETED, BANNED = 5, 6


def look(client: Client, items: Sequence[Item]) -> list[Shown | None]:
    """Return what WeChat shows of each item, None of what it lists nowhere or does not tell now.

    Raises CapabilityMissing when it lists none of them; what it answers when it tells of none.
    """
    article_ids: list[Json] = [item.observed.get("article_id") for item in items]
    if not any(article_ids):
        raise CapabilityMissing("look", _("WeChat lists only what was published over its interface."))
    entries = _entries(client, [each for each in dict.fromkeys(article_ids) if each])
    whole = {article_id: _why_gone(client, entry, items) for article_id, entry in entries.items()}
    return [
        _shown(entries[each], item.observed, whole[each]) if each in entries else None
        for each, item in zip(article_ids, items, strict=True)
    ]


def _entries(client: Client, article_ids: Sequence[str]) -> dict[str, Entry]:
    """Return the publications as far as WeChat tells them: what one answer says is not lost by the next."""
    entries: dict[str, Entry] = {}
    for article_id in article_ids:
        try:
            entries[article_id] = client.article(article_id)
        except PublisherError:
            if not entries:
                raise
            break
    return entries


def _why_gone(client: Client, entry: Entry, items: Sequence[Item]) -> str:
    """Return who took the publication down; WeChat tells it only when nothing of it is left.

    Empty when it does not tell it now: that it is gone is known without.
    """
    publish_id = next((item.observed.get("publish_id") for item in items), None)
    if not publish_id or not all(article.get("is_deleted") for article in entry.articles):
        return ""
    words = {DELETED: _("deleted by the account's operator"), BANNED: _("taken down by WeChat")}
    try:
        return words.get(client.publication(publish_id).status, "")
    except PublisherError:
        return ""


def _shown(entry: Entry, observed: Mapping[str, Json], why_gone: str) -> Shown:
    at = int(observed["index"]) - 1
    if at >= len(entry.articles) or entry.articles[at].get("is_deleted"):
        return Shown(is_live=False, reason=why_gone or _("deleted or taken down"))
    article = entry.articles[at]
    return Shown(is_live=True, title=article.get("title"), html=article.get("content"))
