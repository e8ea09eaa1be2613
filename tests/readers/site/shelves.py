"""Many public articles at once, signed by the hub's real key without a review each."""

import datetime as dt
import hashlib

from django.utils import timezone

from cms import releases, signing
from cms.document.model import Document, OfficeRef, Paragraph, Section, Source, Span, StoryFacts, canonical
from cms.models import Release
from readers.models import Reading
from readers.snapshots import snapshots


def fill(section, count, *, first_page_id=1000, apart=dt.timedelta(minutes=1)) -> list[Reading]:
    """Put ``count`` public articles into the section, the first one the oldest."""
    signing.ensure_key()
    since = timezone.now() - dt.timedelta(days=30)
    return [
        snapshots.make(_release(first_page_id + number, since + number * apart), section.pk)
        for number in range(count)
    ]


def _release(page_id: int, at: dt.datetime) -> Release:
    document = Document(
        facts=StoryFacts(),
        title=f"第{page_id}篇",
        source=Source(name="南粤女声"),
        office=OfficeRef(code="province", name="广东省妇联"),
        sections=(Section(role="body", blocks=(Paragraph(spans=(Span(text="正文。"),)),)),),
    )
    text = releases.text_sha256(document.canonical(), b"{}")
    release = Release(
        page_id=page_id,
        revision_id=1,
        number=1,
        kind=document.kind,
        title=document.title,
        slug=f"article-{page_id}",
        office_code=document.office.code,
        office_name=document.office.name,
        public_from=at,
        signed_at=at,
        document=document.canonical(),
        variants=b"{}",
        approvals=canonical([{"stage": 1, "at": at.isoformat(), "sha256": text}]),
        assets=b"{}",
        document_sha256=document.sha256(),
    )
    signed = releases.manifest(release)
    release.sha256 = hashlib.sha256(signed).hexdigest()
    release.key_id, release.signature = signing.sign(signed)
    release.save(force_insert=True)
    return release
