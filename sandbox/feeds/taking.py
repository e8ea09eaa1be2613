"""What a partner does with an entry: a new one is published, a newer one changed, a tombstone taken down."""

import json
import secrets

from .. import faults, ledger
from ..calls import Call
from ..fetching import Keeping, each_once
from ..store import Row, Store
from .reading import Entry


def take(store: Store, call: Call, entry: Entry, fault: str = "") -> Row | None:
    """Return what became of the entry, as part C tells it; None when there was nothing to do."""
    known = store.one(
        "SELECT * FROM feed_entries WHERE platform = ? AND account = ? AND guid = ?",
        call.platform,
        call.account,
        entry.guid,
    )
    if known is not None and entry.version <= known["version"]:
        return None
    if entry.withdrawn:
        return None if fault == "feed_ignores_withdrawals" else _withdraw(store, call, entry, known)
    if known is not None and fault == "feed_ignores_updates":
        return None
    review = faults.take(store, call, ("reject_review", "stall_review")) or {"kind": ""}
    if review["kind"] == "stall_review":
        return None
    if review["kind"] == "reject_review":
        _remember(store, call, entry, "rejected", known["remote_id"] if known else "")
        return _said(entry, "rejected", reason=review.get("msg", "审核未通过"))
    return _show(store, call, entry, known)


def _show(store: Store, call: Call, entry: Entry, known: Row | None) -> Row:
    keep = each_once(store, call.platform, call.account)
    try:
        cover = keep(entry.cover) if entry.cover else ""
    except ValueError as error:
        return _said(entry, "failed", reason=f"封面图无法获取：{error}")
    shown = {
        "title": entry.title,
        "author": entry.author,
        "digest": entry.summary,
        "content": Keeping.clean(entry.html, keep).html,
        "source_url": entry.source_url,
        "cover_path": cover,
    }
    remote = {"hub_article": entry.guid, "version": entry.version}
    extra = {"remote": remote, "source_name": entry.source, "covers": [cover] if cover else []}
    with store.transaction():
        rows = ledger.of_article(store, call.platform, call.account, known["remote_id"]) if known else []
        live = [row for row in rows if row["withdrawn_at"] is None]
        remote_id = known["remote_id"] if known and live else str(secrets.randbelow(9 * 10**15) + 10**15)
        if live:
            ledger.revise(store, live[0], extra=extra, **shown)
        else:
            _publish(store, call, remote_id, extra, shown)
        _remember(store, call, entry, "published", remote_id)
        row = ledger.of_article(store, call.platform, call.account, remote_id)[0]
    return _said(entry, "published", remote_id=remote_id, url=call.base_url + ledger.path(row))


def _publish(store: Store, call: Call, remote_id: str, extra: Row, shown: Row) -> None:
    ledger.publish(
        store,
        platform=call.platform,
        slug=remote_id,
        account=call.account,
        article_id=remote_id,
        idx=1,
        extra=json.dumps(extra),
        via="feed",
        published_at=store.now(),
        **shown,
    )


def _withdraw(store: Store, call: Call, entry: Entry, known: Row | None) -> Row:
    """Take it down, or remember that it is not to be taken: it may never have been here."""
    remote_id = known["remote_id"] if known else ""
    with store.transaction():
        rows = ledger.of_article(store, call.platform, call.account, remote_id)
        ledger.withdraw(store, rows, by="operator")
        _remember(store, call, entry, "withdrawn", remote_id)
    url = call.base_url + ledger.path(rows[0]) if rows else ""
    return _said(entry, "withdrawn", remote_id=remote_id, url=url)


def _remember(store: Store, call: Call, entry: Entry, status: str, remote_id: str) -> None:
    store.run(
        "REPLACE INTO feed_entries VALUES (?, ?, ?, ?, ?, ?)",
        call.platform,
        call.account,
        entry.guid,
        entry.version,
        status,
        remote_id,
    )


def _said(entry: Entry, status: str, remote_id: str = "", url: str = "", reason: str = "") -> Row:
    return {
        "task_id": "",
        "article_id": entry.guid,
        "version": entry.version,
        "status": status,
        "remote_id": remote_id,
        "url": url,
        "reason": reason,
    }
