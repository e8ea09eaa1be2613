"""Reviews of all platforms: end those that are due, or all of them at once."""

from . import ledger
from .penguin import articles, fetching
from .wechat import publish


def settle(store):
    """End every review that is due. Asked before anything is answered or shown, so no timer is needed."""
    publish.settle(store)
    articles.settle(store)
    ledger.settle(store)


def finish(store):
    """Make every running review due now, also those that a fault keeps without result."""
    fetching.finish()
    store.run("UPDATE jobs SET due_at = ? WHERE status = ?", store.now(), publish.IN_PROGRESS)
    store.run("UPDATE transactions SET due_at = ? WHERE status = ?", store.now(), articles.PROCESSING)
    settle(store)
