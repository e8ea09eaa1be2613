"""Sending to followers: docs/platforms/wechat.md, section 6. A mass send is a job that uses its draft up."""

import json
import secrets
from typing import NoReturn

from .. import faults, ledger
from ..calls import Call
from ..store import Row, Store
from .answers import OK, Refusal
from .drafts import draft_articles
from .publish import BANNED, DELETED, IN_PROGRESS, SUCCESS, start_job, status_of
from .reading import flag, json_object, number, only, text

CLIENTMSGID_BYTES = 64
TOO_FAST_S = 60
#: Until it is set. What unit the real speed has is not in the sheet: it stays the same.
SPEED, REALSPEED = 3, 15
#: So many followers may be named in one call.
READERS = (2, 10_000)


def sendall(store: Store, call: Call, account: Row) -> Row:
    """Send a draft to all followers. The same clientmsgid is never sent twice."""
    body = json_object(call)
    audience = body.get("filter")
    if not isinstance(audience, dict) or audience.get("is_to_all") is not True:
        raise Refusal(47001, "filter")
    only(audience, ("is_to_all", "tag_id"))
    return _send(store, call, account, body)


def send(store: Store, call: Call, account: Row) -> Row:
    """Send a draft to named followers. There are none here: what readers see is as with ``sendall``."""
    body = json_object(call)
    readers = body.get("touser")
    if not isinstance(readers, list) or not all(isinstance(each, str) and each for each in readers):
        raise Refusal(47001, "touser")
    if not READERS[0] <= len(readers) <= READERS[1]:
        # The sheet names no code for too few or too many.
        raise Refusal(47001, "touser")
    return _send(store, call, account, body)


def preview(store: Store, call: Call, account: Row) -> Row:
    """Show a draft to one reader; nobody else sees it, and the draft stays."""
    body = json_object(call)
    if not (text(body, "touser") or text(body, "towxname")):
        raise Refusal(47001, "touser, towxname")
    draft_articles(store, account["id"], _draft_of(body))
    return {**OK, "msg_id": secrets.randbelow(9 * 10**9) + 10**9}


def _send(store: Store, call: Call, account: Row, body: Row) -> Row:
    media_id, key = _wanted(body)
    with store.transaction():
        earlier = store.one(
            "SELECT * FROM mass_sends WHERE account = ? AND clientmsgid = ?", account["id"], key
        )
        if earlier:
            _refuse_again(store, earlier)
        _check_followers_limit(store, account["id"])
        fault = faults.take(store, call, faults.AT_THE_REVIEW)
        job = start_job(store, account["id"], media_id, fault, via="mass")
        msg_id = str(secrets.randbelow(9 * 10**9) + 10**9)
        store.insert(
            "mass_sends",
            msg_id=msg_id,
            account=account["id"],
            clientmsgid=key,
            publish_id=job["publish_id"],
            day=store.china_day(),
            tried_at=store.now(),
        )
    return {**OK, "msg_id": int(msg_id), "msg_data_id": int(job["msg_data_id"])}


def get(store: Store, call: Call, account: Row) -> Row:
    row, job = _sent(store, account["id"], json_object(call))
    status = status_of(store, job)
    words = {IN_PROGRESS: "SENDING", SUCCESS: "SEND_SUCCESS", DELETED: "DELETE", BANNED: "DELETE"}
    return {"msg_id": int(row["msg_id"]), "msg_status": words.get(status, "SEND_FAIL")}


def delete(store: Store, call: Call, account: Row) -> Row:
    """Take the page of one article down; ``article_idx`` counts from 1, 0 or none takes all."""
    body = json_object(call)
    _row, job = _sent(store, account["id"], body)
    rows = ledger.of_article(store, "wechat", account["id"], job["article_id"] or "")
    index = body.get("article_idx") or 0
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index <= len(rows):
        raise Refusal(40114)
    ledger.withdraw(store, [row for row in rows if index in (0, row["idx"])], by="operator")
    return OK


def speed(store: Store, call: Call, account: Row) -> Row:
    return {"speed": _speed_of(store, account["id"]), "realspeed": REALSPEED}


def set_speed(store: Store, call: Call, account: Row) -> Row:
    wanted = number(json_object(call), "speed", 0, 4)
    store.run("REPLACE INTO counters VALUES ('wechat', ?, 'mass speed', '', ?)", account["id"], wanted)
    return {**OK, "speed": wanted, "realspeed": REALSPEED}


def _speed_of(store: Store, account_id: str) -> int:
    kept = "SELECT used FROM counters WHERE platform = 'wechat' AND account = ? AND name = 'mass speed'"
    known = store.value(kept, account_id)
    return SPEED if known is None else known


def _wanted(body: Row) -> tuple[str, str]:
    """Return the draft and the clientmsgid of a request that is as the sheet has it."""
    media_id = _draft_of(body)
    flag(body, "send_ignore_reprint")
    key = text(body, "clientmsgid") or "digest of " + json.dumps(body, sort_keys=True)[:40]
    if len(key.encode()) > CLIENTMSGID_BYTES:
        raise Refusal(45067)
    return media_id, key


def _draft_of(body: Row) -> str:
    news = body.get("mpnews")
    if not isinstance(news, dict):
        raise Refusal(47001, "mpnews")
    only(news, ("media_id",))
    if text(body, "msgtype", required=True) != "mpnews":
        raise Refusal(40008)
    return text(news, "media_id", required=True)


def _refuse_again(store: Store, earlier: Row) -> NoReturn:
    too_fast = store.now() - earlier["tried_at"] < TOO_FAST_S
    job = store.the_one("SELECT * FROM jobs WHERE publish_id = ?", earlier["publish_id"])
    if too_fast:
        raise Refusal(45066)
    raise Refusal(45065, msg_id=int(earlier["msg_id"]), msg_data_id=int(job["msg_data_id"]))


def _check_followers_limit(store: Store, account_id: str) -> None:
    used = store.value(
        "SELECT COUNT(*) FROM mass_sends JOIN jobs USING (publish_id)"
        " WHERE mass_sends.account = ? AND day = ? AND status IN (?, ?)",
        account_id,
        store.china_day(),
        SUCCESS,
        IN_PROGRESS,
    )
    if used >= store.setting("wechat_mass_per_day"):
        raise Refusal(45028)


def _sent(store: Store, account_id: str, body: Row) -> tuple[Row, Row]:
    msg_id = str(body.get("msg_id", ""))
    row = store.one("SELECT * FROM mass_sends WHERE msg_id = ? AND account = ?", msg_id, account_id)
    if row is None:
        # The sheet names no code for an unknown msg_id.
        raise Refusal(47001, "msg_id")
    return row, store.the_one("SELECT * FROM jobs WHERE publish_id = ?", row["publish_id"])
