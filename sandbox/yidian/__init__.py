"""Yidian (一点号), after docs/platforms/yidian.md: the token and the video calls of 2018, and nothing else.

Its article call has been seen by nobody, so there is none here. Videos are taken and never shown: no id of
what was made is returned. Paths are below the sheet's base, ``https://open-mp.yidianzixun.com/apis``. What a
call without a good token answers the sheet does not say: ``error``, as a failed fetch of a token.
"""

import secrets
import sys

from starlette.routing import Route

from .. import calls, grants
from ..calls import Call
from ..faults import Fault
from ..pictures import kind_of
from ..room import Room
from ..store import Row, Store, china_time
from .reading import post_of

TOKEN = "/apis/auth/token"  # noqa: S105  (a path)
#: What the only client keeps a token for (section 1).
TOKEN_S = 7200
SLOT, PICTURE, POST = "/apis/video/get_secretkey", "/apis/video/upload_picture", "/apis/video/post_video_info"
#: Where a slot's file is put: the sandbox's own address.
FILE = "/apis/video/file"
SLOT_S = 3600
METHODS = {TOKEN: "GET", SLOT: "GET", FILE: "PUT", PICTURE: "POST", POST: "POST"}


class Refusal(Exception):
    """The call is refused in words that the client knows; ``answer`` is its JSON."""

    def __init__(self, outcome: str, answer: Row) -> None:
        super().__init__(outcome)
        self.outcome, self.answer = outcome, answer


def known_account(store: Store, call: Call) -> str:
    token = call.query.get("access_token")
    row = (
        store.one("SELECT account FROM tokens WHERE platform = 'yidian' AND token = ?", token)
        if token
        else None
    )
    return row["account"] if row else call.query.get("client_id", "")


def work(store: Store, call: Call) -> calls.Answered:
    try:
        return _CALLS[call.path](store, call), "ok"
    except Refusal as refusal:
        return refusal.answer, refusal.outcome


def _token(store: Store, call: Call) -> Row:
    """Give a token for the media id and its secret, or ``error`` and ``error_description``."""
    given = call.query
    account = store.account("yidian", given.get("client_id", ""))
    secret = given.get("client_secret", "")
    if given.get("grant_type") != "client_credentials":
        raise _error("unsupported_grant_type", "grant_type 只能是 client_credentials")
    if account is None or not secrets.compare_digest(secret.encode(), account["secret"].encode()):
        raise _error("invalid_client", "client_id 或 client_secret 不对")
    row = grants.mint(store, "yidian", account["id"], "client", TOKEN_S)
    return {"access_token": row["token"], "expires_in": TOKEN_S}


def _slot(store: Store, call: Call) -> Row:
    """Give an address for one file, and the headers to put it there with."""
    account = _account(store, call)
    if not call.query.get("filename"):
        raise Refusal("failed 2", {"status": "failed", "error_code": 2})
    row = grants.mint(store, "yidian", account, "slot", SLOT_S)
    return {
        "status": "success",
        "url": f"{call.base_url}/yidian{FILE}",
        "Authorization": row["token"],
        "Content-Type": "application/octet-stream",
        "Date": china_time(store.now()),
    }


def _file(store: Store, call: Call) -> Row:
    """Take the file; the client looks at HTTP 200 alone."""
    slot = grants.spend(store, "yidian", call.headers.get("authorization", ""), "slot")
    if slot is None or not call.body:
        raise _error("invalid_request", "上传地址无效或没有文件")
    call.account = slot["account"]
    return {}


def _picture(store: Store, call: Call) -> Row:
    account = _account(store, call)
    filename, _kind, content = call.files.get("pic", ("", "", b""))
    kind = kind_of(content)
    if kind is None or kind[0] not in ("jpg", "png"):
        raise Refusal("error pic ext invalid", {"error": "pic ext invalid"})
    picture_id = secrets.token_urlsafe(12)
    store.keep_picture("yidian", account, "cover", picture_id, filename or "", kind[1], content)
    return {
        "status": "success",
        "url": f"{call.base_url}/yidian/image/{picture_id}.{kind[0]}",
        "format": kind[0],
    }


def _post(store: Store, call: Call) -> Row:
    _account(store, call)
    problem = post_of(call.body)
    if problem:
        raise _error("invalid_request", problem)
    return {"status": "success", "code": 0}


_CALLS = {TOKEN: _token, SLOT: _slot, FILE: _file, PICTURE: _picture, POST: _post}


def _account(store: Store, call: Call) -> str:
    row = grants.living(store, "yidian", call.query.get("access_token", ""), "client")
    if row is None:
        raise _error("invalid_token", "access_token 无效或已过期")
    return row["account"]


def _error(error: str, description: str) -> Refusal:
    return Refusal(f"error {error}", {"error": error, "error_description": description})


def fault_answer(fault: Fault) -> calls.Answered:
    refusal = _error(str(fault.get("code", fault.get("errcode"))), fault.get("msg", "系统错误"))
    return refusal.answer, refusal.outcome


ROOM = Room(
    routes=tuple(
        Route(f"/yidian{path}", calls.endpoint("yidian", sys.modules[__name__]), methods=[method])
        for path, method in METHODS.items()
    ),
    paths={"yidian": tuple(METHODS)},
)
