"""Partners that read our feed: docs/platforms/partner-feed-contract.md, part A, as a stranger would.

``POST /_control/feeds`` {platform, account, url} subscribes an account to a feed, RSS or JSON; with
``callback_url`` the partner tells what became of each article (part C), signed with the account's secret.
``POST /_control/feeds/read`` reads all that is subscribed to, now. ``GET /_ledger/feeds`` shows what it has.
"""

from starlette.requests import Request

from .. import asking, faults
from ..asking import Asked, Wrong
from ..calls import Call
from ..platforms import ORDER
from ..room import Room
from ..store import Json, Row, Store
from . import reading, taking, telling

PATH = "/feed"
KINDS = {
    "feed_twice": "同一份内容处理两遍（取文源）",
    "feed_ignores_updates": "不理会更新（取文源）",
    "feed_ignores_withdrawals": "不理会撤稿（取文源）",
    "feed_slow": "这一次没有来取（取文源）",
}
SCHEMA = """
CREATE TABLE IF NOT EXISTS feeds (
    platform TEXT NOT NULL, account TEXT NOT NULL, url TEXT NOT NULL, callback_url TEXT NOT NULL,
    etag TEXT NOT NULL DEFAULT '', modified TEXT NOT NULL DEFAULT '', answers TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (platform, account)
);
CREATE TABLE IF NOT EXISTS feed_entries (   -- the newest version that was taken of each
    platform TEXT NOT NULL, account TEXT NOT NULL, guid TEXT NOT NULL, version INTEGER NOT NULL,
    status TEXT NOT NULL, remote_id TEXT NOT NULL,
    PRIMARY KEY (platform, account, guid)
);
CREATE TABLE IF NOT EXISTS feed_callbacks (
    id INTEGER PRIMARY KEY, platform TEXT NOT NULL, account TEXT NOT NULL, message TEXT NOT NULL,
    answer TEXT NOT NULL
);
"""


def subscribe(store: Store, asked: Asked, request: Request) -> Json:
    platform, account, url = asking.wanted(asked, "platform", "account", "url")
    if store.account(platform, account) is None:
        raise Wrong("没有这个账号。")
    if not url.startswith(("http://", "https://")):
        raise Wrong("url 要用 http 或 https 地址。")
    store.run(
        "REPLACE INTO feeds (platform, account, url, callback_url) VALUES (?, ?, ?, ?)",
        platform,
        account,
        url,
        asked.get("callback_url") or "",
    )
    return {"ok": True}


def read(store: Store, asked: Asked, request: Request) -> Json:
    """Read every feed once; return how each answered, and how many entries had an effect."""
    told = []
    for feed in store.all("SELECT * FROM feeds ORDER BY platform, account"):
        call = Call(feed["platform"], "GET", PATH, asking.base_url(request), {}, account=feed["account"])
        told.append({name: feed[name] for name in ("platform", "account")} | _read(store, feed, call))
    return told


def _read(store: Store, feed: Row, call: Call) -> dict[str, Json]:
    fault = (faults.take(store, call, tuple(KINDS)) or {"kind": ""})["kind"]
    if fault == "feed_slow":
        return {"answer": "", "changed": 0}
    answer, entries = reading.read(store, feed)
    changed = 0
    for entry in entries * (2 if fault == "feed_twice" else 1):
        result = taking.take(store, call, entry, fault)
        if result is not None:
            changed += 1
            telling.tell(store, feed, result)
    return {"answer": answer, "changed": changed}


def show(store: Store, asked: Asked, request: Request) -> Json:
    """Return the feeds without their addresses, which are secrets, the entries, and what was called back."""
    names = ("platform", "account", "answers")
    feeds = store.all("SELECT * FROM feeds ORDER BY platform, account")
    return {
        "feeds": [{name: feed[name] for name in names} for feed in feeds],
        "entries": store.all("SELECT * FROM feed_entries ORDER BY rowid"),
        "callbacks": store.all("SELECT * FROM feed_callbacks ORDER BY id"),
    }


ROOM = Room(
    routes=(
        *asking.routes("/_control/feeds", post=subscribe),
        *asking.routes("/_control/feeds/read", post=read),
        *asking.routes("/_ledger/feeds", get=show),
    ),
    paths=dict.fromkeys(ORDER, (PATH,)),
    kinds=KINDS,
    schema=SCHEMA,
    tables=("feeds", "feed_entries", "feed_callbacks"),
)
