"""requests-oauthlib for platforms whose OAuth is nearly the standard's: through the account's own connection.

The library takes https addresses only. Which hosts may be called without (the sandbox) is for the account's
connection to say, so the library sees the platform's public address, and the call goes where the account is.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests
from oauthlib.oauth2 import Client
from requests_oauthlib import OAuth2Session

from publishers.http import CONNECT_S, READ_S, guarded, promised, read_answer
from publishers.interface import AccountSession, Json, Retry

TIMEOUT = (CONNECT_S, READ_S)


class TokenSession(OAuth2Session):
    """Sends what OAuth's library makes for ``public`` to ``address``, with whatever guards the connection.

    ``opened`` takes the JSON object that was answered and returns the fields as OAuth has them, or raises.
    """

    #: OAuth's name of a field → the platform's.
    names: ClassVar[Mapping[str, str]] = {}

    def __init__(
        self,
        account: AccountSession,
        client: Client,
        *,
        address: str,
        opened: Callable[[dict[str, Json]], dict[str, Json]],
        **options: Any,  # of OAuth2Session, which has no types
    ) -> None:
        super().__init__(client=client, **options)
        self._http, self._address, self._opened = account.http, address, opened
        for kind in ("access_token_response", "refresh_token_response"):
            self.register_compliance_hook(kind, self._plain)

    def request(
        self,
        method: str,
        url: str,
        *,
        data: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        **_options: Any,  # what OAuth's library wants of a connection, which is the account's here
    ) -> requests.Response:
        """Send a token call. What the platform wants in another place, a subclass of it puts there."""
        address = self._address + urlsplit(url).path
        form, query = self._named(data or {}), self._named(params or {})
        send = lambda: self._http.request(  # noqa: E731
            method, address, data=form, params=query, timeout=TIMEOUT, allow_redirects=False
        )
        return guarded(send, changes=False)

    def consent_address(self, url: str, **more: str) -> str:
        """Return where a person consents, at the account's address."""
        asked = urlsplit(self.authorization_url(url, **more)[0])
        fields = self._named(dict(parse_qsl(asked.query)))
        return f"{self._address}{asked.path}?{urlencode(fields)}"

    def _named(self, fields: Mapping[str, str]) -> dict[str, str]:
        return {self.names.get(name, name): value for name, value in fields.items()}

    def _plain(self, answer: requests.Response) -> requests.Response:
        """Return the answer as OAuth has it, without the platform's envelope."""
        fields = dict(self._opened(read_answer(answer, changes=False)))
        promised(fields, "access_token", changes=False)
        try:
            fields["expires_in"] = int(promised(fields, "expires_in", changes=False))
        except (TypeError, ValueError):
            raise Retry("The platform's answer does not say how long the token lives.") from None
        plain = requests.Response()
        plain.status_code, plain.encoding = 200, "utf-8"
        plain._content = json.dumps(fields).encode()
        return plain
