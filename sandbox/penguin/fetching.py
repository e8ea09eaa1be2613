"""Penguin fetches covers and body pictures itself, really over HTTP, while the review runs.

docs/platforms/penguin.md, section 5. A cover that cannot be fetched fails the submission.
"""

import json
from concurrent.futures import ThreadPoolExecutor, wait

from ..fetching import fetched
from ..html import Cleaner

_workers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="penguin-fetch")
_running = set()


class PenguinCleaner(Cleaner):
    """Fetches every picture (one that fails is left out) and unwraps links."""

    def __init__(self, keep):
        super().__init__()
        self._keep = keep

    def picture(self, url):
        try:
            return self._keep(url)
        except ValueError:
            return None

    def link(self, url):
        return None


def begin(store, transaction_id):
    """Fetch a submission's pictures in the background and note the result on its row."""
    future = _workers.submit(_prepare, store, transaction_id)
    _running.add(future)
    future.add_done_callback(_running.discard)


def finish():
    """Wait until everything begun is fetched, or could not be."""
    wait(tuple(_running))


def resume(store):
    """Go on with what a stopped sandbox left unfetched."""
    for row in store.all("SELECT id FROM transactions WHERE NOT fetched AND status = '处理中'"):
        begin(store, row["id"])


def _prepare(store, transaction_id):
    row = store.one("SELECT * FROM transactions WHERE id = ?", transaction_id)
    if row is None:
        return
    fields, reason, known = json.loads(row["fields"]), row["reason"], {}

    def keep(url):
        if url not in known:
            known[url] = fetched(store, "penguin", row["account"], url)
        return known[url]

    try:
        fields["cover_path"] = keep(fields["cover_pic"])
        fields["stored_content"] = PenguinCleaner.clean(fields["content"], keep).html
    except ValueError as error:
        reason = f"封面图无法获取：{error}"
    store.run(
        "UPDATE transactions SET fields = ?, reason = ?, fetched = 1 WHERE id = ?",
        json.dumps(fields),
        reason,
        transaction_id,
    )
