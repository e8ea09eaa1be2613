"""Reviews of all platforms: end those that are due, or all of them at once."""

from . import ledger
from .penguin import articles, fetching
from .wechat import events, publish


def settle(store):
    """End every review that is due. Asked before anything is answered or shown, so no timer is needed."""
    publish.settle(store)
    articles.settle(store)
    ledger.settle(store)
    events.settle(store)


def finish(store, account=None):
    """Make the running reviews of an account (None: of all) due now, also those that a fault keeps open."""
    fetching.finish()
    for table, running in (("jobs", publish.IN_PROGRESS), ("transactions", articles.PROCESSING)):
        store.run(
            f"UPDATE {table} SET due_at = ?1 WHERE status = ?2 AND ifnull(?3, account) = account",  # noqa: S608
            store.now(),
            running,
            account,
        )
    settle(store)
