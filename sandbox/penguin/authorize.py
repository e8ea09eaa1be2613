"""The page where an account holder agrees: docs/platforms/penguin.md, section 2, ``/omoauth2/authorize``."""

from collections.abc import Mapping

from .. import consent
from ..store import Row, Store
from . import tokens


def request_of(store: Store, query: Mapping[str, str]) -> Row | None:
    """Return the application that asks (its row), or None when the address is not a proper request."""
    proper = query.get("response_type") == "code" and consent.is_web(query.get("redirect_uri", ""))
    return store.account("penguin", query.get("client_id", "")) if proper else None


def agreed(store: Store, query: Mapping[str, str], account_id: str) -> str:
    """Return where the browser goes when the holder of ``account_id`` agreed: ``code`` and ``state``."""
    code = tokens.authorisation_code(store, query["client_id"], account_id)
    return consent.way_back(query, code=code)
