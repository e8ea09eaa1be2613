"""One signed callback to the hub: part C of the contract, whichever way the article came."""

import urllib.error
import urllib.request
from http.client import HTTPException
from urllib.parse import urlsplit

from ..store import Store
from . import signing

ANSWER_S = 5
# No proxy: the hub is on this machine or beside it.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def send(store: Store, slug: str, account_id: str, url: str, message: str) -> str:
    """Send ``message``, signed with the account's secret; return the HTTP status, or ``lost``."""
    account = store.account(slug, account_id)
    if account is None:
        return "lost"
    body = message.encode()
    signed = signing.headers(account["id"], account["secret"], "POST", urlsplit(url).path, body, store.now())
    signed["Content-Type"] = "application/json; charset=utf-8"
    try:
        request = urllib.request.Request(url, data=body, headers=signed)  # noqa: S310  (of the hub)
        with _opener.open(request, timeout=ANSWER_S) as answer:
            return str(answer.status)
    except urllib.error.HTTPError as error:
        return str(error.code)
    except (OSError, HTTPException, ValueError):
        return "lost"
