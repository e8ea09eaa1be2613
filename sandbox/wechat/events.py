"""What WeChat tells an account's server by itself: docs/platforms/wechat.md, sections 5.3, 6 and 7."""

import base64
import hashlib
import json
import os
import secrets
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPException
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from .. import faults, ledger
from ..calls import Call
from ..store import Json, Row, Store
from .publish import status_of

MODES, FORMATS = ("plain", "compatible", "safe"), ("xml", "json")
DELIVERIES = 3
ANSWER_S = 5
LOOK_S = 0.2
# No proxy: the hub is on this machine or beside it.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_sending = threading.Lock()


def settle(store: Store) -> None:
    """Note what is to be told of jobs that ended, or whose articles were taken down since."""
    with store.transaction():
        for job in store.all(
            "SELECT jobs.*, told.status AS told FROM jobs JOIN callbacks USING (account)"
            " LEFT JOIN told USING (publish_id) WHERE jobs.status <> 1"
        ):
            status = status_of(store, job)
            if status != job["told"]:
                store.run("REPLACE INTO told VALUES (?, ?)", job["publish_id"], status)
                _tell(store, job, status)


def _tell(store: Store, job: Row, status: int) -> None:
    mass = job["via"] == "mass"
    if mass and job["told"] is not None:
        return  # MASSSENDJOBFINISH tells the end of the sending, nothing later.
    name = "MASSSENDJOBFINISH" if mass else "PUBLISHJOBFINISH"
    call = Call("wechat", "EVENT", name, "", {}, account=job["account"])
    fault = faults.take(store, call, faults.AT_AN_EVENT) or {"kind": ""}
    due = {"event_late": store.now() + fault.get("seconds", 1), "event_out_of_order": None}
    waiting = store.all("SELECT id FROM events WHERE account = ? AND due_at IS NULL", job["account"])
    message = _sent(store, job, status) if mass else _published(store, job, status)
    for _time in range({"event_lost": 0, "event_twice": 2}.get(fault["kind"], 1)):
        store.insert(
            "events",
            account=job["account"],
            name=name,
            message=json.dumps(_envelope(store, job["account"], name, message)),
            made_at=store.now(),
            due_at=due.get(fault["kind"], store.now()),
            left=DELIVERIES,
        )
    for row in waiting:
        # Now something has overtaken it.
        store.run("UPDATE events SET due_at = ? WHERE id = ?", store.now() + 0.001, row["id"])


def _envelope(store: Store, account_id: str, name: str, message: Row) -> Row:
    return {
        "ToUserName": "gh_" + hashlib.sha256(account_id.encode()).hexdigest()[:12],
        "FromUserName": "oR5Gjj_eFZYxjEOCl7ay1rfEDxQw",
        "CreateTime": int(store.now()),
        "MsgType": "event",
        "Event": name,
        **message,
    }


def _published(store: Store, job: Row, status: int) -> Row:
    told = {"publish_id": job["publish_id"], "publish_status": status}
    rows = ledger.of_article(store, "wechat", job["account"], job["article_id"] or "")
    if status == 0:
        items = [{"idx": row["idx"], "article_url": ledger.path(row)} for row in rows]
        # The vendor's own sample has a line break in the article_id.
        told |= {
            "article_id": f"{job['article_id']}\n",
            "article_detail": {"count": len(rows), "item": items},
        }
    if status in (2, 4):
        told["fail_idx"] = list(range(1, len(json.loads(job["articles"])) + 1))
    return {"PublishEventInfo": told}


def _sent(store: Store, job: Row, status: int) -> Row:
    rows = ledger.of_article(store, "wechat", job["account"], job["article_id"] or "")
    items = [{"ArticleIdx": row["idx"], "ArticleUrl": ledger.path(row)} for row in rows]
    if not store.setting("wechat_mass_event_tells_urls"):
        items = []
    sent = store.one("SELECT * FROM mass_sends WHERE publish_id = ?", job["publish_id"])
    return {
        "MsgID": int(sent["msg_id"]) if sent else int(job["publish_id"]),
        "Status": "send success" if status == 0 else "err(21000)",
        "TotalCount": 100,
        "FilterCount": 80,
        "SentCount": 75 if status == 0 else 0,
        "ErrorCount": 5 if status == 0 else 80,
        "CopyrightCheckResult": {"Count": 0, "ResultList": "", "CheckState": 2},
        "ArticleUrlResult": {"Count": len(items), "ResultList": {"item": items} if items else ""},
    }


