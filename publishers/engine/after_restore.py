"""After a restore from a backup, what happened since it was made is not in the database (decision 8)."""

import datetime as dt
from collections.abc import Sequence

from django.db.models import Q

from publishers.models import Attempt, DeliveryItem, Outcome, Phase

#: After so long, whatever the lost database sent has been noticed.
DOUBT = dt.timedelta(days=30)


def since(rows: Sequence[DeliveryItem], restored_at: dt.datetime | None) -> dt.datetime | None:
    """Return ``restored_at``, the time of the backup from which the database comes, when it matters here.

    None where no lost hub can have sent one of the items.
    """
    if restored_at is None or rows[0].delivery.created_at > restored_at + DOUBT:
        return None
    doubted = [row for row in rows if row.release.signed_at < restored_at]
    return restored_at if doubted and not _was_looked_for(doubted) else None


def _was_looked_for(rows: Sequence[DeliveryItem]) -> bool:
    """Return whether a person gave up an earlier delivery that had looked: she said that it may be sent."""
    earlier = Q(account=rows[0].account_id, release__in=[row.release_id for row in rows])
    given_up = DeliveryItem.objects.filter(earlier, delivery__phase=Phase.CANCELLED)
    delivery_ids = given_up.exclude(delivery=rows[0].delivery_id).values("delivery")
    return Attempt.objects.filter(delivery__in=delivery_ids, tries=0, outcome=Outcome.UNKNOWN).exists()
