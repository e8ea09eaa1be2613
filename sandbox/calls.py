"""One call to a stand-in: reading it, letting faults strike, noting it in the ledger."""

import asyncio
import json
import socket
import struct
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from . import faults, grants, masking
from .faults import Fault
from .room import Endpoint
from .store import Json, Store

#: A platform's answer, and its outcome in the words of the ledger.
Answered = tuple[Json | Response, str]


#: A module or a namespace, whose functions nobody can check: see ``endpoint``.
Platform = Any


@dataclass
class Call:
    """What a platform sees of a request. ``path`` is without mount and query, header names are lower case."""

    platform: str
    method: str
    path: str
    base_url: str
    query: dict[str, str]
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    form: dict[str, str] = field(default_factory=dict)
    #: Name → file name, content type, content.
    files: dict[str, tuple[str | None, str | None, bytes]] = field(default_factory=dict)
    account: str = ""


async def read_call(platform: str, request: Request) -> Call:
    """Read a Starlette request to its end and return it as a Call (the account is not known yet)."""
    call = Call(
        platform=platform,
        method=request.method,
        path=request.scope["path"].removeprefix(f"/{platform}"),
        base_url=f"{request.url.scheme}://{request.url.netloc}",
        query=dict(request.query_params),
        headers=dict(request.headers),
        body=await request.body(),
    )
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == "application/x-www-form-urlencoded":
        call.form = dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True))
    elif content_type == "multipart/form-data":
        await _read_parts(call, request)
    return call


async def _read_parts(call: Call, request: Request) -> None:
    async with request.form() as parts:
        for name, part in parts.items():
            if isinstance(part, UploadFile):
                call.files[name] = (part.filename, part.content_type, await part.read())
            else:
                call.form[name] = part


class Dropped(Response):
    """Closes the connection without an answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["sandbox.drop"]()
        while (await receive())["type"] != "http.disconnect":
            pass


def droppable(app: ASGIApp) -> ASGIApp:
    """Wrap an ASGI app so that ``Dropped`` can reach the connection below it.

    ASGI has no word for "hang up": uvicorn's request cycle, whose method ``send`` is, knows the transport.
    """

    # Any: more than ASGI knows of.
    async def wrapped(scope: Scope, receive: Receive, send: Any) -> None:
        if scope["type"] == "http":
            scope["sandbox.drop"] = lambda: _hang_up(send.__self__.transport)
        await app(scope, receive, send)

    return wrapped


def _hang_up(transport: asyncio.Transport) -> None:
    connection = transport.get_extra_info("socket")
    # Linger 0 makes the close a reset, as from a broken line, and not an orderly end.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def answer(store: Store, call: Call, platform: Platform) -> Response:
    """Answer one call: strike with a due fault, otherwise let the platform work; note the call either way."""
    fault = faults.take(store, call, faults.AT_THE_GATE) or {"kind": ""}
    kind = fault["kind"]
    if kind == "reset_before":
        note(store, call, "断开，未执行", kind)
        return Dropped()
    if kind == "http_500":
        note(store, call, "HTTP 500，未执行", kind)
        return _broken()
    if kind in _BUSY:
        note(store, call, f"HTTP {_BUSY[kind]}，未执行", kind)
        return _busy(_BUSY[kind], fault)
    body, outcome = await run_in_threadpool(_done, store, call, platform, fault)
    # Noted before the wait and the hang-up: whoever sees the line break may read the ledger at once.
    note(store, call, _AFTER_EFFECT.get(kind, "") + outcome, kind, body)
    if kind == "delay":
        await asyncio.sleep(fault.get("seconds", 1))
    if kind == "lost_answer":
        return Dropped()
    if kind == "http_500_after":
        return _broken()
    return body if isinstance(body, Response) else JSONResponse(body)


def endpoint(slug: str, platform: Platform) -> Endpoint:
    """Make a Starlette endpoint at which ``platform`` answers for ``slug``.

    ``platform`` has ``known_account(store, call)``, and ``work(store, call)`` and ``fault_answer(fault)``,
    which return ``(answer, outcome)``.
    """

    async def answering(request: Request) -> Response:
        store = request.app.state.store
        call = await read_call(slug, request)
        call.account = platform.known_account(store, call)
        await run_in_threadpool(request.app.state.settle, store)
        return await answer(store, call, platform)

    return answering


_BUSY = {"http_429": 429, "http_503": 503}
_AFTER_EFFECT = {"lost_answer": "断开，已执行：", "http_500_after": "HTTP 500，已执行："}


def _done(store: Store, call: Call, platform: Platform, fault: Fault) -> Answered:
    """Return ``(answer, outcome)`` of the platform, after what the fault does to it first."""
    if fault["kind"] == "error":
        return platform.fault_answer(fault)
    if fault["kind"] == "token_expired":
        grants.expire(store, call.account, call.platform)
    if fault["kind"] == "quota_used_up":
        platform.use_up_quota(store, call)
    return platform.work(store, call)


def _broken() -> Response:
    return PlainTextResponse("Internal Server Error", status_code=500)


def _busy(status: int, fault: Fault) -> Response:
    """Refuse for now; ``seconds`` of the fault is when to come again."""
    headers = {"Retry-After": str(fault["seconds"])} if "seconds" in fault else None
    return PlainTextResponse("Try again later", status_code=status, headers=headers)


def note(store: Store, call: Call, outcome: str, fault: str = "", body: Json | Response = None) -> None:
    """Keep a call in the ledger, its secrets masked."""
    told = None if isinstance(body, Response) else masking.answer(body)
    store.insert(
        "calls",
        at=store.now(),
        platform=call.platform,
        account=call.account,
        method=call.method,
        path=call.path,
        request=json.dumps(masking.request(call), ensure_ascii=False),
        answer=json.dumps(told, ensure_ascii=False),
        outcome=outcome,
        fault=fault,
    )
