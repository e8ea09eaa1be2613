"""Today's OAuth: docs/platforms/toutiao.md, section 1.

The sheet names the calls, lifetimes and the shape of an error. It names no parameters besides those of
``authorize``, so the standard's are taken (RFC 6749, with Toutiao's ``client_key``) and nothing else is
asked. Scopes are ``toutiao.*``; which there are, only its console says. Nor does the sheet say what a bad
token's error_code is: 10002, "bad parameter", stands for it.
"""

import secrets
from collections.abc import Mapping

from .. import consent, grants
from ..calls import Call
from ..store import Json, Row, Store
from .answers import Refused

NO_PERMISSION, BAD_PARAMETER, MISSING_PARAMETER = 16, 10002, 10005
CODE_S, ACCESS_S, REFRESH_S = 300, 15 * 86400, 30 * 86400


def request_of(store: Store, query: Mapping[str, str]) -> Row | None:
    """Return the application that asks (its row), or None when the address is not a proper request."""
    proper = query.get("response_type") == "code" and consent.is_web(query.get("redirect_uri", ""))
    scopes = query.get("scope", "").replace(",", " ").split()
    if not proper or not all(name.startswith("toutiao.") for name in scopes):
        return None
    return store.account("toutiao", query.get("client_key", ""))


def agreed(store: Store, query: Mapping[str, str], account_id: str) -> str:
    """Return where the browser goes when the holder of ``account_id`` agreed: ``code`` and ``state``."""
    code = grants.mint(
        store, "toutiao", account_id, "code", CODE_S, query["client_key"], query.get("scope", "")
    )
    return consent.way_back(query, code=code["token"])


def access_token(store: Store, call: Call) -> Row:
    app = _application(store, call)
    _grant_type(call, "authorization_code")
    spent = grants.spend(store, "toutiao", _given(call, "code"), "code")
    if spent is None or spent["app"] != app["id"]:
        raise Refused(BAD_PARAMETER, "code 无效或已过期")
    fresh = _minted(store, spent, "refresh", REFRESH_S)
    return _told(store, _minted(store, spent, "auth", ACCESS_S), fresh)


def refresh_token(store: Store, call: Call) -> Row:
    """Give a new access token; the refresh token stays as it is."""
    _grant_type(call, "refresh_token")
    row = _refreshable(store, call)
    return _told(store, _minted(store, row, "auth", ACCESS_S), row)


def renew_refresh_token(store: Store, call: Call) -> Row:
    """Replace the refresh token by one with a whole life ahead."""
    row = _refreshable(store, call)
    grants.spend(store, "toutiao", row["token"], "refresh")
    fresh = _minted(store, row, "refresh", REFRESH_S)
    return _success(refresh_token=fresh["token"], expires_in=_life(fresh))


def client_token(store: Store, call: Call) -> Row:
    app = _application(store, call)
    row = grants.mint(store, "toutiao", app["id"], "client", store.setting("token_ttl_s"), app["id"])
    return _success(access_token=row["token"], expires_in=_life(row))


def userinfo(store: Store, call: Call) -> Row:
    row = grants.living(store, "toutiao", _given(call, "access_token"), "auth")
    account = row and store.account("toutiao", row["account"])
    if account is None:
        raise Refused(BAD_PARAMETER, "access_token 无效或已过期")
    if _given(call, "open_id") != account["openid"]:
        raise Refused(BAD_PARAMETER, "open_id 不对")
    picture = f"{call.base_url}/toutiao/avatar/{account['id']}.svg"
    return _success(open_id=account["openid"], nickname=account["name"], avatar=picture)


def _application(store: Store, call: Call) -> Row:
    app = store.account("toutiao", _given(call, "client_key"))
    if app is None or not secrets.compare_digest(
        _given(call, "client_secret").encode(), app["secret"].encode()
    ):
        raise Refused(BAD_PARAMETER, "client_key 或 client_secret 不对")
    if "publish" not in app["capabilities"]:
        raise Refused(NO_PERMISSION, "应用没有权限")
    return app


def _refreshable(store: Store, call: Call) -> Row:
    row = grants.living(store, "toutiao", _given(call, "refresh_token"), "refresh")
    if row is None or row["app"] != _given(call, "client_key"):
        raise Refused(BAD_PARAMETER, "refresh_token 无效或已过期")
    return row


def _grant_type(call: Call, wanted: str) -> None:
    if _given(call, "grant_type") != wanted:
        raise Refused(BAD_PARAMETER, "grant_type 不对")


def _given(call: Call, name: str) -> str:
    value = (call.query | call.form).get(name)
    if not value:
        raise Refused(MISSING_PARAMETER, f"缺少参数 {name}")
    return value


def _minted(store: Store, row: Row, kind: str, life_s: float) -> Row:
    return grants.mint(store, "toutiao", row["account"], kind, life_s, row["app"], row["scope"])


def _told(store: Store, row: Row, refresh: Row) -> Row:
    return _success(
        access_token=row["token"],
        expires_in=_life(row),
        refresh_token=refresh["token"],
        refresh_expires_in=round(refresh["expires_at"] - store.now()),
        open_id=store.holder("toutiao", row["account"])["openid"],
        scope=row["scope"],
    )


def _life(row: Row) -> int:
    return int(row["expires_at"] - row["made_at"])


def _success(**data: Json) -> Row:
    return {"message": "success", "data": {"error_code": 0, "description": "", **data}}
