"""Yidian (一点号), after docs/platforms/yidian.md: the token call of 2018, and nothing else.

Its article call has been seen by nobody, so there is none here; what was seen of video is left out. The path
is below the sheet's base, ``https://open-mp.yidianzixun.com/apis``.
"""

import secrets
import sys

from starlette.routing import Route

from .. import calls, grants
from ..calls import Call
from ..faults import Fault
from ..room import Room
from ..store import Store

TOKEN = "/apis/auth/token"  # noqa: S105  (a path)
#: What the only client keeps a token for (section 1).
TOKEN_S = 7200


def known_account(store: Store, call: Call) -> str:
    return call.query.get("client_id", "")


def work(store: Store, call: Call) -> calls.Answered:
    """Give a token for the media id and its secret, or ``error`` and ``error_description``."""
    given = call.query
    account = store.account("yidian", given.get("client_id", ""))
    secret = given.get("client_secret", "")
    if given.get("grant_type") != "client_credentials":
        return _refused("unsupported_grant_type", "grant_type 只能是 client_credentials")
    if account is None or not secrets.compare_digest(secret.encode(), account["secret"].encode()):
        return _refused("invalid_client", "client_id 或 client_secret 不对")
    row = grants.mint(store, "yidian", account["id"], "client", TOKEN_S)
    return {"access_token": row["token"], "expires_in": TOKEN_S}, "ok"


def _refused(error: str, description: str) -> calls.Answered:
    return {"error": error, "error_description": description}, f"error {error}"


def fault_answer(fault: Fault) -> calls.Answered:
    return _refused(str(fault.get("code", fault.get("errcode"))), fault.get("msg", "系统错误"))


ROOM = Room(
    routes=(Route(f"/yidian{TOKEN}", calls.endpoint("yidian", sys.modules[__name__]), methods=["GET"]),),
    paths={"yidian": (TOKEN,)},
)
