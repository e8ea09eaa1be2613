"""Penguin's envelope: HTTP 200 with code, msg, data. docs/platforms/penguin.md, section 3.

The real table of error codes is not public: the numbers here are the sandbox's own, and callers must
not build on them. Only "not zero" and, for tokens, the words in ``msg`` mean anything.
"""

import itertools
import threading
from collections import defaultdict

from ..store import Json, Row

BAD_PARAMETER = 10001
BAD_CLIENT = 10002
BAD_TOKEN = 10003
NOT_GRANTED = 10004
BAD_TITLE = 10005
NOT_FOUND = 10006

_turns: "defaultdict[str, itertools.count[int]]" = defaultdict(itertools.count)
_lock = threading.Lock()


class Refusal(Exception):
    """The platform refuses the call with a non-zero code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(code, message)
        self.code, self.message = code, message


def _alternate(what: str, even: Json, odd: Json) -> Json:
    # Clients saw both forms of the same value: answers take turns, so that nobody gets used to one.
    with _lock:
        return odd if next(_turns[what]) % 2 else even


def accepted(content: Row, message: str | None = None) -> Row:
    code, word = _alternate("accepted", ("0", "success"), (0, "SUCCESS"))
    return {"code": code, "msg": message or word, "data": content}


def refused(code: int, message: str) -> Row:
    return {"code": _alternate("refused", code, str(code)), "msg": message, "data": {}}


def as_seen(transaction_id: str) -> int | str:
    """A transaction_id of 19 digits, once as a number and once as text."""
    return _alternate("transaction_id", int(transaction_id), transaction_id)
