"""What is or was published, on any platform: written by the stand-ins, read by pages and tests."""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence

from .platforms import ORDER
from .store import Json, Row, Store, iso_time

ORDERS = ("newest", "oldest", "none")
DAY_S = 86_400
_PAGES = {slug: f"/{slug}/a/" for slug in ORDER} | {"wechat": "/wechat/s/"}


def publish(store: Store, platform: str, slug: str | None = None, **columns: Json) -> None:
    """Add one article, live from ``published_at`` on."""
    store.insert("published", platform=platform, slug=slug or secrets.token_urlsafe(16), **columns)


def publish_older(store: Store, platform: str, account: str, count: int, order: str) -> None:
    """Add ``count`` articles, one for each day before now; ``order`` is that in which their ids stand."""
    for number in range(count):
        source_url = f"https://older.example/r/{number:032x}"
        told = {"title": f"旧文{number}", "author": "", "digest": "旧文", "cover_path": "/none.jpg"}
        only_wechats = {
            "article_type": "news",
            "thumb_media_id": "",
            "content_source_url": source_url,
            "need_open_comment": 0,
            "only_fans_can_comment": 0,
            "picture_ids": [],
        }
        publish(
            store,
            platform,
            account=account,
            article_id=older_id(order, number),
            idx=1,
            content="<p>旧文</p>",
            source_url=source_url,
            extra=json.dumps({**told, **only_wechats, "remote": {}}),
            via="api",
            published_at=store.now() - (number + 1) * DAY_S,
            **told,
        )


def older_id(order: str, number: int) -> str:
    """Return the id of the one that is so many days older than the last: lists are by their ids."""
    if order == "none":
        return hashlib.sha256(f"{number}".encode()).hexdigest()
    # Before and after all that the sandbox makes up.
    return f"~{number:06}" if order == "newest" else f"!{999_999 - number:06}"


def revise(store: Store, row: Row, extra: Mapping[str, Json] | None = None, **columns: Json) -> None:
    """Change what readers see at an article's old address, and note when; ``extra`` is added to its own."""
    noted = {**json.loads(row["extra"]), **(extra or {}), "updated_at": store.now()}
    changed = {**columns, "extra": json.dumps(noted)}
    store.run(
        f"UPDATE published SET {', '.join(f'{name} = ?' for name in changed)} WHERE id = ?",  # noqa: S608
        *changed.values(),
        row["id"],
    )


def withdraw(store: Store, rows: Sequence[Row], by: str) -> None:
    """Take articles down; ``by`` is operator or platform. Those already down keep their first time."""
    for row in rows:
        store.run(
            "UPDATE published SET withdrawn_at = ?, withdrawn_by = ? WHERE id = ? AND withdrawn_at IS NULL",
            store.now(),
            by,
            row["id"],
        )


def settle(store: Store) -> None:
    """Take down what the platform was to ban by now."""
    store.run(
        "UPDATE published SET withdrawn_at = ban_at, withdrawn_by = 'platform'"
        " WHERE ban_at <= ? AND withdrawn_at IS NULL",
        store.now(),
    )


def of_article(store: Store, platform: str, account: str, article_id: str) -> list[Row]:
    """Return the rows of one publication in order; empty when it is not there or another's."""
    return store.all(
        "SELECT * FROM published WHERE platform = ? AND account = ? AND article_id = ? ORDER BY idx",
        platform,
        account,
        article_id,
    )


def at(store: Store, platform: str, account: str, slug: str) -> Row | None:
    """Return the row of the article whose address ends in ``slug``, or None."""
    return store.one(
        "SELECT * FROM published WHERE platform = ? AND account = ? AND slug = ?", platform, account, slug
    )


def path(row: Row) -> str:
    return _PAGES[row["platform"]] + row["slug"]


