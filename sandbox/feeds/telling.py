"""What the partner tells the hub of an entry: part C of the contract."""

import json
import urllib.error
import urllib.request
from http.client import HTTPException
from urllib.parse import urlsplit

from ..push import signing
from ..store import iso_time

ANSWER_S = 5
# No proxy: the hub is on this machine or beside it.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def tell(store, feed, result):
    """Call back, signed with the account's secret, and note how the hub answered; if it is to be told."""
    if not feed["callback_url"]:
        return
    message = json.dumps({**result, "occurred_at": iso_time(store.now())})
    store.insert(
        "feed_callbacks",
        platform=feed["platform"],
        account=feed["account"],
        message=message,
        answer=_send(store, feed, message.encode()),
    )


def _send(store, feed, body):
    account = store.account(feed["platform"], feed["account"])
    path = urlsplit(feed["callback_url"]).path
    signed = signing.headers(account["id"], account["secret"], "POST", path, body, store.now())
    signed["Content-Type"] = "application/json; charset=utf-8"
    try:
        request = urllib.request.Request(feed["callback_url"], data=body, headers=signed)  # noqa: S310
        with _opener.open(request, timeout=ANSWER_S) as answer:
            return str(answer.status)
    except urllib.error.HTTPError as error:
        return str(error.code)
    except (OSError, HTTPException, ValueError):
        return "lost"
