"""Figures of articles, invented and the same each time: docs/platforms/wechat.md, section 9.2."""

import hashlib
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta

from .. import ledger
from ..calls import Call
from ..store import CHINA, Row, Store, china_time
from .answers import Refusal
from .reading import json_object, text

READY_HOUR = 8
FOLLOWED_DAYS = 30
SPAN_DAYS = 30


def totals(store: Store, call: Call, account: Row) -> Row:
    """Return the articles published in the span, each with a cumulative row per day until yesterday."""
    begin, end, yesterday = _span(store, call, SPAN_DAYS)
    rows = store.all(
        "SELECT * FROM published WHERE platform = 'wechat' AND account = ? ORDER BY published_at",
        account["id"],
    )
    items = [_item(call, row, yesterday) for row in rows if begin <= _published_on(row) <= end]
    return {"list": items, "is_delay": store.setting("wechat_figures_delayed")}


def read(store: Store, call: Call, account: Row) -> Row:
    """Return everything that was read on one day."""
    return _of_a_day(store, call, account, lambda detail: {"read_user": detail, "read_user_source": []})


def share(store: Store, call: Call, account: Row) -> Row:
    """Return the shares of one day; "same shape" says the sheet, and nothing of its fields' names."""
    return _of_a_day(store, call, account, lambda detail: {"share_user": detail // 10})


def summary(store: Store, call: Call, account: Row) -> Row:
    """Return the account's totals: which fields they have is not in the sheet, so that none are made up."""
    _span(store, call, SPAN_DAYS)
    return {"list": [], "is_delay": store.setting("wechat_figures_delayed")}


def retired(store: Store, call: Call, account: Row) -> Row:
    """Refuse: section 9.1."""
    raise Refusal(47009)


def _of_a_day(store: Store, call: Call, account: Row, shown: Callable[[int], Row]) -> Row:
    day, _end, _yesterday = _span(store, call, 1)
    rows = store.all(
        "SELECT * FROM published WHERE platform = 'wechat' AND account = ? ORDER BY published_at",
        account["id"],
    )
    items = [
        {"ref_date": day.isoformat(), "msgid": _msgid(row), "detail": shown(_a_day(row))}
        for row in rows
        if _published_on(row) <= day
    ]
    return {"list": items, "is_delay": store.setting("wechat_figures_delayed")}


def _span(store: Store, call: Call, longest: int) -> tuple[date, date, date]:
    """Return the first and the last day that are asked for, and yesterday."""
    body = json_object(call)
    begin, end = (_day(text(body, name, required=True)) for name in ("begin_date", "end_date"))
    now = datetime.fromtimestamp(store.now(), CHINA)
    yesterday = now.date() - timedelta(days=1)
    if begin > end or end > yesterday:
        raise Refusal(61500)
    if (end - begin).days >= longest:
        raise Refusal(61501)
    if now.hour < READY_HOUR:
        raise Refusal(61503)
    return begin, end, yesterday


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise Refusal(61500) from error


def _published_on(row: Row) -> date:
    return date.fromisoformat(china_time(row["published_at"], "%Y-%m-%d"))


def _item(call: Call, row: Row, yesterday: date) -> Row:
    published = _published_on(row)
    days = min((yesterday - published).days + 1, FOLLOWED_DAYS)
    return {
        "ref_date": published.isoformat(),
        "msgid": _msgid(row),
        "publish_type": 0 if row["via"] == "mass" else 1,
        "title": row["title"],
        "content_url": call.base_url + ledger.path(row),
        "detail_list": [_detail(row, published + timedelta(days=at), at + 1) for at in range(days)],
    }


def _msgid(row: Row) -> str:
    return f"{json.loads(row['extra'])['remote']['msg_data_id']}_{row['idx']}"


def _a_day(row: Row) -> int:
    return int(hashlib.sha256(row["slug"].encode()).hexdigest(), 16) % 90 + 10


def _detail(row: Row, day: date, days: int) -> Row:
    a_day = _a_day(row)
    return {
        "stat_date": day.isoformat(),
        "read_user": a_day * days,
        "read_user_source": [],
        "share_user": a_day // 10 * days,
        "zaikan_user": a_day // 20 * days,
        "like_user": a_day // 5 * days,
        "comment_count": 0,
        "collection_user": a_day // 30 * days,
        "praise_money": 0,
        "read_subscribe_user": 0,
        "read_delivery_rate": 0.5,
        "read_finish_rate": 0.7,
        "read_avg_activetime": 42.5,
        "read_jump_position": [],
    }
