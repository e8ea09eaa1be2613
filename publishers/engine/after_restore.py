"""After a restore from a backup, what happened since it was made is not in the database (decision 8)."""

import datetime as dt
from collections.abc import Sequence

from django.db.models import Max, Q
from wagtail.models import Revision

from cms.models import Release
from publishers.models import Attempt, DeliveryItem, MainSwitch, Outcome, Phase

#: After so long, whatever the lost database sent has been noticed.
DOUBT = dt.timedelta(days=30)


def marks() -> dict[str, int]:
    """Return what tells the rows of a database that was just put back from those that are made from now on.

    They are fields of MainSwitch. Ids tell it whatever the clocks of the hosts said that wrote the rows.
    """
    revision = max(_newest(Revision, "pk"), _newest(Release, "revision_id"))
    return {"restored_revision": revision, "restored_attempt": _newest(Attempt, "pk")}


def _newest(model: type[Revision | Release | Attempt], field: str) -> int:
    return model.objects.aggregate(newest=Max(field))["newest"] or 0


def doubt(rows: Sequence[DeliveryItem], restored_at: dt.datetime | None) -> MainSwitch | None:
    """Return what is known of the restore when it matters here.

    None where no lost hub can have sent one of the items: their texts are newer than the backup, or a person
    has looked.
    """
    if restored_at is None or rows[0].delivery.created_at > restored_at + DOUBT:
        return None
    restored = MainSwitch.objects.get(pk=1)
    doubted = [row for row in rows if row.release.revision_id <= restored.restored_revision]
    return restored if doubted and not _was_looked_for(doubted) else None


def _was_looked_for(rows: Sequence[DeliveryItem]) -> bool:
    """Return whether a person gave up an earlier delivery that had looked: she said that it may be sent."""
    earlier = Q(account=rows[0].account_id, release__in=[row.release_id for row in rows])
    given_up = DeliveryItem.objects.filter(earlier, delivery__phase=Phase.CANCELLED)
    delivery_ids = given_up.exclude(delivery=rows[0].delivery_id).values("delivery")
    return Attempt.objects.filter(delivery__in=delivery_ids, tries=0, outcome=Outcome.UNKNOWN).exists()
