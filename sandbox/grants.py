"""Tokens and codes that a platform gave out: made, looked up, used up."""

import secrets

from .store import Row, Store


def mint(
    store: Store, platform: str, account_id: str, kind: str, life_s: float, app: str = "", scope: str = ""
) -> Row:
    """Make a token of a kind for an account and return its row; ``app`` is the application behind it."""
    now = store.now()
    row: Row = {
        "token": secrets.token_hex(20).upper(),
        "platform": platform,
        "account": account_id,
        "kind": kind,
        "made_at": now,
        "expires_at": now + life_s,
        "app": app,
        "scope": scope,
    }
    store.insert("tokens", **row)
    return row


def living(store: Store, platform: str, token: str, *kinds: str) -> Row | None:
    """Return the row of a token of one of these kinds that is still good, or None."""
    row = store.one(
        "SELECT * FROM tokens WHERE platform = ? AND token = ? AND NOT retired AND expires_at > ?",
        platform,
        token,
        store.now(),
    )
    return row if row and row["kind"] in kinds else None


def spend(store: Store, platform: str, token: str, kind: str) -> Row | None:
    """Use up a code or refresh token and return its row, or None when it is not good."""
    with store.transaction():
        row = living(store, platform, token, kind)
        if row:
            store.run("UPDATE tokens SET retired = 1 WHERE token = ?", token)
    return row


def expire(
    store: Store, account: str | None = None, platform: str | None = None, kind: str | None = None
) -> int:
    """Let the tokens of an account (None: of all) end now; return how many did.

    Refresh tokens end only when they are asked for as ``kind`` "refresh".
    """
    return store.run(
        "UPDATE tokens SET expires_at = ?1 WHERE expires_at > ?1 AND ifnull(?4, kind) = kind"
        " AND (kind <> 'refresh' OR ?4 IS NOT NULL)"
        " AND ifnull(?2, account) = account AND ifnull(?3, platform) = platform",
        store.now(),
        account,
        platform,
        kind,
    )


def revoke(store: Store, platform: str, account: str, app: str) -> int:
    """End all that an account's holder let an application do; return how many tokens that were."""
    return store.run(
        "UPDATE tokens SET retired = 1 WHERE platform = ? AND account = ? AND app = ? AND NOT retired",
        platform,
        account,
        app,
    )


def consents(store: Store) -> list[Row]:
    """Return which applications may speak for which accounts: platform, account, app."""
    return store.all(
        "SELECT DISTINCT platform, account, app FROM tokens"
        " WHERE kind IN ('auth', 'refresh', 'article') AND NOT retired AND expires_at > ?"
        " ORDER BY platform, account, app",
        store.now(),
    )
