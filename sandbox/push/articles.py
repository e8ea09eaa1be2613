"""What becomes of a push: one article for one id, one effect for one Idempotency-Key."""

import json
import secrets

from .. import faults, ledger
from ..calls import Call
from ..store import Row, Store
from . import pictures, tasks
from .answers import Refusal
from .fields import read


def take(store: Store, call: Call, account: Row) -> tuple[int, Row]:
    """Return ``(HTTP status, answer)``; what was answered to a key is answered to it again."""
    key = call.headers.get("idempotency-key", "")
    if not 0 < len(key) <= 200:
        raise Refusal(400, "idempotency_key", "缺少 Idempotency-Key。")
    with store.transaction():
        known = store.one(
            "SELECT status, answer FROM push_keys WHERE platform = ? AND account = ? AND key = ?",
            call.platform,
            account["id"],
            key,
        )
        if known:
            return known["status"], json.loads(known["answer"])
        status, answer, task = _taken(store, call, account, key)
        store.insert(
            "push_keys",
            platform=call.platform,
            account=account["id"],
            key=key,
            status=status,
            answer=json.dumps(answer),
        )
    if task and status == 202:
        pictures.background.begin(store, task)
    return status, answer


def _taken(store: Store, call: Call, account: Row, key: str) -> tuple[int, Row, str]:
    """Return status, answer and the new task's id."""
    operation, article, callback_url = read(call)
    if key.split(":")[1:] != [article["id"], str(article["version"]), operation]:
        raise Refusal(422, "idempotency_key", "Idempotency-Key 与请求体不符。", field="Idempotency-Key")
    present = store.one(
        "SELECT * FROM push_articles WHERE platform = ? AND account = ? AND article_id = ?",
        call.platform,
        account["id"],
        article["id"],
    )
    _require_fitting(store, operation, article, present)
    task = _begin(store, call, account, operation, article, callback_url, present)
    if not store.setting("push_at_once"):
        return 202, {"task_id": task, "status": "accepted"}, task
    pictures.fetch(store, task)
    tasks.end_now(store, task)
    shown = tasks.state(store, store.the_one("SELECT * FROM push_tasks WHERE id = ?", task))
    if shown["status"] not in ("published", "withdrawn"):
        raise Refusal(422, shown["status"], shown["reason"])
    return 200, {name: shown[name] for name in ("status", "remote_id", "url")}, task


def _require_fitting(store: Store, operation: str, article: Row, present: Row | None) -> None:
    """Refuse what does not fit what is there: 409 for another version, 404 for nothing."""
    state = present and tasks.state(
        store, store.the_one("SELECT * FROM push_tasks WHERE id = ?", present["task"])
    )
    if operation != "publish" and (not state or state["status"] == "withdrawn"):
        raise Refusal(404, "unknown_article", "没有这篇文章。")
    if not present or not state:
        return
    is_there = state["status"] not in ("rejected", "failed", "withdrawn")
    stale = (
        article["version"] < present["version"]
        if operation == "withdraw"
        else article["version"] <= present["version"]
    )
    if stale or (operation == "publish" and is_there):
        known = {name: present[name] for name in ("article_id", "version")}
        more = {**known, "task_id": present["task"], "status": state["status"]}
        raise Refusal(409, "conflict", "这个编号已有另一个版本。", more=more)


def _begin(
    store: Store,
    call: Call,
    account: Row,
    operation: str,
    article: Row,
    callback_url: str,
    present: Row | None,
) -> str:
    fault = {"kind": ""} if operation == "withdraw" else faults.take(store, call, faults.AT_THE_REVIEW)
    fault = fault or {"kind": ""}
    task, remote_id = secrets.token_hex(12), _remote_id(store, present)
    store.insert(
        "push_tasks",
        id=task,
        platform=call.platform,
        account=account["id"],
        operation=operation,
        article_id=article["id"],
        version=article["version"],
        remote_id=remote_id,
        fields=json.dumps(article),
        callback_url=callback_url,
        base_url=call.base_url,
        due_at=None if fault["kind"] == "stall_review" else store.now() + store.setting("review_s"),
        fetched=operation == "withdraw",
        status="in_review",
        reason=fault.get("msg", "审核未通过") if fault["kind"] == "reject_review" else "",
        ban_after=fault.get("seconds", 0) if fault["kind"] == "ban_later" else None,
    )
    store.run(
        "REPLACE INTO push_articles VALUES (?, ?, ?, ?, ?, ?)",
        call.platform,
        account["id"],
        article["id"],
        article["version"],
        task,
        remote_id,
    )
    return task


def _remote_id(store: Store, present: Row | None) -> str:
    """Return the id of an article's page: it stays, unless readers can see the page no more."""
    if present:
        row = ledger.at(store, present["platform"], present["account"], present["remote_id"])
        if row is None or row["withdrawn_at"] is None:
            return present["remote_id"]
    return str(secrets.randbelow(9 * 10**15) + 10**15)
