"""Publishing, asynchronous: docs/platforms/wechat.md, section 5.

A review ends when its time has come, not by a timer: ``settle`` is asked before anything is shown.
"""

import json
import secrets
from collections.abc import Sequence

from .. import faults, ledger
from ..calls import Call
from ..faults import Fault
from ..store import Row, Store
from . import articles
from .answers import OK, Refusal
from .drafts import draft_articles
from .reading import flag, json_object, page_of, text

SUCCESS, IN_PROGRESS, NOT_ORIGINAL, REFUSED_BY_REVIEW, DELETED, BANNED = 0, 1, 2, 4, 5, 6


def submit(store: Store, call: Call, account: Row) -> Row:
    """Take a draft into review. It stays in the box meanwhile, so a second submit makes a second article."""
    media_id = text(json_object(call), "media_id")
    draft_articles(store, account["id"], media_id)
    fault = faults.take(store, call, faults.AT_THE_REVIEW)
    job = start_job(store, account["id"], media_id, fault)
    answer = {**OK, "publish_id": job["publish_id"], "msg_data_id": job["msg_data_id"]}
    if not store.setting("wechat_submit_tells_msg_data_id"):
        del answer["msg_data_id"]
    return answer


def start_job(
    store: Store,
    account_id: str,
    media_id: str,
    fault: Fault | None = None,
    via: str = "api",
    review_s: float | None = None,
) -> Row:
    """Store a publish job with a copy of the draft and return its row."""
    fault = fault or {}
    verdict = fault.get("status", REFUSED_BY_REVIEW) if fault.get("kind") == "reject_review" else SUCCESS
    due = store.now() + (store.setting("review_s") if review_s is None else review_s)
    with store.transaction():
        row = {
            "publish_id": str(secrets.randbelow(9 * 10**9) + 10**9),
            "account": account_id,
            "media_id": media_id,
            "msg_data_id": str(secrets.randbelow(9 * 10**9) + 10**9),
            "articles": json.dumps(draft_articles(store, account_id, media_id)),
            "due_at": None if fault.get("kind") == "stall_review" else due,
            "verdict": verdict,
            "status": IN_PROGRESS,
            "via": via,
            "ban_after": fault.get("seconds", 0) if fault.get("kind") == "ban_later" else None,
        }
        store.insert("jobs", **row)
    return row


def settle(store: Store) -> None:
    """End every review whose time has come: publish and take the draft out of the box, or refuse."""
    with store.transaction():
        due = store.all("SELECT * FROM jobs WHERE status = ? AND due_at <= ?", IN_PROGRESS, store.now())
        for job in due:
            article_id = _publish(store, job) if job["verdict"] == SUCCESS else None
            store.run(
                "UPDATE jobs SET status = ?, article_id = ? WHERE publish_id = ?",
                job["verdict"],
                article_id,
                job["publish_id"],
            )


def finish(store: Store, account: str | None = None) -> None:
    """Make the running reviews of an account (None: of all) due now, also those that a fault keeps open."""
    store.run(
        "UPDATE jobs SET due_at = ?1 WHERE status = ?2 AND ifnull(?3, account) = account",
        store.now(),
        IN_PROGRESS,
        account,
    )


def _publish(store: Store, job: Row) -> str:
    store.run("DELETE FROM drafts WHERE media_id = ?", job["media_id"])
    article_id = secrets.token_urlsafe(32)
    for idx, article in enumerate(json.loads(job["articles"]), start=1):
        remote = {"publish_id": job["publish_id"], "msg_data_id": job["msg_data_id"]}
        ledger.publish(
            store,
            platform="wechat",
            account=job["account"],
            article_id=article_id,
            idx=idx,
            title=article["title"],
            author=article["author"],
            digest=article["digest"],
            content=article["content"],
            source_url=article["content_source_url"],
            cover_path=article["cover_path"],
            extra=json.dumps({**article, "content": "", "remote": remote}),
            via=job["via"],
            published_at=job["due_at"],
            ban_at=None if job["ban_after"] is None else job["due_at"] + job["ban_after"],
        )
    return article_id


def get(store: Store, call: Call, account: Row) -> Row:
    publish_id = str(json_object(call).get("publish_id", ""))
    job = store.one("SELECT * FROM jobs WHERE publish_id = ? AND account = ?", publish_id, account["id"])
    if job is None:
        # The sheet names no code for an unknown publish_id.
        raise Refusal(47001, "publish_id")
    answer = {"publish_id": publish_id, "publish_status": status_of(store, job), "fail_idx": []}
    if job["status"] in (NOT_ORIGINAL, REFUSED_BY_REVIEW):
        answer["fail_idx"] = list(range(1, len(json.loads(job["articles"])) + 1))
    if answer["publish_status"] == SUCCESS:
        rows = ledger.of_article(store, "wechat", account["id"], job["article_id"])
        urls = [{"idx": row["idx"], "article_url": call.base_url + ledger.path(row)} for row in rows]
        answer |= {"article_id": job["article_id"], "article_detail": {"count": len(urls), "item": urls}}
    return answer


def status_of(store: Store, job: Row) -> int:
    """The job's status now: it changes after success when all its articles were taken down."""
    if job["status"] != SUCCESS:
        return job["status"]
    rows = ledger.of_article(store, "wechat", job["account"], job["article_id"])
    if any(row["withdrawn_at"] is None for row in rows):
        return SUCCESS
    return BANNED if any(row["withdrawn_by"] == "platform" for row in rows) else DELETED


def delete(store: Store, call: Call, account: Row) -> Row:
    """Withdraw one article of a publication; ``index`` counts from 1, 0 or none withdraws all."""
    body = json_object(call)
    rows = _published(store, account["id"], text(body, "article_id"))
    index = body.get("index") or 0
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index <= len(rows):
        raise Refusal(40114)
    ledger.withdraw(store, [row for row in rows if index in (0, row["idx"])], by="operator")
    return OK


def getarticle(store: Store, call: Call, account: Row) -> Row:
    return {
        "news_item": _items(call, _published(store, account["id"], text(json_object(call), "article_id")))
    }


def batchget(store: Store, call: Call, account: Row) -> Row:
    """List what was published by freepublish, never what was mass-sent. The order has no meaning."""
    body = json_object(call)
    bare = bool(flag(body, "no_content"))

    def shown(group: Row) -> Row:
        rows = _published(store, account["id"], group["article_id"])
        return {
            "article_id": group["article_id"],
            "content": {"news_item": _items(call, rows, bare)},
            "update_time": int(group["at"]),
        }

    groups = store.all(
        "SELECT article_id, MAX(published_at) AS at FROM published"
        " WHERE platform = 'wechat' AND account = ? AND via <> 'mass'"
        " GROUP BY article_id ORDER BY article_id",
        account["id"],
    )
    return page_of(body, groups, shown)


def _published(store: Store, account_id: str, article_id: str) -> list[Row]:
    rows = ledger.of_article(store, "wechat", account_id, article_id)
    if not rows or rows[0]["via"] == "mass":
        raise Refusal(53600)
    return rows


def _items(call: Call, rows: Sequence[Row], bare: bool = False) -> list[Row]:
    items = []
    for row in rows:
        article = {**json.loads(row["extra"]), "content": row["content"]}
        url, gone = call.base_url + ledger.path(row), row["withdrawn_at"] is not None
        item = articles.shown(call, article, url, is_deleted=gone)
        if bare:
            del item["content"]
        items.append(item)
    return items
