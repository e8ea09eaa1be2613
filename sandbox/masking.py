"""What the ledger keeps of a call: enough to understand it, never a secret, never a whole article."""

import hashlib
import json
from typing import Protocol

from .store import Json

LONGEST = 200
HIDDEN = "***"
_IN_REQUESTS = {"access_token", "refresh_token", "secret", "client_secret", "code"}
_IN_ANSWERS = {"access_token", "refresh_token", "refresh_toekn"}


class Seen(Protocol):
    """What is kept of a Call."""

    query: dict[str, str]
    form: dict[str, str]
    files: dict[str, tuple[str | None, str | None, bytes]]
    body: bytes


def request(call: Seen) -> Json:
    """Return a Call's query, body and files as JSON data."""
    seen = {"query": call.query, "form": call.form, "json": _json(call), "files": _files(call)}
    return _masked({name: value for name, value in seen.items() if value}, _IN_REQUESTS)


def answer(body: Json) -> Json:
    """Return a JSON answer for keeping; None stays None."""
    return _masked(body, _IN_ANSWERS)


def _json(call: Seen) -> Json:
    if call.form or call.files or not call.body:
        return None
    try:
        body = json.loads(call.body)
        # Half of a surrogate pair can be read but never be written.
        json.dumps(body, ensure_ascii=False).encode()
    except ValueError:
        return f"不是 JSON，共 {len(call.body)} 字节"
    return body


def _files(call: Seen) -> dict[str, Json]:
    return {
        name: {
            "filename": filename,
            "content_type": content_type,
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        for name, (filename, content_type, content) in call.files.items()
    }


def _masked(value: Json, secret: set[str]) -> Json:
    if isinstance(value, dict):
        return {name: HIDDEN if name in secret else _masked(each, secret) for name, each in value.items()}
    if isinstance(value, list):
        return [_masked(each, secret) for each in value]
    if isinstance(value, str) and len(value) > LONGEST:
        return f"{value[:LONGEST]}……（共 {len(value)} 字）"
    return value
