"""Penguin's OAuth: docs/platforms/penguin.md, section 2. Served under the same base URL as the API."""

import secrets
from collections.abc import Mapping

from .. import grants
from ..calls import Call
from ..store import Row, Store
from .answers import BAD_CLIENT, BAD_PARAMETER, BAD_TOKEN, Refusal, accepted
from .reading import parameters

CODE_S = 300
#: The life of a refresh_token is not known; it is replaced at every use anyway.
REFRESH_S = 30 * 86400


def access_token(store: Store, call: Call) -> Row:
    """grant_type clientcredentials (own account) or authorization_code (an account that authorised)."""
    given = parameters(store, call, ("grant_type", "client_id", "client_secret", "code"))
    client = _client(store, given)
    if not secrets.compare_digest(given.get("client_secret", "").encode(), client["secret"].encode()):
        raise Refusal(BAD_CLIENT, "client_secret error")
    if given.get("grant_type") == "clientcredentials":
        row = _mint(store, client["id"], "client")
        return accepted(_shown(store, row, client))
    if given.get("grant_type") == "authorization_code":
        return accepted(_authorised(store, client["id"], _spent(store, given.get("code", ""), "code")))
    raise Refusal(BAD_PARAMETER, "grant_type error")


def refresh_token(store: Store, call: Call) -> Row:
    """Replace both tokens of an authorisation; content-site tokens have nothing to refresh."""
    given = parameters(store, call, ("grant_type", "client_id", "refresh_token"))
    client = _client(store, given)
    if given.get("grant_type") != "refreshtoken":
        raise Refusal(BAD_PARAMETER, "grant_type error")
    return accepted(
        _authorised(store, client["id"], _spent(store, given.get("refresh_token", ""), "refresh"))
    )


def check_token(store: Store, call: Call) -> Row:
    given = parameters(store, call, ())
    token, openid = given.get("access_token", ""), given.get("openid", "")
    row = _living(store, token)
    account = row and store.account("penguin", row["account"])
    return accepted({"openid": openid, "validity": account is not None and account["openid"] == openid})


def account_of(store: Store, call: Call, infix: str) -> Row:
    """Return the account whose living token came with the call; sets ``call.account``."""
    given = call.query | call.form
    row = _living(store, given.get("access_token", ""))
    if row is None or row["kind"] != infix:
        raise Refusal(BAD_TOKEN, "invalid access_token or access_token expired")
    call.account = row["account"]
    account = store.holder("penguin", row["account"])
    if infix == "auth" and given.get("openid") != account["openid"]:
        raise Refusal(BAD_PARAMETER, "openid error")
    return account


def authorisation_code(store: Store, client_id: str, account_id: str) -> str:
    """Return the code that goes back to the application after the account holder agreed."""
    return _mint(store, account_id, "code", client_id, CODE_S)["token"]


def known_account(store: Store, call: Call) -> str:
    """Return whose call this probably is, for faults and the call list, without judging it."""
    given = call.query | call.form
    token = given.get("access_token")
    if token:
        return store.value("SELECT account FROM tokens WHERE platform = 'penguin' AND token = ?", token) or ""
    return given.get("client_id", "")


def _client(store: Store, given: Mapping[str, str]) -> Row:
    client = store.account("penguin", given.get("client_id", ""))
    if client is None:
        raise Refusal(BAD_CLIENT, "client_id error")
    return client


def _living(store: Store, token: str) -> Row | None:
    return grants.living(store, "penguin", token, "client", "auth")


def _spent(store: Store, token: str, kind: str) -> Row:
    """Use up a code or refresh_token and return its row."""
    row = grants.spend(store, "penguin", token, kind)
    if row is None:
        raise Refusal(BAD_TOKEN, f"{kind} invalid or expired")
    return row


def _authorised(store: Store, client_id: str, spent: Row) -> Row:
    if spent["app"] != client_id:
        raise Refusal(BAD_CLIENT, "client_id error")
    account = store.holder("penguin", spent["account"])
    row = _mint(store, account["id"], "auth", client_id)
    fresh = _mint(store, account["id"], "refresh", client_id, REFRESH_S)
    name = "refresh_toekn" if store.setting("penguin_misspelt_refresh") else "refresh_token"
    return {**_shown(store, row, account), name: fresh["token"], "scope": "all"}


def _mint(store: Store, account_id: str, kind: str, app: str = "", life_s: float | None = None) -> Row:
    return grants.mint(store, "penguin", account_id, kind, life_s or store.setting("token_ttl_s"), app)


def _shown(store: Store, row: Row, account: Row) -> Row:
    expires_in = int(row["expires_at"] - row["made_at"])
    return {"access_token": row["token"], "expires_in": expires_in, "openid": account["openid"]}
