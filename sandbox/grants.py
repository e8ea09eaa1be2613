"""Tokens and codes that a platform gave out: made, looked up, used up."""

import secrets


def mint(store, platform, account_id, kind, life_s, app="", scope=""):
    """Make a token of a kind for an account and return its row; ``app`` is the application behind it."""
    now = store.now()
    row = {
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


def living(store, platform, token, *kinds):
    """Return the row of a token of one of these kinds that is still good, or None."""
    row = store.one(
        "SELECT * FROM tokens WHERE platform = ? AND token = ? AND NOT retired AND expires_at > ?",
        platform,
        token,
        store.now(),
    )
    return row if row and row["kind"] in kinds else None


def spend(store, platform, token, kind):
    """Use up a code or refresh token and return its row, or None when it is not good."""
    with store.transaction():
        row = living(store, platform, token, kind)
        if row:
            store.run("UPDATE tokens SET retired = 1 WHERE token = ?", token)
    return row


def expire(store, account=None, platform=None, kind=None):
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


def revoke(store, platform, account, app):
    """End all that an account's holder let an application do; return how many tokens that were."""
    return store.run(
        "UPDATE tokens SET retired = 1 WHERE platform = ? AND account = ? AND app = ? AND NOT retired",
        platform,
        account,
        app,
    )


def consents(store):
    """Return which applications may speak for which accounts: platform, account, app."""
    return store.all(
        "SELECT DISTINCT platform, account, app FROM tokens"
        " WHERE kind IN ('auth', 'refresh', 'article') AND NOT retired AND expires_at > ?"
        " ORDER BY platform, account, app",
        store.now(),
    )
