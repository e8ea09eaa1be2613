"""Who calls, and whether it is so: part B of the contract, read and written here once more from its text."""

import hashlib
import hmac
import secrets

from ..calls import Call
from ..store import Row, Store
from .answers import Refusal

WINDOW_S = 300


def known_account(store: Store, call: Call) -> str:
    """Return the id of the account that a call names, or nothing."""
    key = call.headers.get("x-hub-key", "")
    return key if store.account(call.platform, key) else ""


def signature(secret: str, method: str, path: str, timestamp: str, nonce: str, body: bytes) -> str:
    text = "\n".join([method, path, timestamp, nonce, hashlib.sha256(body).hexdigest()])
    return "v1=" + hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def headers(account: str, secret: str, method: str, path: str, body: bytes, now: float) -> dict[str, str]:
    timestamp, nonce = str(int(now)), secrets.token_hex(16)
    return {
        "X-Hub-Key": account,
        "X-Hub-Timestamp": timestamp,
        "X-Hub-Nonce": nonce,
        "X-Hub-Signature": signature(secret, method, path, timestamp, nonce, body),
    }


def proved(store: Store, call: Call) -> Row:
    """Return the account; raises Refusal 401 for what is not proved, 403 for who may not publish."""
    account = store.account(call.platform, call.headers.get("x-hub-key", ""))
    given = {name: call.headers.get(f"x-hub-{name}", "") for name in ("timestamp", "nonce", "signature")}
    if account is None:
        raise Refusal(401, "key", "不认识这个 X-Hub-Key。")
    path = f"/{call.platform}{call.path}"
    wanted = signature(account["secret"], call.method, path, given["timestamp"], given["nonce"], call.body)
    if not hmac.compare_digest(wanted.encode(), given["signature"].encode()):
        raise Refusal(401, "signature", "签名不对。")
    if not given["timestamp"].isdecimal() or abs(int(given["timestamp"]) - store.now()) > WINDOW_S:
        raise Refusal(401, "timestamp", "时间戳与现在相差超过 300 秒。")
    if len(given["nonce"]) < 16:
        raise Refusal(401, "nonce", "随机串至少 16 个字符。")
    _use(store, call.platform, account["id"], given["nonce"])
    if "publish" not in account["capabilities"]:
        raise Refusal(403, "forbidden", "这个账号没有发布权限。")
    return account


def _use(store: Store, platform: str, account: str, nonce: str) -> None:
    store.run("DELETE FROM push_nonces WHERE ends_at < ?", store.now())
    added = store.run(
        "INSERT OR IGNORE INTO push_nonces VALUES (?, ?, ?, ?)",
        platform,
        account,
        nonce,
        store.now() + 2 * WINDOW_S,
    )
    if not added:
        raise Refusal(401, "nonce", "随机串已经用过。")
