"""The draft box: docs/platforms/wechat.md, section 4."""

import json
import secrets

from .. import ledger
from ..calls import Call
from ..store import Json, Row, Store
from . import articles
from .answers import OK, Refusal
from .reading import flag, json_as_shown, json_object, page_of, text


def add(store: Store, call: Call, account: Row) -> Row:
    body = json_object(call)
    stored = articles.checked_list(store, account, body.get("articles"), json_as_shown(call).get("articles"))
    media_id = secrets.token_urlsafe(48)
    store.insert(
        "drafts",
        media_id=media_id,
        account=account["id"],
        articles=json.dumps(stored),
        updated_at=store.now(),
    )
    return {"media_id": media_id}


def store_older(store: Store, account_id: str, number: int, order: str) -> None:
    """Store a draft of days ago with no article in it."""
    media_id = f"{ledger.older_id(order, number)}{account_id}"
    at = store.now() - (number + 1) * ledger.DAY_S
    store.insert("drafts", media_id=media_id, account=account_id, articles="[]", updated_at=at)


def update(store: Store, call: Call, account: Row) -> Row:
    """Replace one article; ``index`` counts from 0 and ``articles`` is one object, not a list."""
    body = json_object(call)
    with store.transaction():
        stored = draft_articles(store, account["id"], text(body, "media_id"))
        index = body.get("index", 0)
        if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < len(stored):
            raise Refusal(40114)
        as_shown: Json = json_as_shown(call).get("articles")
        stored[index] = articles.checked(store, account, body.get("articles"), as_shown)
        keep(store, body["media_id"], stored)
    return OK


def keep(store: Store, media_id: str, stored: list[Row]) -> None:
    """Store the articles of a draft that is there."""
    store.run(
        "UPDATE drafts SET articles = ?, updated_at = ? WHERE media_id = ?",
        json.dumps(stored),
        store.now(),
        media_id,
    )


def get(store: Store, call: Call, account: Row) -> Row:
    media_id = text(json_object(call), "media_id")
    return {"news_item": _items(call, media_id, draft_articles(store, account["id"], media_id))}


def delete(store: Store, call: Call, account: Row) -> Row:
    media_id = text(json_object(call), "media_id")
    with store.transaction():
        draft_articles(store, account["id"], media_id)
        store.run("DELETE FROM drafts WHERE media_id = ?", media_id)
    return OK


def count(store: Store, call: Call, account: Row) -> Row:
    return {"total_count": store.value("SELECT COUNT(*) FROM drafts WHERE account = ?", account["id"])}


def batchget(store: Store, call: Call, account: Row) -> Row:
    """List drafts, 20 at most. The sheet promises no order, so here it has no meaning (by media_id)."""
    body = json_object(call)
    bare = bool(flag(body, "no_content"))

    def shown(row: Row) -> Row:
        return {
            "media_id": row["media_id"],
            "content": {"news_item": _items(call, row["media_id"], json.loads(row["articles"]), bare)},
            "update_time": int(row["updated_at"]),
        }

    rows = store.all("SELECT * FROM drafts WHERE account = ? ORDER BY media_id", account["id"])
    return page_of(body, rows, shown)


def switch(store: Store, call: Call, account: Row) -> Row:
    """Drafts are on for every account here; asking and switching on answer the same."""
    return {**OK, "is_open": 1}


def draft_articles(store: Store, account_id: str, media_id: str) -> list[Row]:
    """Return the stored articles of a draft of this account; gone or another's is 40007."""
    row = store.one("SELECT articles FROM drafts WHERE media_id = ? AND account = ?", media_id, account_id)
    if row is None:
        raise Refusal(40007)
    return json.loads(row["articles"])


def _items(call: Call, media_id: str, stored: list[Row], bare: bool = False) -> list[Row]:
    items = [
        articles.shown(call, article, f"{call.base_url}/wechat/draft/{media_id}/{index}")
        for index, article in enumerate(stored)
    ]
    if bare:
        for item in items:
            del item["content"]
    return items
