"""Callbacks: what the partner tells the hub of its own accord. Part C of the contract."""

import json
import threading
import time
from collections.abc import Callable

from starlette.requests import Request

from .. import faults, ledger
from ..asking import Asked
from ..calls import Call
from ..store import Json, Row, Store, iso_time
from . import sending
from .tasks import state

KINDS = {
    "callback_lost": "回调不发送（推送）",
    "callback_twice": "回调发送两次（推送）",
    "callback_late": "回调过几秒才发送（推送）",
    "callback_out_of_order": "回调在下一个回调之后才发送（推送）",
}
PATH = "/push/callback"
DELIVERIES, AGAIN_S, LOOK_S = 3, 1, 0.2
_sending = threading.Lock()


def tell(store: Store) -> None:
    """Note what is to be told: of each task that it stands otherwise than was told last."""
    with store.transaction():
        for row in store.all(
            "SELECT push_tasks.* FROM push_tasks LEFT JOIN published"
            " ON published.platform = push_tasks.platform AND published.account = push_tasks.account"
            " AND published.article_id = push_tasks.remote_id"
            " WHERE told <> iif(status = 'published' AND withdrawn_at, 'withdrawn', status)"
            " ORDER BY push_tasks.rowid"
        ):
            stands = state(store, row)
            store.run("UPDATE push_tasks SET told = ? WHERE id = ?", stands["status"], row["id"])
            _add(store, row, {**stands, "occurred_at": iso_time(store.now())})


def _add(store: Store, row: Row, message: Row) -> None:
    call = Call(row["platform"], "POST", PATH, "", {}, account=row["account"])
    fault = faults.take(store, call, tuple(KINDS)) or {"kind": ""}
    kind, now = fault["kind"], store.now()
    due = {"callback_late": now + fault.get("seconds", 1), "callback_out_of_order": None}
    waiting = store.all("SELECT id FROM push_callbacks WHERE account = ? AND due_at IS NULL", row["account"])
    for _time in range({"callback_lost": 0, "callback_twice": 2}.get(kind, 1)):
        store.insert(
            "push_callbacks",
            platform=row["platform"],
            account=row["account"],
            url=row["callback_url"],
            message=json.dumps(message),
            due_at=due.get(kind, now),
            left=DELIVERIES,
        )
    for overtaken in waiting:
        store.run("UPDATE push_callbacks SET due_at = ? WHERE id = ?", now + 0.001, overtaken["id"])


def send_due(store: Store) -> int:
    """Send what is due, oldest first; return how many deliveries were tried."""
    tried = 0
    with _sending:
        while row := store.one(
            "SELECT * FROM push_callbacks WHERE left > 0 AND due_at <= ? ORDER BY due_at, id LIMIT 1",
            store.now(),
        ):
            answer = sending.send(store, row["platform"], row["account"], row["url"], row["message"])
            store.run(
                "UPDATE push_callbacks SET left = ?, due_at = ?, answers = trim(answers || ' ' || ?)"
                " WHERE id = ?",
                0 if answer == "200" else row["left"] - 1,
                store.now() + AGAIN_S,
                answer,
                row["id"],
            )
            tried += 1
    return tried


def send_now(store: Store, asked: Asked, request: Request) -> Json:
    request.app.state.settle(store)
    return {"tried": send_due(store)}


def show(store: Store, asked: Asked, request: Request) -> Json:
    """Return every callback, oldest first: platform, account, message, left, answers."""
    return [
        {
            **{name: row[name] for name in ("platform", "account", "left")},
            "message": json.loads(row["message"]),
            "answers": row["answers"].split(),
        }
        for row in store.all("SELECT * FROM push_callbacks ORDER BY id")
    ]


def keep_sending(store: Store, settle: Callable[[], None]) -> None:
    """End reviews and send callbacks as they become due, in a thread that ends with the process."""

    def work() -> None:
        while True:
            if store.value("SELECT COUNT(*) FROM push_tasks"):
                settle()
                ledger.settle(store)
                tell(store)
                send_due(store)
            time.sleep(LOOK_S)

    threading.Thread(target=work, name="push-callbacks", daemon=True).start()
