"""Tasks: reviews that end, what they bring before readers, and how they are asked about."""

import json

from .. import ledger
from ..calls import Call
from ..store import Row, Store
from . import pictures
from .answers import Refusal

REVIEW = "in_review"


def settle(store: Store) -> None:
    """End every task whose time has come and whose pictures are here."""
    with store.transaction():
        for row in store.all(
            "SELECT * FROM push_tasks WHERE status = ? AND fetched AND due_at <= ? ORDER BY due_at",
            REVIEW,
            store.now(),
        ):
            _end(store, row)


def finish(store: Store, account: str | None = None) -> None:
    """Make the running reviews of an account (None: of all) due now, also those that a fault keeps open."""
    pictures.background.finish()
    store.run(
        "UPDATE push_tasks SET due_at = ?1 WHERE status = ?2 AND ifnull(?3, account) = account",
        store.now(),
        REVIEW,
        account,
    )


def end_now(store: Store, task: str) -> None:
    _end(store, store.the_one("SELECT * FROM push_tasks WHERE id = ?", task))


def _end(store: Store, row: Row) -> None:
    status, reason = "published", row["reason"]
    newest = store.value(
        "SELECT task FROM push_articles WHERE platform = ? AND account = ? AND article_id = ?",
        row["platform"],
        row["account"],
        row["article_id"],
    )
    if newest != row["id"]:
        status, reason = "failed", "已被更新的请求代替"
    elif row["operation"] == "withdraw":
        status = "withdrawn"
        ledger.withdraw(store, _rows(store, row), by="operator")
    elif reason:
        status = "failed" if reason.startswith("图片") else "rejected"
    else:
        _show(store, row)
    store.run("UPDATE push_tasks SET status = ?, reason = ? WHERE id = ?", status, reason, row["id"])


def _rows(store: Store, row: Row) -> list[Row]:
    return ledger.of_article(store, row["platform"], row["account"], row["remote_id"])


def _show(store: Store, row: Row) -> None:
    """Bring the article before readers, or what they see of it up to date."""
    fields = json.loads(row["fields"])
    shown = {
        "title": fields["title"],
        "author": fields["author"],
        "digest": fields["summary"],
        "content": fields["content"],
        "source_url": fields["source_url"],
        "cover_path": next(iter(fields["covers"]), ""),
    }
    remote = {"hub_article": row["article_id"], "version": row["version"], "task_id": row["id"]}
    extra = {"remote": remote, "source_name": fields["source"], "covers": fields["covers"]}
    present = _rows(store, row)
    if present:
        ledger.revise(store, present[0], extra=extra, **shown)
        return
    ledger.publish(
        store,
        platform=row["platform"],
        slug=row["remote_id"],
        account=row["account"],
        article_id=row["remote_id"],
        idx=1,
        extra=json.dumps(extra),
        via="push",
        published_at=row["due_at"] or store.now(),
        ban_at=None if row["ban_after"] is None else (row["due_at"] or store.now()) + row["ban_after"],
        **shown,
    )


def shown(store: Store, call: Call, account: Row) -> Row:
    """Tell how a task stands."""
    row = store.one(
        "SELECT * FROM push_tasks WHERE id = ? AND platform = ? AND account = ?",
        call.path.rpartition("/")[2],
        call.platform,
        account["id"],
    )
    if row is None:
        raise Refusal(404, "unknown_task", "没有这个任务。")
    return state(store, row)


def state(store: Store, row: Row) -> Row:
    """Return how a task's article stands, as poll and callback say it."""
    rows = _rows(store, row)
    status, reason = row["status"], row["reason"]
    if status == "published" and rows and rows[0]["withdrawn_at"]:
        status = "withdrawn"
        reason = "平台下架" if rows[0]["withdrawn_by"] == "platform" else ""
    url = row["base_url"] + ledger.path(rows[0]) if rows else ""
    return {
        "task_id": row["id"],
        "article_id": row["article_id"],
        "version": row["version"],
        "status": status,
        "remote_id": row["remote_id"] if rows else "",
        "url": url,
        "reason": reason,
    }
