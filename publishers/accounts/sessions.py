"""One account while one job runs."""

import datetime as dt
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from urllib.parse import urlsplit

import requests
from django.utils.translation import gettext as _

from publishers import registry
from publishers.accounts import consents, quotas, sharing, tokens
from publishers.accounts.credentials import decrypt
from publishers.http.outbound import scrub, session
from publishers.interface import (
    API,
    CapabilityMissing,
    Grant,
    Json,
    PermanentError,
    PublisherError,
    Quota,
    storable,
)
from publishers.models import Account, Consent
from publishers.models.addresses import callback_url

# A job asks for its token at each call; one that ends meanwhile is refused, and asked for anew.
TOKEN_KEPT_S = 10
# A question that changes nothing is asked again; a call with an effect is waited for as its plugin says.
LOOK_S = 10
# Of what a platform says so much is kept, and so much is searched for parameters that hold secrets.
KEPT_CHARS, READ_CHARS = 500, 64 * 1024


class EngineAccount:
    """Implements ``interface.AccountSession``."""

    def __init__(
        self,
        account: Account,
        *,
        transport: str | None = None,
        slow: bool = False,
        before_call: Callable[[], None] | None = None,
    ):
        """``transport`` is the delivery's, None: the account's own.

        ``slow`` is for looks that can wait: they leave the calls that a quota keeps for others, and wait for
        no answer longer than LOOK_S. ``before_call`` may refuse any call that is about to leave.
        """
        self.transport = transport or account.transport
        platform = registry.get(account.platform, self.transport).platform
        self._contract_missing = self.transport == API and platform.contract and not account.contract.strip()
        self.row = account
        self.number, self.name = account.pk, account.name
        self.callback_url = callback_url(account.pk)
        self.base_url = (account.base_url or platform.base_url).rstrip("/")
        self.capabilities = frozenset(account.capabilities)
        self.credentials: Mapping[str, str] = decrypt(account.credentials)
        self._session = session(before=self._before_call, undone=self.note_undone)
        self._session.longest_s = LOOK_S if slow else None
        self._session.own = self.base_url if self.transport == API else ""
        self.http: requests.Session = self._session
        self._slow, self._refuses = slow, before_call
        self._quotas = {quota.path: quota for quota in platform.quotas}
        self._called: Quota | None = None
        self._spent_at: dt.datetime | None = None
        self._secrets = {field.name for field in platform.credentials if field.secret}
        self._tokens: set[str] = set()
        self._token: str | None = None
        self._token_until = 0.0

    def __repr__(self) -> str:
        return f"EngineAccount({self.name})"

    @contextmanager
    def hurried(self) -> Iterator[None]:
        """Wait for no answer longer than LOOK_S inside the block, in which nothing is changed anywhere."""
        before, self._session.longest_s = self._session.longest_s, LOOK_S
        try:
            yield
        finally:
            self._session.longest_s = before

    @contextmanager
    def sparing(self) -> Iterator[None]:
        before, self._slow = self._slow, True
        try:
            yield
        finally:
            self._slow = before

    @cached_property
    def _consent(self) -> Consent | None:
        return consents.of(self.row)

    @cached_property
    def grant(self) -> Grant | None:
        if self._consent is None:
            return None
        grant = consents.grant_of(self._consent)
        self._tokens.add(grant.refresh_token)
        return grant

    def keep(self, grant: Grant) -> None:
        self._tokens.add(grant.refresh_token)
        if self._consent is None:
            raise PermanentError(_("An account that nobody connected has no consent to renew."))
        consents.keep(self._consent, grant)
        self.grant = grant

    def token(self, fetch: Callable[[], tuple[str, int]], *, refused: str | None = None) -> str:
        """Return the token, which the database is asked for once in TOKEN_KEPT_S."""
        if self._token is None or self._token == refused or time.monotonic() > self._token_until:
            self._token = tokens.token(self.row, lambda: self._fetched(fetch), refused=refused)
            self._token_until = time.monotonic() + TOKEN_KEPT_S
            self._tokens.add(self._token)
        return self._token

    def _fetched(self, fetch: Callable[[], tuple[str, int]]) -> tuple[str, int]:
        """Fetch with the grant as it is stored now: another process may have replaced it meanwhile."""
        for name in ("grant", "_consent"):
            self.__dict__.pop(name, None)
        return fetch()

    def shared(self, name: str, ask: Callable[[Json], tuple[Json, float]]) -> Json:
        return sharing.shared(self.row, name, ask)

    def note_used_up(self) -> None:
        """Note that the platform refused the last call for its quota, so that nobody asks again today."""
        if self._called is not None:
            quotas.use_up(self.row, self._called)

    def note_undone(self) -> None:
        """Note that nobody carried the last call out: it costs nothing of its quota. Once for each call."""
        if self._called is not None and self._spent_at is not None:
            quotas.give_back(self.row, self._called, self._spent_at)
        self._spent_at = None

    def _before_call(self, url: str) -> None:
        """Refuse what no paper permits, and count the call. Raises CapabilityMissing, QuotaExceeded.

        Here, since no call to the platform leaves on another way.
        """
        if self._contract_missing:
            raise CapabilityMissing(
                "publish",
                _("Nothing was sent: {account} has no contract for the platform's interface.").format(
                    account=self.row
                ),
            )
        if self._refuses is not None:
            self._refuses()
        path = urlsplit(url).path.removeprefix(urlsplit(self.base_url).path)
        self._called, self._spent_at = self._quotas.get(path), None
        if self._called is not None:
            self._spent_at = quotas.spend(self.row, self._called, slow=self._slow)

    def evidence(self, error: Exception, *secrets: str) -> dict[str, str]:
        """Return what is kept of an error: what the platform said, without a secret, also not ``secrets``."""
        found = {"message": str(error) or type(error).__name__}
        if isinstance(error, PublisherError):
            found |= {"code": str(error.code), "request_id": error.request_id, "body": error.body}
            if error.status is not None:
                found["status"] = str(error.status)
        return {name: storable(self._without(secrets, str(text))) for name, text in found.items() if text}

    def _without(self, more: Iterable[str], text: str) -> str:
        """Return what is kept of ``text``, cut when the secrets are gone: a half would not be known by."""
        secrets = {self.credentials[name] for name in self._secrets if self.credentials.get(name)}
        for secret in secrets | self._tokens | set(more):
            text = text.replace(secret, "***") if secret else text
        return scrub(text[:READ_CHARS])[:KEPT_CHARS]
