"""Penguin's OAuth2, with grant names of its own, inside Penguin's envelope.

docs/platforms/penguin.md, sections 1 to 3. A content site owns its application (client credentials); a
third-party service is connected: a person consents, and each refresh replaces the refresh token.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import requests
from oauthlib.oauth2 import BackendApplicationClient, Client, WebApplicationClient

from publishers.http import promised
from publishers.interface import (
    AccountSession,
    ConsentInvalid,
    CredentialsInvalid,
    Grant,
    Json,
    PublisherError,
)
from publishers.oauth import TokenSession
from publishers.platforms.penguin.envelope import opened

API_URL, AUTH_URL = "https://api.om.qq.com", "https://auth.om.qq.com"
AUTHORIZE = AUTH_URL + "/omoauth2/authorize"
ACCESS = AUTH_URL + "/omoauth2/accesstoken"
REFRESH = AUTH_URL + "/omoauth2/refreshtoken"
THIRD_PARTY = "third_party"


class ContentSite(BackendApplicationClient):
    """The account that owns the application: client credentials, spelt without the underscore."""

    grant_type = "clientcredentials"


class ThirdParty(WebApplicationClient):
    """An account that authorised the application; the refresh is spelt without the underscore, too."""

    refresh_token_key = "refreshtoken"  # noqa: S105  (the name of a grant)


class Session(TokenSession):
    """Fields are documented in the query, and were seen in a form: they stand in both."""

    def request(
        self,
        method: str,
        url: str,
        *,
        data: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        **options: Any,  # as in TokenSession
    ) -> requests.Response:
        return super().request(method, url, data=data, params=data)


def is_third_party(credentials: Mapping[str, str]) -> bool:
    return credentials.get("application") == THIRD_PARTY


def auth_url(account: AccountSession) -> str:
    """Return where tokens are given: two hosts in the world; one's own address has both behind it."""
    base = account.base_url.rstrip("/")
    return AUTH_URL if base == API_URL else base


def fetch_token(account: AccountSession) -> tuple[str, int]:
    """Return (token, seconds it lives) of an account of either type.

    Raises CredentialsInvalid when Penguin refuses (ConsentInvalid: what the person's consent gave), Retry
    when no answer comes.
    """
    if is_third_party(account.credentials):
        return _refreshed(account)
    token = _session(account, ContentSite).fetch_token(
        ACCESS, include_client_id=True, client_secret=account.credentials["client_secret"]
    )
    return token["access_token"], token["expires_in"]


def authorize_url(account: AccountSession, redirect_url: str, state: str) -> str:
    """Return where the account's holder consents; Penguin does not know PKCE (section 2)."""
    return _session(account, ThirdParty, redirect_uri=redirect_url).consent_address(AUTHORIZE, state=state)


def granted(account: AccountSession, code: str) -> Grant:
    """Exchange the code of a consent. Raises CredentialsInvalid, Retry."""
    token = _session(account, ThirdParty).fetch_token(
        ACCESS, code=code, include_client_id=True, client_secret=account.credentials["client_secret"]
    )
    return _grant(token, subject=str(promised(token, "openid", changes=False)))


def _refreshed(account: AccountSession) -> tuple[str, int]:
    """Renew the access by the refresh token, which Penguin replaces: the new one is kept first."""
    grant = account.grant
    if grant is None:
        raise ConsentInvalid("Nobody has connected the account.")
    token = _session(account, ThirdParty, ConsentInvalid).refresh_token(
        REFRESH, refresh_token=grant.refresh_token, client_id=account.credentials["client_id"]
    )
    account.keep(_grant(token, subject=grant.subject))
    return token["access_token"], token["expires_in"]


def _grant(token: Mapping[str, Json], *, subject: str) -> Grant:
    """Return what Penguin gave; how long the refresh token lives it does not say (section 2)."""
    return Grant(
        subject=subject,
        refresh_token=str(promised(dict(token), "refresh_token", changes=False)),
        scope=" ".join(token.get("scope") or ()),
        access=(token["access_token"], token["expires_in"]),
    )


def _session(
    account: AccountSession,
    client: type[Client],
    refusal: type[PublisherError] = CredentialsInvalid,
    **options: Any,  # of OAuth2Session, which has no types
) -> Session:
    return Session(
        account,
        client(account.credentials["client_id"]),
        address=auth_url(account),
        opened=partial(_opened, refusal=refusal),
        **options,
    )


def _opened(answer: dict[str, Json], refusal: type[PublisherError]) -> dict[str, Json]:
    fields = dict(opened(answer, refusal))
    # So spelt in the old documentation (section 2).
    if misspelt := fields.pop("refresh_toekn", None):
        fields.setdefault("refresh_token", misspelt)
    return fields