def summary(store: Store, platform: str | None = None, account: str | None = None) -> list[Row]:
    """Return every account with how many of its articles readers ever saw, and which more than once."""
    rows = store.all(
        "SELECT platform, account AS id, name, title, COUNT(published.id) AS times,"
        " COUNT(published.id) - COUNT(withdrawn_at) AS live"
        " FROM (SELECT platform, id AS account, name FROM accounts)"
        " LEFT JOIN published USING (platform, account)"
        " WHERE ifnull(?1, platform) = platform AND ifnull(?2, account) = account"
        " GROUP BY platform, account, title ORDER BY account, title",
        platform,
        account,
    )
    accounts: dict[tuple[str, str], Row] = {}
    for row in sorted(rows, key=lambda row: ORDER.index(row["platform"])):
        named = {name: row[name] for name in ("platform", "id", "name")}
        counted = accounts.setdefault(
            (row["platform"], row["id"]), {**named, "ever_visible": 0, "live": 0, "duplicates": {}}
        )
        counted["ever_visible"] += row["times"]
        counted["live"] += row["live"]
        if row["times"] > 1:
            counted["duplicates"][row["title"]] = row["times"]
    return list(accounts.values())


def entries(
    store: Store, base_url: str, platform: str | None = None, account: str | None = None
) -> list[Row]:
    """Return everything ever published, oldest first."""
    rows = store.all(
        "SELECT published.*, accounts.name AS account_name FROM published"
        " LEFT JOIN accounts ON accounts.platform = published.platform AND accounts.id = published.account"
        " WHERE ifnull(?1, published.platform) = published.platform AND ifnull(?2, account) = account"
        " ORDER BY published_at, published.id",
        platform,
        account,
    )
    return [_entry(row, base_url) for row in rows]


def _entry(row: Row, base_url: str) -> Row:
    extra = json.loads(row["extra"])
    return {
        "platform": row["platform"],
        "account": row["account"],
        "account_name": row["account_name"] or row["account"],
        "remote_ids": {
            "article_id": row["article_id"],
            "index": row["idx"],
            **extra["remote"],
        },
        "title": row["title"],
        "author": row["author"],
        "digest": row["digest"],
        "content": row["content"],
        "source_url": row["source_url"],
        "cover_url": base_url + row["cover_path"] if row["cover_path"] else "",
        "url": base_url + path(row),
        "via": row["via"],
        "published_at": iso_time(row["published_at"]),
        "updated_at": iso_time(extra.get("updated_at")),
        "status": "withdrawn" if row["withdrawn_at"] else "live",
        "withdrawn_at": iso_time(row["withdrawn_at"]),
        "withdrawn_by": row["withdrawn_by"],
    }


def calls(
    store: Store,
    platform: str | None = None,
    account: str | None = None,
    path: str | None = None,
    limit: int = 1000,
) -> list[Row]:
    """Return the latest calls, oldest of them first."""
    rows = store.all(
        "SELECT * FROM calls WHERE ifnull(?1, platform) = platform AND ifnull(?2, account) = account"
        " AND ifnull(?3, path) = path ORDER BY id DESC LIMIT ?4",
        platform,
        account,
        path,
        limit,
    )
    shown = ("platform", "account", "method", "path", "outcome", "fault")
    return [
        {
            "time": iso_time(row["at"]),
            **{name: row[name] for name in shown},
            "request": json.loads(row["request"]),
            "answer": json.loads(row["answer"]),
        }
        for row in reversed(rows)
    ]


def drafts(store: Store, account: str | None = None) -> list[Row]:
    """Return the WeChat draft box: who, media_id, the articles' titles and contents."""
    rows = store.all("SELECT * FROM drafts WHERE ifnull(?1, account) = account ORDER BY updated_at", account)
    return [
        {
            "platform": "wechat",
            "account": row["account"],
            "media_id": row["media_id"],
            "articles": json.loads(row["articles"]),
            "updated_at": iso_time(row["updated_at"]),
        }
        for row in rows
    ]
