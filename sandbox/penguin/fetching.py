"""Penguin fetches covers and body pictures itself, really over HTTP, while the review runs.

docs/platforms/penguin.md, section 5. A cover that cannot be fetched fails the submission.
"""

import json

from ..fetching import Background, Keeping, each_once
from ..store import Store


class PenguinCleaner(Keeping):
    """Unwraps links as well."""

    def link(self, url: str) -> None:
        return None


def resume(store: Store) -> None:
    """Go on with what a stopped sandbox left unfetched."""
    for row in store.all(
        "SELECT id FROM transactions WHERE NOT fetched AND status = '处理中' AND fields LIKE '%\"content\"%'"
    ):
        background.begin(store, row["id"])


def _prepare(store: Store, transaction_id: str) -> None:
    row = store.one("SELECT * FROM transactions WHERE id = ?", transaction_id)
    if row is None:
        return
    fields, reason = json.loads(row["fields"]), row["reason"]
    keep = each_once(store, "penguin", row["account"])
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


background = Background("penguin-fetch", _prepare)
