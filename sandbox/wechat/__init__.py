"""WeChat Official Accounts, after docs/platforms/wechat.md: tokens, pictures, drafts, publishing, mass send,
events, figures, quotas, comments.

Left out: everything that has to do with single followers. An address that is no interface answers 40066, a
call by the wrong method 43001 or 43002 (section 11).
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass

from starlette.routing import Route

from .. import calls
from ..calls import Call
from ..faults import Fault
from ..room import Room
from ..store import Json, Store
from . import comments, drafts, events, figures, mass, media, publish, quota, tokens
from .answers import Refusal, refusal_answer, refused
from .reading import json_object, only

BODY_OF_LIST = ("offset", "count", "no_content")


@dataclass(frozen=True)
class Rule:
    """How one call is made: its work, what the account must be granted, the fields it knows.

    ``body`` None: no JSON is read. A field that the sheet does not name is refused.
    """

    work: Callable[..., Json]
    body: tuple[str, ...] | None = None
    capability: str = ""
    method: str = "POST"
    query: tuple[str, ...] = ("access_token",)


TOKEN_CALLS = {
    "/cgi-bin/stable_token": Rule(
        tokens.stable_token, ("grant_type", "appid", "secret", "force_refresh"), query=()
    ),
    "/cgi-bin/token": Rule(tokens.legacy_token, method="GET", query=("grant_type", "appid", "secret")),
}
MEDIA_CALLS = {
    "/cgi-bin/media/uploadimg": Rule(media.upload_image),
    "/cgi-bin/material/add_material": Rule(media.add_material, query=("access_token", "type")),
    "/cgi-bin/media/upload": Rule(media.upload, query=("access_token", "type")),
    "/cgi-bin/material/add_news": Rule(media.retired),
    "/cgi-bin/material/update_news": Rule(media.retired),
    "/cgi-bin/material/get_material": Rule(media.get_material, ("media_id",)),
    "/cgi-bin/material/del_material": Rule(media.delete_material, ("media_id",)),
    "/cgi-bin/material/batchget_material": Rule(media.batchget_material, ("type", "offset", "count")),
    "/cgi-bin/material/get_materialcount": Rule(media.count_material, method="GET"),
}
DRAFT_CALLS = {
    "/cgi-bin/draft/add": Rule(drafts.add, ("articles",), "draft"),
    "/cgi-bin/draft/update": Rule(drafts.update, ("media_id", "index", "articles"), "draft"),
    "/cgi-bin/draft/get": Rule(drafts.get, ("media_id",), "draft"),
    "/cgi-bin/draft/delete": Rule(drafts.delete, ("media_id",), "draft"),
    "/cgi-bin/draft/count": Rule(drafts.count, capability="draft", method="GET"),
    "/cgi-bin/draft/batchget": Rule(drafts.batchget, BODY_OF_LIST, "draft"),
    "/cgi-bin/draft/switch": Rule(drafts.switch, capability="draft", query=("access_token", "checkonly")),
}
PUBLISH_CALLS = {
    "/cgi-bin/freepublish/submit": Rule(publish.submit, ("media_id",), "publish"),
    "/cgi-bin/freepublish/get": Rule(publish.get, ("publish_id",), "publish"),
    "/cgi-bin/freepublish/delete": Rule(publish.delete, ("article_id", "index"), "publish"),
    "/cgi-bin/freepublish/getarticle": Rule(publish.getarticle, ("article_id",), "publish"),
    "/cgi-bin/freepublish/batchget": Rule(publish.batchget, BODY_OF_LIST, "publish"),
}
MASS_BODY = ("filter", "msgtype", "mpnews", "send_ignore_reprint", "clientmsgid")
MASS_CALLS = {
    "/cgi-bin/message/mass/sendall": Rule(mass.sendall, MASS_BODY, "mass"),
    "/cgi-bin/message/mass/send": Rule(
        mass.send, ("touser", "msgtype", "mpnews", "send_ignore_reprint", "clientmsgid"), "mass"
    ),
    "/cgi-bin/message/mass/preview": Rule(mass.preview, ("touser", "towxname", "msgtype", "mpnews"), "mass"),
    "/cgi-bin/message/mass/get": Rule(mass.get, ("msg_id",), "mass"),
    "/cgi-bin/message/mass/delete": Rule(mass.delete, ("msg_id", "article_idx"), "mass"),
    "/cgi-bin/message/mass/speed/get": Rule(mass.speed, capability="mass"),
    "/cgi-bin/message/mass/speed/set": Rule(mass.set_speed, ("speed",), "mass"),
}
SPAN = ("begin_date", "end_date")
FIGURES_CALLS = {
    "/datacube/getarticletotaldetail": Rule(figures.totals, SPAN, "statistics"),
    "/datacube/getarticleread": Rule(figures.read, SPAN, "statistics"),
    "/datacube/getarticleshare": Rule(figures.share, SPAN, "statistics"),
    "/datacube/getbizsummary": Rule(figures.summary, SPAN, "statistics"),
    **{
        f"/datacube/{name}": Rule(figures.retired)
        for name in (
            "getarticlesummary",
            "getarticletotal",
            "getuserread",
            "getuserreadhour",
            "getusershare",
            "getusersharehour",
        )
    },
}
COMMENT_CALLS = {f"/cgi-bin/comment/{name}": Rule(work) for name, work in comments.CALLS.items()}
QUOTA_CALLS = {
    "/cgi-bin/openapi/quota/get": Rule(quota.get, ("cgi_path",)),
    "/cgi-bin/clear_quota": Rule(quota.clear, ("appid",)),
    "/cgi-bin/openapi/rid/get": Rule(quota.explain, ("rid",)),
}
CALLS = MEDIA_CALLS | DRAFT_CALLS | PUBLISH_CALLS | MASS_CALLS | FIGURES_CALLS | COMMENT_CALLS | QUOTA_CALLS
PATHS = (*TOKEN_CALLS, *CALLS)

known_account = tokens.known_account


def work(store: Store, call: Call) -> calls.Answered:
    """Do one call and return ``(json answer, outcome for the call list)``."""
    try:
        return _admitted(store, call), "ok"
    except Refusal as refusal:
        answer = refusal_answer(refusal)
        return answer, f"errcode {refusal.code} {answer['errmsg'].partition(' rid:')[0]}"


def _admitted(store: Store, call: Call) -> Json:
    if call.path in TOKEN_CALLS:
        rule = TOKEN_CALLS[call.path]
        _check_shape(call, rule)
        quota.spend(store, call.account, call.path)
        return rule.work(store, call)
    if call.path not in CALLS:
        raise Refusal(40066)
    rule = CALLS[call.path]
    account = tokens.account_of(store, call)
    if rule.capability and rule.capability not in account["capabilities"]:
        raise Refusal(48001)
    quota.spend(store, account["id"], call.path)
    _check_shape(call, rule)
    return rule.work(store, call, account)


def _check_shape(call: Call, rule: Rule) -> None:
    if call.method != rule.method:
        raise Refusal(43002 if rule.method == "POST" else 43001)
    only(call.query, rule.query)
    if rule.body is not None:
        only(json_object(call), rule.body)


def use_up_quota(store: Store, call: Call) -> None:
    """Leave nothing of today's quota of the called path."""
    quota.use_up(store, call.account, call.path)


def fault_answer(fault: Fault) -> calls.Answered:
    """Answer a fault of kind ``error`` with its errcode."""
    code: Json = fault.get("errcode", fault.get("code"))
    said: Json = fault.get("errmsg", fault.get("msg", ""))
    return refused(code, said), f"errcode {code}"


# WeChat answers a wrong method itself (43002), in its own words.
ROOM = Room(
    routes=tuple(
        Route(f"/wechat{path}", calls.endpoint("wechat", sys.modules[__name__]), methods=["GET", "POST"])
        for path in (*PATHS, "/cgi-bin/{unknown:path}", "/datacube/{unknown:path}")
    ),
    paths={"wechat": PATHS},
    settle=publish.settle,
    tell=events.settle,
    finish=publish.finish,
)
