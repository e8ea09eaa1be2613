"""Penguin (企鹅号), after docs/platforms/penguin.md: both types of application, both versions of the article
call, transactions, list, statistics (whose fields nobody knows, so that none are made up).

One base URL plays both hosts of the sheet, auth.om.qq.com and api.om.qq.com. Galleries are published as
articles are; video and live are taken and never shown (videos.py). The daily statistics answer 404, as they
did in 2018. Changing and taking down, which no call does, are in the console (sandbox/console).
"""

import sys

from starlette.routing import Route

from .. import calls, consent
from ..calls import Call
from ..faults import Fault
from ..room import Room
from ..store import Json, Row, Store
from . import articles, authorize, fetching, tokens, videos
from .answers import NOT_GRANTED, Refusal, refused

TOKEN_CALLS = {
    "/omoauth2/accesstoken": ("POST", tokens.access_token),
    "/omoauth2/refreshtoken": ("POST", tokens.refresh_token),
    "/omoauth2/checktoken": ("GET", tokens.check_token),
}
#: X stands for client (own account) or auth (an account that authorised the application).
_WITH_INFIX = {
    "/article/Xpubpic": ("POST", articles.submit),
    "/articlev2/Xpubpic": ("POST", articles.submit),
    "/article/Xpubvid": ("POST", videos.publish_file),
    "/articlev2/Xpubvid": ("POST", videos.publish_file),
    "/article/Xpubvideo": ("POST", videos.publish_uploaded),
    "/article/Xpublive": ("POST", videos.publish_live),
    "/video/Xuploadready": ("POST", videos.start_upload),
    "/video/Xuploadtrunk": ("POST", videos.take_chunk),
    "/video/Xvideopic": ("POST", videos.cover),
    "/transaction/infoX": ("GET", articles.transaction),
    "/article/Xlist": ("GET", articles.listing),
    "/media/basicinfoX": ("GET", articles.account_info),
}
CALLS = {
    path.replace("X", infix): (method, infix, work)
    for infix in ("client", "auth")
    for path, (method, work) in _WITH_INFIX.items()
} | {
    "/articlev2/clientpubgrpic": ("POST", "client", articles.submit),
    "/article/clientpuburlvid": ("POST", "client", videos.publish_address),
    "/article/statsclient": ("GET", "client", articles.statistics),
    "/media/statsclient": ("GET", "client", articles.account_statistics),
}
PATHS = (*TOKEN_CALLS, *CALLS)

known_account = tokens.known_account


def work(store: Store, call: Call) -> calls.Answered:
    """Do one call and return ``(json answer, outcome for the call list)``."""
    try:
        return _admitted(store, call), "ok"
    except Refusal as refusal:
        return refused(refusal.code, refusal.message), f"code {refusal.code} {refusal.message}"


def _admitted(store: Store, call: Call) -> Row:
    if call.path in TOKEN_CALLS:
        return TOKEN_CALLS[call.path][1](store, call)
    _, infix, work_of_path = CALLS[call.path]
    account = tokens.account_of(store, call, infix)
    if "publish" not in account["capabilities"]:
        raise Refusal(NOT_GRANTED, "无接口权限")
    return work_of_path(store, call, account)


def method(path: str) -> str:
    """Return the one HTTP method of a path; another one is HTTP 405."""
    return (TOKEN_CALLS.get(path) or CALLS[path])[0]


def fault_answer(fault: Fault) -> calls.Answered:
    """Answer a fault of kind ``error`` with its code."""
    code: Json = fault.get("code", fault.get("errcode"))
    said: Json = fault.get("msg", fault.get("errmsg", "system error"))
    return refused(code, said), f"code {code}"


ROOM = Room(
    routes=(
        *(
            Route(f"/penguin{path}", calls.endpoint("penguin", sys.modules[__name__]), methods=[method(path)])
            for path in PATHS
        ),
        *consent.routes("penguin", "/penguin/omoauth2/authorize", authorize.request_of, authorize.agreed),
    ),
    paths={"penguin": PATHS},
    settle=articles.settle,
    finish=articles.finish,
    start=fetching.resume,
)
