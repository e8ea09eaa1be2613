"""Daily quotas of a new account: docs/platforms/wechat.md, section 10."""

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
}
CLEARED_PER_MONTH = 10


def limit(store, path):
    """Return the daily quota of a call, or None when the sheet states none."""
    return store.setting("wechat_daily_quota").get(path, PER_DAY.get(path))


def spend(store, account_id, path):
    """Count one call; over the day's quota it is refused with 45009."""
    allowed = limit(store, path)
    if allowed is None:
        return
    with store.transaction():
        if used(store, account_id, path) >= allowed:
            raise Refusal(45009)
        store.run(
            "INSERT INTO counters VALUES ('wechat', ?, ?, ?, 1)"
            " ON CONFLICT (platform, account, name, day) DO UPDATE SET used = used + 1",
            account_id,
            path,
            store.china_day(),
        )


def use_up(store, account_id, path):
    """Count as many calls as the day allows; nothing happens to a call without a quota."""
    allowed = limit(store, path)
    if allowed is not None:
        day = store.china_day()
        store.run("REPLACE INTO counters VALUES ('wechat', ?, ?, ?, ?)", account_id, path, day, allowed)


def used(store, account_id, name, day=None):
    return (
        store.value(
            "SELECT used FROM counters WHERE platform = 'wechat' AND account = ? AND name = ? AND day = ?",
            account_id,
            name,
            day or store.china_day(),
        )
        or 0
    )


def get(store, call, account):
    path = text(json_object(call), "cgi_path", required=True)
    allowed = limit(store, path)
    if allowed is None:
        raise Refusal(47001, "cgi_path")
    spent = used(store, account["id"], path)
    return {**OK, "quota": {"daily_limit": allowed, "used": spent, "remain": max(allowed - spent, 0)}}


def clear(store, call, account):
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
        store.run(
            "INSERT INTO counters VALUES ('wechat', ?, 'clear_quota', ?, 1)"
            " ON CONFLICT (platform, account, name, day) DO UPDATE SET used = used + 1",
            account["id"],
            month,
        )
    return OK
