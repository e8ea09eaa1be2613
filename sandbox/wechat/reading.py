"""Reading request bodies as WeChat does: strict JSON, and escapes that stay visible.

The sheet groups 44002, 44003, 47001 and 43002 as "empty or malformed request". Here: no body 44002,
no article 44003, anything unreadable, missing, unknown or of the wrong type 47001, GET for POST 43002.
"""

import json
import re
from collections.abc import Callable, Collection, Sequence

from ..calls import Call
from ..store import Row
from .answers import Refusal

_ESCAPE = re.compile(rb"(?<!\\)((?:\\\\)*)\\u")


def json_object(call: Call) -> Row:
    """Return the body as a dict."""
    if not call.body.strip():
        raise Refusal(44002)
    return _parsed(call.body)


def json_as_shown(call: Call) -> Row:
    r"""Return the body with ``\uXXXX`` escapes left standing as text.

    docs/platforms/wechat.md, section 4: characters must be sent literally, escapes are shown as text.
    """
    return _parsed(_ESCAPE.sub(rb"\1\\\\u", call.body))


def _parsed(raw: bytes) -> Row:
    try:
        body = json.loads(raw.decode("utf-8"))
        # Half of a surrogate pair is no character and could not be sent back.
        json.dumps(body, ensure_ascii=False).encode()
    except ValueError as error:
        raise Refusal(47001) from error
    if not isinstance(body, dict):
        raise Refusal(47001)
    return body


def text(body: Row, name: str, required: bool = False) -> str:
    """Return a string field; absent optional ones are empty."""
    value = body.get(name)
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise Refusal(47001, f"{name} is a string")
    if required and not value.strip():
        raise Refusal(47001, f"{name} is required")
    return value


def number(body: Row, name: str, low: int, high: int | None = None, default: int | None = None) -> int:
    """Return a whole-number field within its bounds."""
    value = body.get(name, default)
    if (
        isinstance(value, bool)
        or not isinstance(value, int)
        or value < low
        or (high is not None and value > high)
    ):
        raise Refusal(47001, name)
    return value


def page_of(body: Row, rows: Sequence[Row], shown: Callable[[Row], Row]) -> Row:
    """Return what ``offset`` and ``count`` (20 at most) ask for of a list, each row as ``shown`` gives it."""
    offset, limit = number(body, "offset", 0), number(body, "count", 1, 20)
    items = [shown(row) for row in rows[offset : offset + limit]]
    return {"total_count": len(rows), "item_count": len(items), "item": items}


def flag(body: Row, name: str) -> int:
    value = body.get(name, 0)
    if value not in (0, 1):
        raise Refusal(47001, f"{name} is 0 or 1")
    return int(value)


def only(body: Collection[str], allowed: Collection[str]) -> None:
    """Refuse fields that the sheet does not know: the platform would ignore a misspelt one in silence."""
    unknown = set(body) - set(allowed)
    if unknown:
        raise Refusal(47001, f"unknown field {sorted(unknown)[0]}")
