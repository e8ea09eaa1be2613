"""Penguin's client credentials: OAuth2 with a grant name of its own, inside Penguin's envelope.

docs/platforms/penguin.md, sections 2 and 3.
"""

import json

import requests
from oauthlib.oauth2 import BackendApplicationClient
from requests_oauthlib import OAuth2Session

from publishers.interface import AccountSession, CredentialsInvalid
from publishers.penguin.envelope import opened
from publishers.remote import CONNECT_S, READ_S, guarded, read

AUTH_URL, PATH = "https://auth.om.qq.com", "/omoauth2/accesstoken"


class ContentSite(BackendApplicationClient):
    """The account that owns the application: client credentials, spelt without the underscore."""

    grant_type = "clientcredentials"


class TokenSession(OAuth2Session):
    """Sends through the account's own connection, with whatever guards it, to the account's address.

    OAuth's library takes https addresses only. Which hosts may be called without it (the sandbox) is for the
    account's connection to say, so the library sees Penguin's public address.
    """

    def __init__(self, account: AccountSession, address: str):
        super().__init__(client=ContentSite(client_id=account.credentials["client_id"]))
        self._http, self._address = account.http, address
        self.register_compliance_hook("access_token_response", _unwrapped)

    def request(self, method, url, *, data, **options):
        # Not to ``url``: that is the public address. The fields are documented in the query, and were seen in
        # a form: they stand in both.
        options |= {"params": data, "data": data, "allow_redirects": False}
        return guarded(lambda: self._http.request(method, self._address, **options), changes=False)


def fetch_token(account: AccountSession, auth_url: str) -> tuple[str, int]:
    """Return (token, seconds it lives). Such a token cannot be refreshed; a new one is fetched.

    Raises CredentialsInvalid when Penguin refuses, Retry when no answer comes.
    """
    token = TokenSession(account, auth_url + PATH).fetch_token(
        AUTH_URL + PATH,
        include_client_id=True,
        client_secret=account.credentials["client_secret"],
        timeout=(CONNECT_S, READ_S),
    )
    return token["access_token"], int(token["expires_in"])


def _unwrapped(answer: requests.Response) -> requests.Response:
    """Return the answer as OAuth has it: the envelope's data."""
    plain = requests.Response()
    plain.status_code, plain.encoding = 200, "utf-8"
    plain._content = json.dumps(opened(read(answer, changes=False), CredentialsInvalid)).encode()
    return plain
