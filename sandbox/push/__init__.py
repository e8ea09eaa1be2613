"""A partner that takes our signed push: docs/platforms/partner-feed-contract.md, parts B and C.

For every platform there is one, at ``/<slug>/push``. X-Hub-Key is the account's id, the secret its secret;
callbacks are signed with the same. An article is taken into review, or published at once (the setting
``push_at_once``). Pictures are fetched, and must be what the article says they are.
"""

from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace

from starlette.responses import JSONResponse
from starlette.routing import Route

from .. import asking, calls
from ..calls import Call
from ..faults import Fault
from ..platforms import ORDER
from ..room import Room
from ..store import Store
from . import articles, figures, pictures, signing, tasks, telling
from .answers import Refusal, refused

PUSH, STATS = "/push", "/push/stats"
SCHEMA = """
CREATE TABLE IF NOT EXISTS push_nonces (
    platform TEXT NOT NULL, account TEXT NOT NULL, nonce TEXT NOT NULL, ends_at REAL NOT NULL,
    PRIMARY KEY (platform, account, nonce)
);
CREATE TABLE IF NOT EXISTS push_keys (      -- what was answered to an Idempotency-Key
    platform TEXT NOT NULL, account TEXT NOT NULL, key TEXT NOT NULL, status INTEGER NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (platform, account, key)
);
CREATE TABLE IF NOT EXISTS push_articles (  -- the newest version of each, and the task that brought it
    platform TEXT NOT NULL, account TEXT NOT NULL, article_id TEXT NOT NULL, version INTEGER NOT NULL,
    task TEXT NOT NULL, remote_id TEXT NOT NULL,
    PRIMARY KEY (platform, account, article_id)
);
CREATE TABLE IF NOT EXISTS push_tasks (
    id TEXT PRIMARY KEY, platform TEXT NOT NULL, account TEXT NOT NULL, operation TEXT NOT NULL,
    article_id TEXT NOT NULL, version INTEGER NOT NULL, remote_id TEXT NOT NULL,
    fields TEXT NOT NULL, callback_url TEXT NOT NULL, base_url TEXT NOT NULL,
    due_at REAL,                            -- NULL: the review never ends by itself
    fetched INTEGER NOT NULL,               -- whether the pictures are here, or cannot be had
    status TEXT NOT NULL, reason TEXT NOT NULL, ban_after REAL,
    told TEXT NOT NULL DEFAULT ''           -- the status that was told last
);
CREATE TABLE IF NOT EXISTS push_callbacks (
    id INTEGER PRIMARY KEY, platform TEXT NOT NULL, account TEXT NOT NULL, url TEXT NOT NULL,
    message TEXT NOT NULL, due_at REAL,     -- NULL: after the next one of the account
    left INTEGER NOT NULL, answers TEXT NOT NULL DEFAULT ''
);
"""
TABLES = ("push_nonces", "push_keys", "push_articles", "push_tasks", "push_callbacks")


def work(store: Store, call: Call) -> calls.Answered:
    """Do one call and return ``(answer, outcome for the call list)``."""
    try:
        account = signing.proved(store, call)
        if call.path == STATS:
            return figures.answer(store, call, account), "ok"
        if call.method == "GET":
            return JSONResponse(tasks.shown(store, call, account)), "ok"
        status, said = articles.take(store, call, account)
        return JSONResponse(said, status), f"HTTP {status} {said.get('status', '')}"
    except Refusal as refusal:
        return refused(refusal), f"HTTP {refusal.status} {refusal.code}"


def fault_answer(fault: Fault) -> calls.Answered:
    """Answer a fault of kind ``error``: its code is the HTTP status."""
    code = fault.get("code", 422)
    status = code if isinstance(code, int) and 400 <= code < 600 else 422
    refusal = Refusal(status, str(code), fault.get("msg", "按要求拒绝"))
    return refused(refusal, retry_after=fault.get("seconds", 1)), f"HTTP {status} {code}"


STAND_IN = SimpleNamespace(known_account=signing.known_account, work=work, fault_answer=fault_answer)


def _routes() -> Iterator[Route]:
    for slug in ORDER:
        endpoint = calls.endpoint(slug, STAND_IN)
        yield Route(f"/{slug}{PUSH}", endpoint, methods=["POST"])
        yield Route(f"/{slug}{PUSH}/{{task}}", endpoint, methods=["GET"])
    yield from asking.routes("/_control/push/send", post=telling.send_now)
    yield from asking.routes("/_ledger/push", get=telling.show)


def _start(store: Store) -> None:
    pictures.resume(store)
    telling.keep_sending(store, partial(tasks.settle, store))


ROOM = Room(
    routes=tuple(_routes()),
    paths=dict.fromkeys(ORDER, (PUSH, STATS)),
    kinds=telling.KINDS,
    schema=SCHEMA,
    tables=TABLES,
    settle=tasks.settle,
    tell=telling.tell,
    finish=tasks.finish,
    start=_start,
)
