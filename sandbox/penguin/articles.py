"""Articles: submit, transaction, list. docs/platforms/penguin.md, sections 4 to 6."""

import json
import secrets
from collections.abc import Mapping

from .. import faults, ledger
from ..calls import Call
from ..store import Row, Store, china_time
from . import fetching
from .answers import BAD_PARAMETER, BAD_TITLE, NOT_FOUND, Refusal, accepted, as_seen
from .reading import parameters

PROCESSING, DONE, FAILED = "处理中", "成功", "失败"

PARAMETERS = (
    "title", "content", "cover_pic", "cover_type", "tag", "category", "apply",
    "original_platform", "original_url", "original_author",
)  # fmt: skip


def submit(store: Store, call: Call, account: Row) -> Row:
    """Accept an article; pictures are fetched and the review runs afterwards."""
    fields = parameters(store, call, PARAMETERS)
    _check(store, fields)
    kept = {name: value for name, value in fields.items() if name not in ("access_token", "openid")}
    fault = faults.take(store, call, faults.AT_THE_REVIEW) or {"kind": ""}
    transaction_id = str(secrets.randbelow(8 * 10**18) + 10**18)
    now = store.now()
    store.insert(
        "transactions",
        id=transaction_id,
        account=account["id"],
        fields=json.dumps(kept),
        made_at=now,
        due_at=None if fault["kind"] == "stall_review" else now + store.setting("review_s"),
        reason=fault.get("msg", "审核未通过") if fault["kind"] == "reject_review" else "",
        status=PROCESSING,
        ban_after=fault.get("seconds", 0) if fault["kind"] == "ban_later" else None,
    )
    fetching.background.begin(store, transaction_id)
    if store.setting("penguin_answers_fetched"):
        fetching.background.finish()
    return accepted({"transaction_id": as_seen(transaction_id)})


def _check(store: Store, fields: Mapping[str, str]) -> None:
    for name in ("title", "content", "cover_pic"):
        if not fields.get(name, "").strip():
            raise Refusal(BAD_PARAMETER, f"{name} is required")
    low, high = store.setting("penguin_title_min"), store.setting("penguin_title_max")
    if not low <= len(fields["title"]) <= high:
        raise Refusal(BAD_TITLE, f"标题字数应在 {low} 到 {high} 之间")
    if fields.get("category") and not fields["category"].isdigit():
        raise Refusal(BAD_PARAMETER, "category is a number")


def settle(store: Store) -> None:
    """End every review whose time has come and whose pictures were fetched, or could not be."""
    with store.transaction():
        due = store.all(
            "SELECT * FROM transactions WHERE status = ? AND fetched AND due_at <= ?", PROCESSING, store.now()
        )
        for row in due:
            article_id = None if row["reason"] else _publish(store, row)
            store.run(
                "UPDATE transactions SET status = ?, article_id = ? WHERE id = ?",
                FAILED if row["reason"] else DONE,
                article_id,
                row["id"],
            )


def finish(store: Store, account: str | None = None) -> None:
    """Make the running reviews of an account (None: of all) due now, also those that a fault keeps open."""
    fetching.background.finish()
    store.run(
        "UPDATE transactions SET due_at = ?1 WHERE status = ?2 AND ifnull(?3, account) = account",
        store.now(),
        PROCESSING,
        account,
    )


def _publish(store: Store, row: Row) -> str:
    fields = json.loads(row["fields"])
    article_id = _free_id(store, china_time(row["due_at"], "%Y%m%d"))
    remote = {"transaction_id": row["id"]}
    ledger.publish(
        store,
        platform="penguin",
        slug=article_id,
        account=row["account"],
        article_id=article_id,
        idx=1,
        title=fields["title"],
        author=fields.get("original_author", ""),
        digest="",
        content=fields["stored_content"],
        source_url=fields.get("original_url", ""),
        cover_path=fields["cover_path"],
        extra=json.dumps({"remote": remote, "source_name": fields.get("original_platform", "")}),
        via="api",
        published_at=row["due_at"],
        ban_at=None if row["ban_after"] is None else row["due_at"] + row["ban_after"],
    )
    return article_id


def _free_id(store: Store, day: str) -> str:
    """Return a new id, shaped like 20180311A0F1OI00, the one example that the sheet has.

    Among the articles of one trial two would have the same four letters sooner or later.
    """
    while True:
        letters = "".join(secrets.choice("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789") for _ in range(4))
        article_id = f"{day}A0{letters}00"
        if not store.all("SELECT 1 FROM published WHERE platform = 'penguin' AND slug = ?", article_id):
            return article_id


def transaction(store: Store, call: Call, account: Row) -> Row:
    """Tell how a submission stands, in Chinese words; the reason of a failure is in the envelope's msg."""
    wanted = parameters(store, call, ("transaction_id",)).get("transaction_id", "")
    row = store.one("SELECT * FROM transactions WHERE id = ? AND account = ?", wanted, account["id"])
    if row is None:
        raise Refusal(NOT_FOUND, "transaction_id not found")
    content = {
        "transaction_id": as_seen(row["id"]),
        "transaction_status": row["status"],
        "transaction_type": "文章",
        "transaction_ctime": china_time(row["made_at"]),
        "article_info": {},
    }
    if row["status"] == DONE:
        published = ledger.of_article(store, "penguin", account["id"], row["article_id"])
        content["article_info"] = _shown(call, published[0])
    return accepted(content, row["reason"] if row["status"] == FAILED else None)


def listing(store: Store, call: Call, account: Row) -> Row:
    """One page of published articles, ten at most. The order is not documented: here it is by article_id."""
    asked = parameters(store, call, ("page", "limit"))
    page, limit = _count(asked, "page", 1), _count(asked, "limit", 10)
    if limit > 10:
        raise Refusal(BAD_PARAMETER, "limit is 1 to 10")
    rows = store.all(
        "SELECT * FROM published WHERE platform = 'penguin' AND account = ? AND withdrawn_at IS NULL"
        " ORDER BY article_id",
        account["id"],
    )
    chosen = rows[(page - 1) * limit : page * limit]
    shown = [_shown(call, row) for row in chosen]
    return accepted({"articles": shown, "total": len(rows), "page": page, "limit": limit})


def _count(asked: Mapping[str, str], name: str, default: int) -> int:
    value = asked.get(name, str(default))
    if not value.isdigit() or int(value) < 1:
        raise Refusal(BAD_PARAMETER, f"{name} error")
    return int(value)


def _shown(call: Call, row: Row) -> Row:
    return {
        "article_id": row["article_id"],
        "article_title": row["title"],
        "article_type": "文章",
        "article_abstract": row["digest"],
        "article_imgurl": call.base_url + row["cover_path"],
        "article_pub_flag": "发布成功",
        "article_pub_time": china_time(row["published_at"]),
        "article_url": call.base_url + ledger.path(row),
    }


def statistics(store: Store, call: Call, account: Row) -> Row:
    """The fields of statistics are not known, so none are invented: only the article is named."""
    article_id = parameters(store, call, ("article_id",)).get("article_id", "")
    rows = ledger.of_article(store, "penguin", account["id"], article_id)
    if not rows:
        raise Refusal(NOT_FOUND, "article_id not found")
    return accepted({"article_id": rows[0]["article_id"]})


def account_statistics(store: Store, call: Call, account: Row) -> Row:
    parameters(store, call, ())
    return accepted({})


def account_info(store: Store, call: Call, account: Row) -> Row:
    parameters(store, call, ())
    return accepted(
        {"nick": account["name"], "header": f"{call.base_url}/penguin/avatar/{account['id']}.svg"}
    )
