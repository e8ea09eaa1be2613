"""The page where an account holder agrees: docs/platforms/penguin.md, section 2, ``/omoauth2/authorize``."""

from urllib.parse import urlencode, urlsplit

from . import tokens


def request_of(store, query):
    """Return the application that asks (its row), or None when the address is not a proper request."""
    address = urlsplit(query.get("redirect_uri", ""))
    proper = query.get("response_type") == "code" and address.scheme in ("http", "https") and address.netloc
    return store.account("penguin", query.get("client_id", "")) if proper else None


def agreed(store, query, account_id):
    """Return where the browser goes when the holder of ``account_id`` agreed: ``code`` and ``state``."""
    code = tokens.authorisation_code(store, query["client_id"], account_id)
    told = urlencode({"code": code, "state": query.get("state", "")})
    target = query["redirect_uri"]
    return f"{target}{'&' if urlsplit(target).query else '?'}{told}"
