"""Quotas of a new account, by the day and by the minute: docs/platforms/wechat.md, sections 6, 9.2 and 10."""

from ..calls import Call
from ..store import Row, Store, china_time
from .answers import OK, Refusal
from .reading import json_object, text

PER_DAY = {
    "/cgi-bin/stable_token": 500_000,
    "/cgi-bin/token": 2000,
    "/cgi-bin/media/uploadimg": 100_000,
    "/cgi-bin/material/add_material": 100_000,
    "/cgi-bin/draft/add": 1000,
    "/cgi-bin/draft/get": 500,
    "/cgi-bin/draft/delete": 1000,
    "/cgi-bin/draft/update": 1000,
    "/cgi-bin/draft/count": 1000,
    "/cgi-bin/draft/batchget": 1000,
    "/cgi-bin/freepublish/submit": 100,
    "/cgi-bin/freepublish/get": 100,
    "/cgi-bin/freepublish/delete": 10,
    "/cgi-bin/freepublish/getarticle": 100,
    "/cgi-bin/freepublish/batchget": 100,
    "/cgi-bin/message/mass/sendall": 100,
    "/cgi-bin/message/mass/send": 100,
    "/cgi-bin/message/mass/preview": 100,
    "/cgi-bin/message/mass/get": 100,
    "/cgi-bin/message/mass/delete": 100,
    "/cgi-bin/message/mass/speed/get": 100,
    "/cgi-bin/message/mass/speed/set": 100,
    **dict.fromkeys(
        (f"/datacube/{name}" for name in ("getarticleread", "getarticleshare", "getbizsummary")), 1000
    ),
    "/datacube/getarticletotaldetail": 1000,
}
PER_MINUTE = {
    "/cgi-bin/stable_token": 10_000,
    **{path: 60 for path in PER_DAY if path.startswith("/cgi-bin/message/mass/")},
}
CLEARED_PER_MONTH = 10


def limit(store: Store, path: str) -> int | None:
    """Return the daily quota of a call, or None when the sheet states none."""
    return store.setting("wechat_daily_quota").get(path, PER_DAY.get(path))


def minute_limit(store: Store, path: str) -> int | None:
    return store.setting("wechat_minute_quota").get(path, PER_MINUTE.get(path))


def spend(store: Store, account_id: str, path: str) -> None:
    """Count one call; over the day's quota it is refused with 45009, over the minute's with 45011.

    What is refused is counted too, as ``refused <path>``: whoever stays inside the quotas has none.
    """
    day, minute = store.china_day(), _minute(store)
    windows = ((day, limit(store, path), 45009), (minute, minute_limit(store, path), 45011))
    with store.transaction():
        full = [code for window, most, code in windows if _is_full(store, account_id, path, window, most)]
        if full:
            _count(store, account_id, f"refused {path}", day)
        for window, most, _code in windows:
            if most is not None and not full:
                _count(store, account_id, path, window)
    if full:
        raise Refusal(full[0])


def _is_full(store: Store, account_id: str, path: str, window: str, allowed: int | None) -> bool:
    return allowed is not None and used(store, account_id, path, window) >= allowed


def _count(store: Store, account_id: str, name: str, window: str) -> None:
    store.run(
        "INSERT INTO counters VALUES ('wechat', ?, ?, ?, 1)"
        " ON CONFLICT (platform, account, name, day) DO UPDATE SET used = used + 1",
        account_id,
        name,
        window,
    )


def _minute(store: Store) -> str:
    return china_time(store.now(), "%Y-%m-%d %H:%M")


def counts(store: Store, account_id: str | None = None) -> list[Row]:
    """Return every count: account, path (``refused <path>`` for what was refused), window, used, limit."""
    rows = store.all(
        "SELECT account, name, day, used FROM counters"
        " WHERE platform = 'wechat' AND ifnull(?1, account) = account"
        " ORDER BY account, name, day",
        account_id,
    )
    return [
        {
            "account": row["account"],
            "path": row["name"],
            "window": row["day"],
            "used": row["used"],
            "limit": minute_limit(store, row["name"]) if ":" in row["day"] else limit(store, row["name"]),
        }
        for row in rows
    ]


def use_up(store: Store, account_id: str, path: str) -> None:
    """Count as many calls as the day allows; nothing happens to a call without a quota."""
    allowed = limit(store, path)
    if allowed is not None:
        day = store.china_day()
        store.run("REPLACE INTO counters VALUES ('wechat', ?, ?, ?, ?)", account_id, path, day, allowed)


def used(store: Store, account_id: str, name: str, day: str | None = None) -> int:
    return (
        store.value(
            "SELECT used FROM counters WHERE platform = 'wechat' AND account = ? AND name = ? AND day = ?",
            account_id,
            name,
            day or store.china_day(),
        )
        or 0
    )


def get(store: Store, call: Call, account: Row) -> Row:
    path = text(json_object(call), "cgi_path", required=True)
    allowed = limit(store, path)
    if allowed is None:
        raise Refusal(47001, "cgi_path")
    spent = used(store, account["id"], path)
    return {**OK, "quota": {"daily_limit": allowed, "used": spent, "remain": max(allowed - spent, 0)}}


def explain(store: Store, call: Call, account: Row) -> Row:
    """Take the rid of a failed call. What the answer explains is in no sheet, so nothing is made up."""
    text(json_object(call), "rid", required=True)
    return OK


def clear(store: Store, call: Call, account: Row) -> Row:
    """Start the day's counts again, ten times a month."""
    if text(json_object(call), "appid") != account["id"]:
        raise Refusal(40013)
    month = store.china_day()[:7]
    with store.transaction():
        if used(store, account["id"], "clear_quota", month) >= CLEARED_PER_MONTH:
            raise Refusal(48006)
        store.run(
            "DELETE FROM counters WHERE platform = 'wechat' AND account = ? AND day = ?",
            account["id"],
            store.china_day(),
        )
        _count(store, account["id"], "clear_quota", month)
    return OK
