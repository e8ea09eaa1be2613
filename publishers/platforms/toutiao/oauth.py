"""Toutiao's OAuth2: docs/platforms/toutiao.md, that of today in section 1, that of 2017–18 in section 2.

Both speak of ``client_key`` and answer inside an envelope. Today's consent lives 30 days and its token 15; it
is refreshed, and extended before it ends. The old one gives a token once, and nothing renews it.
"""

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Any

import requests
from django.utils.translation import gettext as _
from oauthlib.oauth2 import WebApplicationClient

from publishers.http import call, promised
from publishers.interface import (
    AccountSession,
    ConsentInvalid,
    CredentialsInvalid,
    Grant,
    Json,
    PermanentError,
    PublisherError,
    Retry,
)
from publishers.oauth import TokenSession
from publishers.platforms.toutiao.answers import SUCCESS, require_ret

API_URL, AUTH_URL = "https://mp.toutiao.com", "https://open.snssdk.com"
TODAY, OF_2017 = "today", "2017"
AUTHORIZE, ACCESS = AUTH_URL + "/oauth/authorize/", AUTH_URL + "/oauth/access_token/"
REFRESH, EXTEND = AUTH_URL + "/oauth/refresh_token/", AUTH_URL + "/oauth/renew_refresh_token/"
USER = "/oauth/userinfo/"
OLD_AUTHORIZE, OLD_ACCESS = AUTH_URL + "/auth/authorize/", AUTH_URL + "/auth/token/"
PROFILE = "/data/user_profile/"
#: What ``error_code`` says of an application without permission (section 1).
NO_PERMISSION = "16"
#: How long a consent lives where the answer does not say (section 1).
CONSENT_LIVES = dt.timedelta(days=30)
#: A consent that ends within this time is extended with the next token.
EXTENDED_BEFORE = dt.timedelta(days=15)


class Session(TokenSession):
    """All token calls are GET, with everything in the query."""

    names = {"client_id": "client_key"}

    def request(
        self,
        method: str,
        url: str,
        *,
        data: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        **options: Any,  # as in TokenSession
    ) -> requests.Response:
        return super().request("GET", url, params={**(params or {}), **(data or {})})


class OldClient(WebApplicationClient):
    grant_type = "authorize_code"


def is_old(credentials: Mapping[str, str]) -> bool:
    """Return whether the account has the consent of the article call's own time, as is usual."""
    return credentials.get("consent") != TODAY


def auth_url(account: AccountSession) -> str:
    """Return where tokens are given: two hosts in the world; one's own address has both behind it."""
    own = account.base_url.rstrip("/")
    return AUTH_URL if own == API_URL else own


def authorize_url(account: AccountSession, redirect_url: str, state: str) -> str:
    """Return where the account's holder consents."""
    given = account.credentials
    if is_old(given):
        return _session(account, redirect_uri=redirect_url).consent_address(
            OLD_AUTHORIZE, state=state, auth_only="1"
        )
    # Any: of OAuth2Session, which has no types.
    options: dict[str, Any] = {"scope": given["scope"]} if given.get("scope") else {}
    session = _session(account, redirect_uri=redirect_url, **options)
    return session.consent_address(AUTHORIZE, state=state)


def granted(account: AccountSession, code: str) -> Grant:
    """Exchange the code of a consent. Raises CredentialsInvalid, Retry."""
    secret = account.credentials["client_secret"]
    if not is_old(account.credentials):
        token = _session(account).fetch_token(
            ACCESS, method="GET", code=code, include_client_id=True, client_secret=secret
        )
        subject = str(promised(token, "open_id", changes=False))
        return _grant(token, subject=subject, ends_at=_ends_at(None))
    token = _session(account, OldClient).fetch_token(
        OLD_ACCESS, method="GET", code=code, include_client_id=True, client_secret=secret
    )
    subject = str(promised(token, "open_id", changes=False))
    ends_at = _now() + dt.timedelta(seconds=token["expires_in"])
    return Grant(subject, expires_at=ends_at, access=(token["access_token"], token["expires_in"]))


