"""Pictures that a feed or a push named stay for a time: docs/platforms/partner-feed-contract.md.

A partner fetches them when it takes the article, which may be after the text was corrected or withdrawn.
"""

import datetime as dt

from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import Combinable
from django.utils import timezone

from cms import releases
from cms.document.model import Asset
from publishers.models import Attempt, DeliveryItem, FeedEntry, Transport

KEPT = dt.timedelta(days=30)
# One picture can be in many articles; what the newest of them say is enough.
ASKED = 5


def promised(sha256: str) -> str:
    """Return the mime type of a picture that a partner has, or had in the last 30 days; else ""."""
    since = timezone.now() - KEPT
    entries = FeedEntry.objects.filter(
        feed__account=OuterRef("account"), item__release__page_id=OuterRef("release__page_id")
    )
    shown = Q(item=OuterRef("pk"), content__isnull=False)
    is_in_feed = Exists(entries.filter(shown | Q(changed_at__gt=since)))
    named = DeliveryItem.objects.filter(
        is_in_feed | _is_pushed(since), release__reading__asset_index__sha256=sha256, payload__isnull=False
    )
    for item in named.select_related("release").order_by("-pk")[:ASKED]:
        asset = _asset(item, sha256)
        if asset is not None:
            return asset.mime
    return ""


def _is_pushed(since: dt.datetime) -> Combinable:
    """Return the condition that a partner to whom an item was pushed has it, or had it after ``since``."""
    calls = Attempt.objects.filter(
        delivery__account=OuterRef("account"),
        delivery__items__release__page_id=OuterRef("release__page_id"),
        begun_at__gt=since,
    )
    # A person's word ends it without a call.
    there = Q(observed_generation__isnull=False) | Q(delivery__settled_at__gt=since) | Exists(calls)
    return Q(delivery__transport=Transport.PUSH) & there


def _asset(item: DeliveryItem, sha256: str) -> Asset | None:
    if not releases.genuine(item.release):
        return None
    return releases.document(item.release).assets.get(sha256)
