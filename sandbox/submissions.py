"""Articles on their way to readers by a console or a plain call: drafts, reviews, and what comes of them."""

import json
import secrets
from collections.abc import Sequence

from . import faults, ledger
from .faults import Struck
from .store import Row, Store

DRAFT, REVIEW, DONE, FAILED = "草稿", "审核中", "已发布", "未通过"


def add(
    store: Store,
    call: Struck,
    fields: Row,
    *,
    notes: Sequence[str] = (),
    via: str = "console",
    draft: bool = False,
    slug: str = "",
) -> str:
    """Take an article of ``call``'s account into review, or keep it as a draft.

    ``fields``: title, author, digest, content, source_url, cover_path, extra. With the ``slug`` of one that
    is published the review ends in a change of it. Returns the slug of its page, which is its id too.
    """
    slug = slug or str(secrets.randbelow(9 * 10**15) + 10**15)
    row_id = store.value(
        "INSERT INTO submissions (platform, account, slug, fields, notes, via, made_at, status, reason)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, '') RETURNING id",
        call.platform,
        call.account,
        slug,
        json.dumps(fields),
        json.dumps(list(notes)),
        via,
        store.now(),
        DRAFT,
    )
    if not draft:
        review(store, call, row_id)
    return slug


def review(store: Store, call: Struck, row_id: int) -> None:
    """Send a draft into review; a fault of ``call``'s account may decide how that ends."""
    fault = faults.take(store, call, faults.AT_THE_REVIEW) or {"kind": ""}
    kind = fault["kind"]
    store.run(
        "UPDATE submissions SET status = ?, due_at = ?, reason = ?, ban_after = ? WHERE id = ?",
        REVIEW,
        None if kind == "stall_review" else store.now() + store.setting("review_s"),
        fault.get("msg", "审核未通过") if kind == "reject_review" else "",
        fault.get("seconds", 0) if kind == "ban_later" else None,
        row_id,
    )


def settle(store: Store) -> None:
    """End every review whose time has come."""
    with store.transaction():
        due = store.all("SELECT * FROM submissions WHERE status = ? AND due_at <= ?", REVIEW, store.now())
        for row in due:
            if not row["reason"]:
                _publish(store, row)
            store.run(
                "UPDATE submissions SET status = ? WHERE id = ?", FAILED if row["reason"] else DONE, row["id"]
            )


def _publish(store: Store, row: Row) -> None:
    fields = json.loads(row["fields"])
    fields["extra"]["notes"] = json.loads(row["notes"])
    present = ledger.at(store, row["platform"], row["account"], row["slug"])
    if present:
        ledger.revise(store, present, **fields)
        return
    extra = {"remote": {}, **fields.pop("extra")}
    ledger.publish(
        store,
        platform=row["platform"],
        slug=row["slug"],
        account=row["account"],
        article_id=row["slug"],
        idx=1,
        extra=json.dumps(extra),
        via=row["via"],
        published_at=row["due_at"],
        ban_at=None if row["ban_after"] is None else row["due_at"] + row["ban_after"],
        **fields,
    )


def finish(store: Store, account: str | None = None) -> None:
    """Make the running reviews of an account (None: of all) due now, also those that a fault keeps open."""
    store.run(
        "UPDATE submissions SET due_at = ?1 WHERE status = ?2 AND ifnull(?3, account) = account",
        store.now(),
        REVIEW,
        account,
    )


def of_account(store: Store, platform: str, account: str) -> list[Row]:
    """Return an account's drafts and submissions, the newest first."""
    rows = store.all(
        "SELECT * FROM submissions WHERE platform = ? AND account = ? ORDER BY id DESC", platform, account
    )
    return [{**row, "fields": json.loads(row["fields"]), "notes": json.loads(row["notes"])} for row in rows]


def waits(store: Store, platform: str, slug: str) -> bool:
    """Tell whether an article that nobody can read yet is in review."""
    found = store.one(
        "SELECT 1 FROM submissions WHERE platform = ? AND slug = ? AND status = ?",
        platform,
        slug,
        REVIEW,
    )
    return found is not None
