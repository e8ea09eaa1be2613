"""WeChat's answers: HTTP 200 always, ``errcode`` and an ``errmsg`` that ends with a rid.

Only codes that docs/platforms/wechat.md names (section 11) are used.
"""

import secrets
import time

from ..store import Json, Row

MEANINGS = {
    40001: "invalid credential, access_token is invalid or not latest",
    40005: "invalid file type",
    40007: "invalid media_id",
    40009: "invalid image size",
    40013: "invalid appid",
    40014: "invalid access_token",
    40066: "invalid url",
    40114: "invalid index value",
    40125: "invalid appsecret",
    41004: "appsecret missing",
    41005: "media data missing",
    41039: "invalid content_source_url",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    44002: "empty post data",
    44003: "empty news data",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45003: "title size out of limit",
    45004: "description size out of limit",
    45005: "url size out of limit",
    45008: "article size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit",
    45028: "has no masssend quota",
    45065: "clientmsgid exist",
    45066: "same clientmsgid retry too fast",
    45067: "clientmsgid size out of limit",
    45166: "invalid content",
    47001: "data format error",
    47009: "this api is offline, please use the new api",
    48001: "api unauthorized",
    48006: "forbid to clear quota because of reaching the limit",
    53406: "selling ability not opened",
    61500: "date format error",
    61501: "date range error",
    61503: "data not ready, please try later",
    40008: "invalid message type",
    53600: "invalid article_id",
    88000: "without comment privilege",
}


class Refusal(Exception):
    """The platform refuses the call with an errcode."""

    def __init__(self, code: int, hint: str = "", **more: Json) -> None:
        super().__init__(code, hint)
        self.code, self.hint, self.more = code, hint, more


def refused(code: int, message: str = "", **more: Json) -> Row:
    """Return the JSON answer for an errcode."""
    rid = f"{int(time.time()):x}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
    return {"errcode": code, "errmsg": f"{message or MEANINGS.get(code, 'system error')} rid: {rid}", **more}


def refusal_answer(refusal: Refusal) -> Row:
    message = MEANINGS[refusal.code]
    hint = f": {refusal.hint}" if refusal.hint else ""
    return refused(refusal.code, message + hint, **refusal.more)


OK = {"errcode": 0, "errmsg": "ok"}
