"""Signed requests in both directions: docs/platforms/partner-feed-contract.md, part B.

The signature is ``v1=`` and the hex HMAC-SHA256, with the secret, of method, path, timestamp, nonce and the
SHA-256 of the body in hex, each on a line of its own. A partner's developer finds a worked example in
docs/partners.md.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from publishers.interface import NotGenuine

WINDOW_S = 300
NONCE_CHARS = range(16, 129)
KEY, TIMESTAMP, NONCE, SIGNATURE = "X-Hub-Key", "X-Hub-Timestamp", "X-Hub-Nonce", "X-Hub-Signature"


def signature(secret: str, method: str, path: str, timestamp: str, nonce: str, body: bytes) -> str:
    """Return the value of X-Hub-Signature. ``path`` is the address's as it is sent, without the query."""
    signed = "\n".join((method, path, timestamp, nonce, hashlib.sha256(body).hexdigest()))
    return "v1=" + hmac.digest(secret.encode(), signed.encode(), "sha256").hex()


def headers(key: str, secret: str, method: str, url: str, body: bytes, now: float) -> dict[str, str]:
    """Return what proves a request that is sent at ``now`` (seconds since 1970), with a new nonce."""
    timestamp, nonce = str(int(now)), secrets.token_urlsafe(24)
    path = urlsplit(url).path or "/"
    return {
        KEY: key,
        TIMESTAMP: timestamp,
        NONCE: nonce,
        SIGNATURE: signature(secret, method, path, timestamp, nonce, body),
    }


def is_key_id(key: str) -> bool:
    """Return whether ``key`` can stand in the header that names it."""
    return key.isascii() and key.isprintable() and " " not in key


def verify(
    given: Mapping[str, str], key: str, secret: str, method: str, path: str, body: bytes, now: float
) -> str:
    """Return the nonce of a request that is proved; whoever asks must not have seen it before.

    ``key`` empty: the account has none, and any is taken. Raises NotGenuine.
    """
    said = {name.lower(): value for name, value in given.items()}
    timestamp, nonce = said.get(TIMESTAMP.lower(), ""), said.get(NONCE.lower(), "")
    wanted = signature(secret, method, path, timestamp, nonce, body)
    if not hmac.compare_digest(said.get(SIGNATURE.lower(), "").encode(), wanted.encode()):
        raise NotGenuine("The signature does not fit.", code="signature")
    if key and not hmac.compare_digest(said.get(KEY.lower(), "").encode(), key.encode()):
        raise NotGenuine("The key is another account's.", code="key")
    if not (timestamp.isascii() and timestamp.isdecimal()) or abs(float(timestamp) - now) > WINDOW_S:
        raise NotGenuine("The time of the message is not the present.", code="timestamp")
    if len(nonce) not in NONCE_CHARS or not nonce.isascii():
        raise NotGenuine("A nonce has 16 to 128 characters.", code="nonce")
    return nonce
