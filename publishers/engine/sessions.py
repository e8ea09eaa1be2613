"""One account while one job runs."""

from collections.abc import Callable

from publishers import registry
from publishers.credentials import unseal
from publishers.engine import tokens
from publishers.interface import PublisherError
from publishers.models import Account
from publishers.outbound import scrub, session


class EngineAccount:
    """Implements ``interface.AccountSession``."""

    def __init__(self, account: Account):
        self.row = account
        self.name = account.name
        self.base_url = (account.base_url or registry.get(account.platform).platform.base_url).rstrip("/")
        self.capabilities = frozenset(account.capabilities)
        self.credentials = unseal(account.credentials)
        self.http = session()
        self._secrets = {
            field.name for field in registry.get(account.platform).platform.credentials if field.secret
        }
        self._tokens: set[str] = set()

    def __repr__(self) -> str:
        return f"EngineAccount({self.name})"

    def token(self, fetch: Callable[[], tuple[str, int]], *, refused: str | None = None) -> str:
        token = tokens.token(self.row, fetch, refused=refused)
        self._tokens.add(token)
        return token

    def evidence(self, error: Exception) -> dict:
        """Return what is kept of an error: what the platform said, without a secret."""
        found = {"message": str(error)[:500]}
        if isinstance(error, PublisherError):
            found |= {"code": str(error.code), "request_id": error.request_id, "body": error.body}
            if error.status is not None:
                found["status"] = str(error.status)
        return {name: self._without_secrets(text) for name, text in found.items() if text}

    def _without_secrets(self, text: str) -> str:
        secrets = {self.credentials[name] for name in self._secrets if self.credentials.get(name)}
        for secret in secrets | self._tokens:
            text = text.replace(secret, "***")
        return scrub(text)
