"""An account whose articles travel by feed, what stands in it, and a partner who reads and tells."""

import json
from urllib.parse import urlsplit

from django.db import transaction
from django.test import Client
from django.utils import timezone

from publishers import accounts, feeds, registry
from publishers.engine.items import EngineItem
from publishers.engine.leases import Lease
from publishers.feeds import feeding
from publishers.models import Delivery, DeliveryItem, FeedEntry, SourceLink
from publishers.people.permissions import OPERATOR
from publishers.transports import signing
from tests.publishers.engine.cast import signed_release

CALLBACK_SECRET = "the-callback-secret"
PLATFORM = "toutiao"


def make_account(office, name="岭南女声", **more):
    given = {"platform": PLATFORM, "transport": "feed", "credentials": {"callback_secret": CALLBACK_SECRET}}
    return accounts.add(office=office, name=name, by=OPERATOR, **given | more)


def content(title="山里的阅览室", **changed):
    """Return a payload as the way by feed stores it."""
    picture = {"url": "https://hub.example/b/1", "sha256": "1" * 64, "bytes": 1024, "mime": "image/jpeg"}
    picture |= {"width": 900, "height": 600}
    return {
        "title": title,
        "summary": "一间阅览室的故事",
        "content_html": f'<h2>{title}</h2><p>全文</p><img src="https://hub.example/b/1">',
        "cover_images": [picture],
        "images": [picture],
        "author": "林晓岚",
        "source": "南粤女声",
        "source_url": "https://hub.example/r/abc",
        "url": "https://hub.example/a/7/",
        "category": "家庭",
        "tags": ["阅读", "乡村"],
        "original": True,
        "rights": "广东省妇联",
        "sha256": "0" * 64,
    } | changed


def put(account, page_id, payload=None, **release) -> FeedEntry:
    """Let the feed show a text of the page, as a run of the engine leaves it."""
    row = _row(account, signed_release(page_id, pictures=0, **release))
    token = f"{row.pk:032x}"
    SourceLink.objects.create(token=token, item=row, generation=1)
    item = EngineItem(row, token, 1, registry.get(account.platform, "feed"))
    stored = item.store(payload or content(row.release.title), Lease(row.delivery, 0, timezone.now()))
    with transaction.atomic():
        feeding.offer(row, stored)
    return FeedEntry.objects.get(item=row)


def take_back(entry: FeedEntry) -> FeedEntry:
    with transaction.atomic():
        feeding.retract(entry.item)
    return FeedEntry.objects.get(pk=entry.pk)


def age(entry: FeedEntry, **span) -> FeedEntry:
    """Let the entry have been offered, and changed last, so long ago."""
    moment = timezone.now() - timezone.timedelta(**span)
    FeedEntry.objects.filter(pk=entry.pk).update(published_at=moment, changed_at=moment)
    return entry


def _row(account, release) -> DeliveryItem:
    delivery = Delivery.objects.create(account=account, transport="feed", due_at=timezone.now())
    return DeliveryItem.objects.create(delivery=delivery, account=account, position=0, release=release)


def path_of(account, form="xml") -> str:
    return urlsplit(feeds.address_of(account, form)).path


def read(account, form="json", *, remote="203.0.113.9", query=None, **headers):
    """Read the feed as a partner does; ``headers`` as in ``HTTP_IF_NONE_MATCH``."""
    return Client(REMOTE_ADDR=remote).get(path_of(account, form), query or {}, **headers)


def items_of(account, **asked) -> list[dict]:
    return json.loads(read(account, **asked).content)["items"]


def tell(client, account, entry, status, *, version=None, **more):
    """Call back as the partner does: docs/platforms/partner-feed-contract.md, part C."""
    told = {"article_id": entry.guid, "version": version or entry.version, "status": status}
    told |= {"occurred_at": timezone.now().isoformat()} | more
    body, path = json.dumps(told).encode(), f"/callbacks/{account.pk}"
    headers = signing.headers(
        "", CALLBACK_SECRET, "POST", f"http://hub{path}", body, timezone.now().timestamp()
    )
    return client.post(path, body, content_type="application/json", headers=headers)
