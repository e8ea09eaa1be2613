"""Comments of published articles: docs/platforms/wechat.md, section 9.3; ``index`` counts from 0.

Nobody comments here, so a list is empty, and a call about one comment finds none. What a list answers with,
and which field names a comment, the sheet does not say: neither is made up.
"""

from collections.abc import Callable

from ..calls import Call
from ..store import Row, Store
from .answers import OK, Refusal
from .reading import json_object, number, text

LISTED_BELOW, TYPES = 50, (0, 1, 2)


def about_article(store: Store, call: Call, account: Row) -> Row:
    """Open or close the comments of an article."""
    _require_article(store, call, account)
    return OK


def listing(store: Store, call: Call, account: Row) -> Row:
    _require_article(store, call, account)
    body = json_object(call)
    number(body, "begin", 0)
    number(body, "count", 1, LISTED_BELOW - 1)
    if number(body, "type", 0) not in TYPES:
        raise Refusal(47001, "type")
    return OK


def about_comment(store: Store, call: Call, account: Row) -> Row:
    """Refuse: there is no comment. The sheet names no code for an unknown one."""
    _require_article(store, call, account)
    raise Refusal(47001, "no such comment")


CALLS: dict[str, Callable[[Store, Call, Row], Row]] = {
    "open": about_article,
    "close": about_article,
    "list": listing,
    **dict.fromkeys(("markelect", "unmarkelect", "delete", "reply/add", "reply/delete"), about_comment),
}


def _require_article(store: Store, call: Call, account: Row) -> None:
    if "comment" not in account["capabilities"]:
        raise Refusal(88000)
    body = json_object(call)
    msg_data_id = body.get("msg_data_id")
    # One tree of the documents has numbers, the other texts (section 5.1).
    if isinstance(msg_data_id, bool) or not isinstance(msg_data_id, int | str):
        raise Refusal(47001, "msg_data_id")
    text({"msg_data_id": str(msg_data_id)}, "msg_data_id", required=True)
    job = store.one(
        "SELECT * FROM jobs WHERE msg_data_id = ? AND account = ?", str(msg_data_id), account["id"]
    )
    if job is None or job["article_id"] is None:
        raise Refusal(47001, "msg_data_id")
    published = store.all(
        "SELECT idx FROM published WHERE platform = 'wechat' AND article_id = ?", job["article_id"]
    )
    number(body, "index", 0, len(published) - 1, default=0)