def fetch_token(account: AccountSession) -> tuple[str, int]:
    """Return (token, seconds it lives), by the grant that the account holds.

    Raises ConsentInvalid when there is none, it has ended or is refused; Retry when no answer comes.
    """
    grant = account.grant
    if grant is None or is_old(account.credentials):
        raise ConsentInvalid("Toutiao's token has ended, and only a new consent gives another.")
    if grant.expires_at is not None and grant.expires_at < _now() + EXTENDED_BEFORE:
        grant = _extended(account, grant)
    token = _session(account, refusal=ConsentInvalid).refresh_token(
        REFRESH, refresh_token=grant.refresh_token, client_id=account.credentials["client_key"]
    )
    account.keep(_grant(token, subject=grant.subject, ends_at=grant.expires_at))
    return token["access_token"], token["expires_in"]


def check(account: AccountSession) -> None:
    """Ask who consented: it shows whether the token is taken."""
    given, token = account.credentials, account.token(lambda: fetch_token(account))
    if is_old(given):
        fields = {"access_token": token, "client_key": given["client_key"]}
        answer = call(account.http, "GET", auth_url(account) + PROFILE, changes=False, params=fields)
        require_ret(answer, changes=False)
        return
    fields = {"access_token": token, "open_id": account.grant.subject if account.grant else ""}
    answer = call(account.http, "POST", auth_url(account) + USER, changes=False, data=fields)
    _opened(answer, PermanentError)


def _extended(account: AccountSession, grant: Grant) -> Grant:
    """Exchange the refresh token for one that lives anew; return what is kept."""
    fields = {"client_key": account.credentials["client_key"], "refresh_token": grant.refresh_token}
    url = auth_url(account) + EXTEND.removeprefix(AUTH_URL)
    given = _opened(call(account.http, "GET", url, changes=False, params=fields), ConsentInvalid)
    renewed = str(promised(given, "refresh_token", changes=False))
    extended = Grant(grant.subject, renewed, _ends_at(given.get("expires_in")), grant.scope)
    account.keep(extended)
    return extended


def _grant(token: Mapping[str, Json], *, subject: str, ends_at: dt.datetime | None) -> Grant:
    lives_s = token.get("refresh_expires_in")
    return Grant(
        subject=subject,
        refresh_token=str(promised(dict(token), "refresh_token", changes=False)),
        expires_at=_ends_at(lives_s) if lives_s else ends_at,
        scope=" ".join(token.get("scope") or ()),
        access=(token["access_token"], token["expires_in"]),
    )


def _ends_at(lives_s: Json) -> dt.datetime:
    try:
        lives = dt.timedelta(seconds=int(lives_s)) if lives_s else CONSENT_LIVES
    except (TypeError, ValueError, OverflowError):
        raise Retry("Toutiao's answer does not say how long the consent lives.") from None
    return _now() + lives


def _session(
    account: AccountSession,
    client: type[WebApplicationClient] = WebApplicationClient,
    refusal: type[PublisherError] = CredentialsInvalid,
    **options: Any,  # of OAuth2Session, which has no types
) -> Session:
    opened = _opened_old if client is OldClient else partial(_opened, refusal=refusal)
    return Session(
        account,
        client(account.credentials["client_key"]),
        address=auth_url(account),
        opened=opened,
        **options,
    )


def _opened(answer: dict[str, Json], refusal: type[PublisherError]) -> dict[str, Json]:
    """Return the envelope's data; an error has its code and its words there (section 1)."""
    data = answer.get("data")
    data = data if isinstance(data, dict) else {}
    code = str(data.get("error_code") or 0)
    if answer.get("message") == SUCCESS and code == "0":
        return data
    words = str(data.get("description") or "")
    said = _("Toutiao refuses: {message} (code {code})").format(
        message=words or _("it gives no reason"), code=code
    )
    if code == NO_PERMISSION:
        said = _("Toutiao has not granted the application this permission (code {code}): {message}").format(
            code=code, message=words or _("it gives no reason")
        )
    raise refusal(said, status=200, code=code, body=words)


def _opened_old(answer: dict[str, Json]) -> dict[str, Json]:
    """Return the old envelope's data; its ``expires_in`` is the moment of the end (section 2)."""
    require_ret(answer, changes=False)
    data = answer.get("data")
    data = dict(data) if isinstance(data, dict) else {}
    if str(data.get("expires_in", "")).isdecimal():
        data["expires_in"] = int(data["expires_in"]) - int(_now().timestamp())
    return data


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
