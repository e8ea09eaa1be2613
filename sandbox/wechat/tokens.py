"""Access tokens: the stable one, the legacy one, and the check at every other call.

docs/platforms/wechat.md, section 2.
"""

import re
import secrets

from ..calls import Call
from ..store import Row, Store
from .answers import Refusal
from .reading import json_object, text

ROLL_S = 300
FORCED_PER_DAY = 20
FORCED_APART_S = 30
SHAPE = re.compile(r"\d+_[\w-]{60,500}")


def stable_token(store: Store, call: Call) -> Row:
    """Same token while it lives; rolled five minutes before its end, when old and new both work."""
    body = json_object(call)
    call.account = text(body, "appid")
    text(body, "secret")
    _check_credentials(store, body)
    force = body.get("force_refresh", False)
    if not isinstance(force, bool):
        raise Refusal(47001, "force_refresh is a bool")
    with store.transaction():
        current = _living(store, call.account)
        if force and _may_force(store, call.account, current):
            store.run("UPDATE tokens SET retired = 1 WHERE account = ? AND kind = 'stable'", call.account)
            current = None
        return _shown(store, current or _mint(store, call.account, "stable"))


def legacy_token(store: Store, call: Call) -> Row:
    """Every call mints a token and retires the one before. It never touches the stable token."""
    call.account = call.query.get("appid", "")
    _check_credentials(store, call.query)
    with store.transaction():
        store.run("UPDATE tokens SET retired = 1 WHERE account = ? AND kind = 'legacy'", call.account)
        return _shown(store, _mint(store, call.account, "legacy"))


def account_of(store: Store, call: Call) -> Row:
    """Return the account whose living token came with the call; sets ``call.account``."""
    token = call.query.get("access_token", "")
    if not SHAPE.fullmatch(token):
        raise Refusal(40014)
    row = store.one("SELECT * FROM tokens WHERE platform = 'wechat' AND token = ?", token)
    if row is None:
        raise Refusal(40001)
    call.account = row["account"]
    if row["retired"]:
        raise Refusal(40001)
    if row["expires_at"] <= store.now():
        raise Refusal(42001)
    return store.holder("wechat", row["account"])


def known_account(store: Store, call: Call) -> str:
    """Return whose call this probably is, for faults and the call list, without judging it."""
    token = call.query.get("access_token")
    if token:
        return store.value("SELECT account FROM tokens WHERE platform = 'wechat' AND token = ?", token) or ""
    if call.path == "/cgi-bin/stable_token":
        try:
            return str(json_object(call).get("appid", ""))
        except Refusal:
            return ""
    return call.query.get("appid", "")


def _check_credentials(store: Store, given: Row) -> None:
    if given.get("grant_type") != "client_credential":
        # The sheet names no code for it.
        raise Refusal(47001, "grant_type")
    account = store.account("wechat", given.get("appid", ""))
    if account is None:
        raise Refusal(40013)
    if not given.get("secret"):
        raise Refusal(41004)
    if not secrets.compare_digest(str(given["secret"]).encode(), account["secret"].encode()):
        raise Refusal(40125)


def _living(store: Store, account: str) -> Row | None:
    """Return the stable token that has more than the rolling span left, or None."""
    # A short life, set for a test, must not make every token look old.
    margin = min(ROLL_S, store.setting("token_ttl_s") / 2)
    return store.one(
        "SELECT * FROM tokens WHERE platform = 'wechat' AND account = ? AND kind = 'stable'"
        " AND NOT retired AND expires_at > ? ORDER BY made_at DESC",
        account,
        store.now() + margin,
    )


def _may_force(store: Store, account: str, current: Row | None) -> bool:
    if current and store.now() - current["made_at"] < FORCED_APART_S:
        return False
    day = store.china_day()
    store.run("INSERT OR IGNORE INTO counters VALUES ('wechat', ?, 'force_refresh', ?, 0)", account, day)
    used = store.value(
        "UPDATE counters SET used = used + 1"
        " WHERE platform = 'wechat' AND account = ? AND name = 'force_refresh' AND day = ? RETURNING used",
        account,
        day,
    )
    if used > FORCED_PER_DAY:
        raise Refusal(45009, "force_refresh")
    return True


def _mint(store: Store, account: str, kind: str) -> Row:
    now = store.now()
    row = {
        "token": f"{secrets.randbelow(90) + 10}_{secrets.token_urlsafe(96)}",
        "platform": "wechat",
        "account": account,
        "kind": kind,
        "made_at": now,
        "expires_at": now + store.setting("token_ttl_s"),
    }
    store.insert("tokens", **row)
    return row


def _shown(store: Store, row: Row) -> Row:
    return {"access_token": row["token"], "expires_in": int(row["expires_at"] - store.now())}
