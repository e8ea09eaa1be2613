"""A partner's side, written from the contract's text: accounts of the sandbox, and messages that it signs."""

import hashlib
import hmac
import json
import secrets

from publishers.interface import Incoming
from publishers.testing.job import MemoryAccount

PATH = "/callbacks/1"


def push_account(server) -> MemoryAccount:
    account = server.account("push_key", "push_secret", {"publish", "statistics"})
    account.credentials["push_url"] = f"{server.sandbox.base_url(server.platform)}/push"
    return account


def signed(key, secret, method, path, body, at, nonce=None) -> dict[str, str]:
    """Return the headers of part B."""
    timestamp, nonce = str(int(at)), nonce or secrets.token_hex(12)
    text = f"{method}\n{path}\n{timestamp}\n{nonce}\n{hashlib.sha256(body).hexdigest()}"
    mac = hmac.new(secret.encode(), text.encode(), "sha256").hexdigest()
    return {
        "X-Hub-Key": key,
        "X-Hub-Timestamp": timestamp,
        "X-Hub-Nonce": nonce,
        "X-Hub-Signature": f"v1={mac}",
    }


def message(about, *, at, **changes) -> dict:
    """Return what part C says of an article: that it is published, or as ``changes`` have it."""
    told = {name: about[name] for name in ("article_id", "version")}
    told |= {"task_id": about.get("task_id", ""), "status": "published", "remote_id": "r1", "reason": ""}
    return {**told, "url": "https://partner.example/a/1", "occurred_at": at.isoformat(), **changes}


def tell(account, about, *, at) -> Incoming:
    """Write a callback of the account's partner: part C."""
    body = json.dumps(message(about, at=at)).encode()
    given = account.credentials
    headers = signed(given["push_key"], given["push_secret"], "POST", PATH, body, at.timestamp())
    return Incoming("POST", {}, headers, body, PATH)
