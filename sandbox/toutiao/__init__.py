"""Toutiao (头条号), after docs/platforms/toutiao.md: today's OAuth and the article call of 2017–18.

One base URL plays both hosts of the sheet, open.snssdk.com and mp.toutiao.com. The old video uploads are
taken and never shown; today's video publishing is left out, since the sheet names no call of it. What people
do by hand is in the console (sandbox/console).
"""

import sys

from starlette.routing import Route

from .. import calls, consent
from ..calls import Call
from ..faults import Fault
from ..room import Room
from ..store import Json, Store
from . import legacy, oauth, videos
from .answers import Refusal

CALLS = {
    "/oauth/access_token/": ("GET", oauth.access_token),
    "/oauth/refresh_token/": ("GET", oauth.refresh_token),
    "/oauth/renew_refresh_token/": ("GET", oauth.renew_refresh_token),
    "/oauth/client_token/": ("GET", oauth.client_token),
    "/oauth/userinfo/": ("POST", oauth.userinfo),
    "/auth/token/": ("GET", legacy.token),
    "/data/user_profile/": ("GET", legacy.user_profile),
    "/open/new_article_post/": ("POST", legacy.new_article_post),
    "/open/video/get_upload_url/": ("GET", videos.upload_url),
    "/open/video/get_chunk_upload_info/": ("GET", videos.chunk_upload_info),
    videos.UPLOAD: ("POST", videos.upload),
}
PATHS = tuple(CALLS)


def known_account(store: Store, call: Call) -> str:
    """Return whose call this probably is, for faults and the call list, without judging it."""
    given = call.query | call.form
    token = given.get("access_token") or given.get("refresh_token")
    if token:
        return store.value("SELECT account FROM tokens WHERE platform = 'toutiao' AND token = ?", token) or ""
    return given.get("client_key", "")


def work(store: Store, call: Call) -> calls.Answered:
    """Do one call and return ``(json answer, outcome for the call list)``."""
    try:
        return CALLS[call.path][1](store, call), "ok"
    except Refusal as refusal:
        return refusal.answer, f"code {refusal.code} {refusal.message}"


def fault_answer(fault: Fault) -> calls.Answered:
    """Answer a fault of kind ``error`` in the shape of today's interface."""
    code: Json = fault.get("code", fault.get("errcode"))
    return oauth.Refused(code, fault.get("msg", "系统错误")).answer, f"code {code}"


ROOM = Room(
    routes=(
        *(
            Route(f"/toutiao{path}", calls.endpoint("toutiao", sys.modules[__name__]), methods=[method])
            for path, (method, _work) in CALLS.items()
        ),
        *consent.routes("toutiao", "/toutiao/oauth/authorize/", oauth.request_of, oauth.agreed),
        *consent.routes("toutiao", "/toutiao/auth/authorize/", legacy.request_of, legacy.agreed),
    ),
    paths={"toutiao": PATHS},
)