def send_due(store: Store) -> int:
    """Send what is due, oldest first; return how many deliveries were tried."""
    tried = 0
    with _sending:
        while row := store.one(
            "SELECT * FROM events JOIN callbacks USING (account) WHERE left > 0 AND due_at <= ?"
            " ORDER BY due_at, id LIMIT 1",
            store.now(),
        ):
            answer = _deliver(row, int(store.now()))
            left = 0 if answer == "success" else row["left"] - 1
            store.run(
                "UPDATE events SET left = ?, answers = trim(answers || ' ' || ?) WHERE id = ?",
                left,
                answer,
                row["id"],
            )
            tried += 1
    return tried


def _deliver(row: Row, now: int) -> str:
    """Send one event and return what was answered: ``HTTP-<status>`` when refused, ``lost`` when nothing."""
    message = _with_addresses(json.loads(row["message"]), row["base_url"])
    query, body = sealed(row, message, now)
    return post(row["url"], query, body)


def _with_addresses(message: Json, base_url: str) -> Json:
    """Return the message with whole addresses: only the server knows where it stands."""
    if isinstance(message, dict):
        return {
            name: base_url + each
            if name in ("article_url", "ArticleUrl")
            else _with_addresses(each, base_url)
            for name, each in message.items()
        }
    return [_with_addresses(each, base_url) for each in message] if isinstance(message, list) else message


def sealed(where: Row, message: Row, now: int) -> tuple[dict[str, str], bytes]:
    """Return (query, body) as the account's mode and format want them."""
    nonce, stamp = str(secrets.randbelow(10**9)), str(now)
    query = {"signature": signature(where["token"], stamp, nonce), "timestamp": stamp, "nonce": nonce}
    inner = written(message, where["format"])
    if where["mode"] == "plain":
        return query, inner
    encrypted = encrypt(inner, where["aes_key"], where["account"])
    query |= {"encrypt_type": "aes", "msg_signature": signature(where["token"], stamp, nonce, encrypted)}
    outer = {"ToUserName": message["ToUserName"], "Encrypt": encrypted}
    return query, written(outer if where["mode"] == "safe" else {**message, **outer}, where["format"])


def signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324  (WeChat's contract)


def encrypt(inner: bytes, aes_key: str, appid: str) -> str:
    key = base64.b64decode(aes_key + "=")
    padding = PKCS7(256).padder()
    plain = os.urandom(16) + len(inner).to_bytes(4, "big") + inner + appid.encode()
    sealing = Cipher(AES(key), CBC(key[:16])).encryptor()
    padded = padding.update(plain) + padding.finalize()
    return base64.b64encode(sealing.update(padded) + sealing.finalize()).decode()


def written(message: Row, form: str) -> bytes:
    if form == "json":
        return json.dumps(message, ensure_ascii=False).encode()
    return f"<xml>{_xml(message)}</xml>".encode()


def _xml(value: Json) -> str:
    if isinstance(value, dict):
        return "".join(
            f"<{name}>{_xml(each)}</{name}>"
            for name, values in value.items()
            for each in (values if isinstance(values, list) else [values])
        )
    return f"<![CDATA[{value}]]>" if isinstance(value, str) and "]]>" not in value else escape(str(value))


def verify(where: Row, now: int) -> bool:
    """Ask the address for its echo, as the console does when it is entered; tell whether it came back."""
    nonce, echo = str(secrets.randbelow(10**9)), secrets.token_hex(10)
    query = {
        "signature": signature(where["token"], str(now), nonce),
        "timestamp": str(now),
        "nonce": nonce,
        "echostr": echo,
    }
    return post(where["url"], query, None) == echo


def post(url: str, query: Mapping[str, str], body: bytes | None) -> str:
    request = urllib.request.Request(f"{url}?{urlencode(query)}", data=body)  # noqa: S310  (of the operator)
    request.add_header("Content-Type", "text/xml")
    try:
        with _opener.open(request, timeout=ANSWER_S) as answer:
            return answer.read(2000).decode("utf-8", "replace") or "success"
    except urllib.error.HTTPError as error:
        return f"HTTP-{error.code}"
    except (OSError, HTTPException):
        return "lost"


def listing(store: Store, account: str | None = None) -> list[Row]:
    """Return every event, oldest first: account, name, message, deliveries left, and what was answered."""
    rows = store.all("SELECT * FROM events WHERE ifnull(?1, account) = account ORDER BY id", account)
    return [
        {
            "account": row["account"],
            "name": row["name"],
            "message": json.loads(row["message"]),
            "left": row["left"],
            "answers": row["answers"].split(),
        }
        for row in rows
    ]


def keep_telling(store: Store, review: Callable[[Store], None]) -> None:
    """Send events as they become due, in a thread that ends with the process."""

    def work() -> None:
        while True:
            if store.value("SELECT COUNT(*) FROM callbacks"):
                review(store)
                send_due(store)
            time.sleep(LOOK_S)

    threading.Thread(target=work, name="wechat-events", daemon=True).start()
