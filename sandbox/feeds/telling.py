"""What the partner tells the hub of an entry: part C of the contract."""

import json

from ..push import sending
from ..store import Row, Store, iso_time


def tell(store: Store, feed: Row, result: Row) -> None:
    """Call back, signed with the account's secret, and note how the hub answered; if it is to be told."""
    if not feed["callback_url"]:
        return
    message = json.dumps({**result, "occurred_at": iso_time(store.now())})
    store.insert(
        "feed_callbacks",
        platform=feed["platform"],
        account=feed["account"],
        message=message,
        answer=sending.send(store, feed["platform"], feed["account"], feed["callback_url"], message),
    )
