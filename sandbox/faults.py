"""Faults that can be switched on: what goes wrong, at which call, how often."""

import json
from collections.abc import Collection, Mapping
from typing import Protocol

from .store import Json, Store

#: kind → what happens, in the words of the control page.
KINDS = {
    "error": "平台返回给定的错误码，未执行",
    "http_500": "返回 HTTP 500，未执行",
    "http_429": "返回 HTTP 429，请稍后再来（可给 Retry-After 秒数），未执行",
    "http_503": "返回 HTTP 503，请稍后再来（可给 Retry-After 秒数），未执行",
    "http_500_after": "已执行，但返回 HTTP 500",
    "reset_before": "未执行即断开连接",
    "lost_answer": "已执行，但断开连接、不给回答",
    "delay": "已执行，过几秒才回答",
    "token_expired": "调用凭据提前失效",
    "quota_used_up": "当天调用次数用完（微信）",
    "reject_review": "审核不通过",
    "stall_review": "审核一直没有结果",
    "ban_later": "发表成功，之后被平台下架",
    "event_lost": "事件不推送（微信）",
    "event_twice": "事件推送两次（微信）",
    "event_late": "事件过几秒才推送（微信）",
    "event_out_of_order": "事件在下一个事件之后才推送（微信）",
}
#: Where only some platforms know a kind, which those are.
ONLY = {
    "token_expired": ("wechat", "toutiao", "penguin"),
    "quota_used_up": ("wechat",),
    **dict.fromkeys(("event_lost", "event_twice", "event_late", "event_out_of_order"), ("wechat",)),
}
AT_THE_REVIEW = ("reject_review", "stall_review", "ban_later")
AT_AN_EVENT = ("event_lost", "event_twice", "event_late", "event_out_of_order")
AT_THE_GATE = tuple(kind for kind in KINDS if kind not in AT_THE_REVIEW + AT_AN_EVENT)
#: A fault as it was switched on: kind, match, times, skip and what the kind has of its own.
Fault = dict[str, Json]
MATCHED = ("platform", "path", "account", "method")


class Struck(Protocol):
    """What is asked of a Call; besides, it has all of ``MATCHED``."""

    platform: str
    account: str
    query: dict[str, str]
    form: dict[str, str]


def problem(spec: Fault, kinds: Collection[str]) -> str | None:
    """Return one sentence that says what is wrong with a fault of one of these kinds, or None."""
    if spec.get("kind") not in kinds:
        return f"kind 只能是 {'、'.join(kinds)}。"
    match = spec.get("match", {})
    if not isinstance(match, dict) or set(match) - set(MATCHED):
        return f"match 只认 {'、'.join(MATCHED)}。"
    if spec["kind"] == "error" and "code" not in spec and "errcode" not in spec:
        return "error 需要错误码：code，微信也可以写 errcode。"
    if not _is_count(spec.get("skip", 0)) or not _is_count(spec.get("times", 1) or 0):
        return "times 与 skip 要用不小于 0 的整数；times 为 null 表示一直有效。"
    if spec["kind"] == "reject_review" and spec.get("status", 4) not in (2, 3, 4):
        return "status 只能是 2（原创校验不通过）、3（常规失败）或 4（平台审核不通过）。"
    seconds = spec.get("seconds", 0)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
        return "seconds 要用不小于 0 的数。"
    return None


def _is_count(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def add(store: Store, spec: Fault) -> None:
    store.insert("faults", spec=json.dumps(spec), skip=spec.get("skip", 0), times_left=spec.get("times", 1))


def from_form(form: Mapping[str, str]) -> Fault:
    """Return a spec from the control page's fields; what is not a number is left to ``problem``."""
    given = {name: value.strip() for name, value in form.items() if value.strip()}
    spec = {
        "kind": given.get("kind"),
        "match": {n: v for n, v in given.items() if n in MATCHED},
        "times": None,
    }
    written = {name: given[name] for name in ("msg",) if name in given}
    numbers = {
        name: _number(given[name]) for name in ("times", "skip", "code", "seconds", "status") if name in given
    }
    return spec | written | numbers


def _number(written: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(written)
        except ValueError:
            continue
    return written


def listing(store: Store) -> list[Fault]:
    """Return every fault as it was given, plus ``id``, ``skip_left`` and ``times_left`` (None: always)."""
    return [
        {
            "id": row["id"],
            **json.loads(row["spec"]),
            "skip_left": row["skip"],
            "times_left": row["times_left"],
        }
        for row in store.all("SELECT * FROM faults ORDER BY id")
    ]


def take(store: Store, call: Struck, kinds: Collection[str]) -> Fault | None:
    """Use up and return the first fault of these kinds that is due at this call, or None.

    A fault with ``skip`` lets that many matching calls pass first; afterwards it strikes ``times`` times.
    """
    with store.transaction():
        for row in store.all("SELECT * FROM faults WHERE times_left IS NULL OR times_left > 0 ORDER BY id"):
            spec = json.loads(row["spec"])
            if spec["kind"] not in kinds or not _matches(spec, call):
                continue
            if row["skip"]:
                store.run("UPDATE faults SET skip = skip - 1 WHERE id = ?", row["id"])
                continue
            store.run("UPDATE faults SET times_left = times_left - 1 WHERE id = ?", row["id"])
            return spec
    return None


def _matches(spec: Fault, call: Struck) -> bool:
    if spec["kind"] == "token_expired" and "access_token" not in call.query | call.form:
        return False
    # No other platform's sheet states a quota.
    if spec["kind"] == "quota_used_up" and (call.platform != "wechat" or not call.account):
        return False
    return all(getattr(call, name) == wanted for name, wanted in spec.get("match", {}).items())
