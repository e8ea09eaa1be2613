"""Releases, accounts and deliveries for the engine's tests. Releases are signed by the hub's real key."""

import hashlib
import json
import types
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.files.base import ContentFile

from cms import releases, signing
from cms.document.model import Asset, Document, Image, OfficeRef, Section, Source, StoryFacts, canonical
from cms.media import blobs
from cms.models import Release
from publishers import accounts, engine
from publishers.distribution import distribute
from publishers.engine.attempts import Attempts
from publishers.models import Account, Delivery
from publishers.people.permissions import OPERATOR
from tests.factories import picture_bytes
from tests.publishers.engine.clock import an_hour_ago

SECRET = "the-app-secret"


def signed_release(
    page_id=7, *, title="山里的阅览室", pictures=1, public_from=None, variants=None, document=None
) -> Release:
    """Store and sign a Release of a story with ``pictures``, or of ``document``, as sign-off does."""
    document = document or _story(title, [_picture(number) for number in range(pictures)])
    return _signed(page_id, document, public_from, variants)


def _story(title, stored) -> Document:
    images = tuple(Image(asset=blob.sha256, alt="图", credit="何静 摄") for blob in stored)
    return Document(
        facts=StoryFacts(),
        title=title,
        byline="林晓岚",
        source=Source(name="南粤女声"),
        office=OfficeRef(code="province", name="广东省妇联"),
        sections=(Section(role="body", blocks=images),),
        assets={
            blob.sha256: Asset(mime=blob.mime, size=blob.size, width=blob.width, height=blob.height)
            for blob in stored
        },
    )


def _signed(page_id, article: Document, public_from, variants) -> Release:
    document, title, texts = article.canonical(), article.title, canonical(variants or {})
    stored = article.assets.items()
    release = Release(
        page_id=page_id,
        revision_id=1,
        number=Release.objects.filter(page_id=page_id).count() + 1,
        kind="story",
        title=title,
        slug="story",
        office_code="province",
        office_name="广东省妇联",
        public_from=public_from or an_hour_ago(),
        signed_at=an_hour_ago(),
        document=document,
        variants=texts,
        approvals=canonical([_approval(releases.text_sha256(document, texts))]),
        assets=canonical({sha256: asset.size for sha256, asset in stored}),
        document_sha256=hashlib.sha256(document).hexdigest(),
    )
    signed = releases.manifest(release)
    release.sha256 = hashlib.sha256(signed).hexdigest()
    release.key_id, release.signature = signing.sign(signed)
    release.save(force_insert=True)
    return release


def _approval(sha256: str) -> dict:
    said = {"stage": 3, "at": an_hour_ago().isoformat(), "sha256": sha256}
    return {**said, "name": "终审老罗", "office_name": "广东省妇联", "stand_in": False}


def _picture(number: int):
    colour = (40 + number * 50 % 200, 90, 120)
    return blobs.store(ContentFile(picture_bytes((60, 40), colour), name=f"{number}.jpg"))


def make_account(office, server, name="南粤女声"):
    credentials = {"appid": "wx1", "secret": SECRET}
    return accounts.add(
        office=office, platform="tiny", name=name, credentials=credentials, base_url=server.url, by=OPERATOR
    )


def send(*releases: Release, account, at=None) -> Delivery:
    """Distribute by the operator, however alike the texts are; return the one delivery."""
    [delivery] = distribute(list(releases), [account], at=at, alike=True, by=OPERATOR)
    return delivery


class Killed(KeyboardInterrupt):
    """The worker dies here; nothing is written down of that."""


@contextmanager
def dying_at(number: int, when: str) -> Iterator[None]:
    """Let the worker die "before" or "after" the ``number``-th time that it writes attempts."""
    writes = 0

    def dying(real, is_write=lambda attempts: True):
        def write(self, *args, **kwargs):
            nonlocal writes
            if not is_write(self):
                return real(self, *args, **kwargs)
            writes += 1
            if (writes, when) == (number, "before"):
                raise Killed
            result = real(self, *args, **kwargs)
            if (writes, when) == (number, "after"):
                raise Killed
            return result

        return write

    with pytest.MonkeyPatch.context() as patch:
        for name in ("begin", "end", "note"):
            patch.setattr(Attempts, name, dying(getattr(Attempts, name)))
        patch.setattr(
            Attempts, "write_down", dying(Attempts.write_down, lambda attempts: attempts._unwritten)
        )
        yield


def make_due(delivery: Delivery) -> None:
    """Let the time for which the delivery waits have come, and a lease or an account's rest be over."""
    Account.objects.filter(pk=delivery.account_id).update(resting_until=None)
    moments = {"next_at": an_hour_ago()}
    Delivery.objects.filter(pk=delivery.pk, next_at__isnull=False).update(**moments)
    Delivery.objects.filter(pk=delivery.pk, lease_until__isnull=False).update(lease_until=an_hour_ago())


def run(delivery: Delivery) -> str:
    """Let a worker take it now; return where it then is."""
    make_due(delivery)
    engine.run(delivery.pk)
    delivery.refresh_from_db()
    return delivery.phase


def written_in(module: str, function):
    """Return the function as if it stood in that module: whose code asked is told by the stack."""
    return types.FunctionType(
        function.__code__, function.__globals__ | {"__name__": module}, closure=function.__closure__
    )


def settle(delivery: Delivery) -> str:
    """Run until nobody but a person goes on; return where it then is."""
    for _run in range(20):
        if run(delivery) not in Delivery.OPEN:
            break
    return delivery.phase


def sent_titles(server) -> list[str]:
    """Return the titles that are live on the server, one per article."""
    return [article["title"] for item in server.articles.values() for article in item["articles"]]


def as_json(value) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
