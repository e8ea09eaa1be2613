"""Pictures that a feed named stay where they are for a time: docs/platforms/partner-feed-contract.md, part A.

A partner fetches them when it takes the article, which may be after the text was corrected or withdrawn.
"""

import datetime as dt

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from cms import releases
from cms.document.model import Asset
from publishers.models import DeliveryItem, FeedEntry

KEPT = dt.timedelta(days=30)
# One picture can be in many articles; what the newest of them say is enough.
ASKED = 5


def promised(sha256: str) -> str:
    """Return the mime type of a picture that a feed shows or has shown in the last 30 days; else ""."""
    entries = FeedEntry.objects.filter(
        feed__account=OuterRef("account"), item__release__page_id=OuterRef("release__page_id")
    )
    shown = Q(item=OuterRef("pk"), content__isnull=False)
    is_kept = Exists(entries.filter(shown | Q(changed_at__gt=timezone.now() - KEPT)))
    named = DeliveryItem.objects.filter(
        is_kept, release__reading__asset_index__sha256=sha256, payload__isnull=False
    )
    for item in named.select_related("release").order_by("-pk")[:ASKED]:
        asset = _asset(item, sha256)
        if asset is not None:
            return asset.mime
    return ""


def _asset(item: DeliveryItem, sha256: str) -> Asset | None:
    if not releases.genuine(item.release):
        return None
    return releases.document(item.release).assets.get(sha256)
