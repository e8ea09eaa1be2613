"""Readings: what readers get of a Release, made once at sign-off and served as stored."""

import datetime as dt
import functools
import hashlib
import json
import logging
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import F, Min, Q, QuerySet
from django.utils import timezone
from wagtail.models import Page

from cms import releases, signing
from cms.channels import SITE
from cms.document.model import Document, VariantText, canonical
from cms.models import Release
from readers.models import Reading, ReadingAsset
from readers.snapshots import render, schemas

PLAIN = (
    "page_id",
    "slug",
    "kind",
    "section_id",
    "office_code",
    "office_name",
    "title",
    "digest",
    "cover_sha256",
    "cover_x",
    "cover_y",
    "html_sha256",
    "json_sha256",
)
MOMENTS = ("public_from", "first_public_from")
DIGEST_CHARS = Reading._meta.get_field("digest").max_length

log = logging.getLogger(__name__)


@transaction.atomic
def make(release: Release, section_id: int | None) -> Reading:
    """Store what readers get of ``release`` from its ``public_from`` on; may be done again at any time.

    ``section_id`` is the section page that it stands in. The page's earlier Readings end where this one
    begins. Raises cms.signing.Forged for a Release that the hub did not sign.
    """
    document = releases.document(release)
    variant = releases.variants(release).get(SITE, VariantText())
    imprint = _imprint(release, section_id)
    reading = Reading.objects.filter(release=release).first() or Reading(release=release)
    _describe(reading, release, document, variant, imprint)
    reading.html = render.article(document, variant, imprint).encode()
    reading.json = schemas.article(release, document, imprint)
    _sign(reading)
    reading.superseded_at = _end(reading, release)
    reading.save()
    _index(reading)
    ended = Q(superseded_at=None) | Q(superseded_at__gt=release.public_from)
    earlier = Reading.objects.filter(page_id=release.page_id, release__number__lt=release.number)
    earlier.filter(ended).update(superseded_at=release.public_from)
    return reading


def end(page_id: int) -> None:
    """Show readers nothing of the page from now on, until it is signed off again."""
    now = timezone.now()
    shown = Q(superseded_at=None) | Q(superseded_at__gt=now)
    Reading.objects.filter(shown, page_id=page_id).update(superseded_at=now)


def public(now: dt.datetime | None = None) -> QuerySet[Reading]:
    """Return the Readings whose time it is, with what proves them; without the stored answers."""
    now = now or timezone.now()
    current = Reading.objects.filter(public_from__lte=now).exclude(superseded_at__lte=now)
    return current.select_related("release").only(*_LIST_FIELDS).order_by("-first_public_from", "-pk")


def part(found: QuerySet[Reading]) -> list[Reading]:
    """Return the rows of a query that is cut to a part of a list; what lies before it is not read.

    The keys come first, from an index that has all that decides; then the few rows.
    """
    return rows(list(found.values_list("pk", flat=True)))


def rows(keys: Sequence[int]) -> list[Reading]:
    """Return the Readings with these keys, in this order, as lists show them."""
    found = Reading.objects.select_related("release").only(*_LIST_FIELDS).in_bulk(keys)
    return [found[key] for key in keys if key in found]


def genuine(found: Iterable[Reading]) -> list[Reading]:
    """Return those of the Readings that the hub made."""
    return [reading for reading in found if is_genuine(reading)]


def is_genuine(reading: Reading) -> bool:
    """Return whether the hub made this Reading, of the Release that it belongs to."""
    files = json.dumps(reading.assets, sort_keys=True)
    facts = (str(reading.release_id), reading.release.sha256, *_facts(reading), files)
    try:
        _prove(facts, reading.sha256, reading.key_id, bytes(reading.signature))
    except signing.Forged:
        log.error("Reading %s of page %s is not what the hub made: not served.", reading.pk, reading.page_id)
        return False
    return True


def manifest(reading: Reading) -> bytes:
    """Return the bytes that the hub signs: all that readers, lists and pictures are served by."""
    files = json.dumps(reading.assets, sort_keys=True)
    return _manifest((str(reading.release_id), reading.release.sha256, *_facts(reading), files))


def _facts(reading: Reading) -> tuple:
    moments = (getattr(reading, name).astimezone(dt.UTC).isoformat() for name in MOMENTS)
    return (*(getattr(reading, name) for name in PLAIN), *moments)


def _manifest(facts: tuple) -> bytes:
    names = ("release_id", "release_sha256", *PLAIN, *MOMENTS, "assets")
    stated = dict(zip(names, facts, strict=True))
    return canonical({"type": "reading", **stated, "assets": json.loads(stated["assets"])})


@functools.lru_cache(maxsize=10_000)
def _prove(facts: tuple, sha256: str, key_id: str, signature: bytes) -> None:
    """Raise Forged unless the hub signed these facts; what is genuine is remembered, nothing else is."""
    signed = _manifest(facts)
    if hashlib.sha256(signed).hexdigest() != sha256 or not signing.verify(key_id, signed, signature):
        raise signing.Forged(sha256)


def _imprint(release: Release, section_id: int | None) -> render.Imprint:
    # The name of a section that nobody published is not for readers.
    section = Page.objects.live().filter(pk=section_id).values_list("title", flat=True).first()
    return render.Imprint(
        page_id=release.page_id,
        number=release.number,
        sha256=release.sha256,
        signed_at=release.signed_at,
        public_from=release.public_from,
        first_public_from=_first_public_from(release),
        section_id=section_id,
        section_title=section or "",
    )


def _first_public_from(release: Release) -> dt.datetime:
    """Return since when readers see the page; an earlier text that went before its time was never seen."""
    unseen = Reading.objects.filter(page_id=release.page_id, superseded_at__lte=F("public_from"))
    earlier = Release.objects.filter(page_id=release.page_id, number__lt=release.number)
    seen = earlier.exclude(pk__in=unseen.values("release"))
    first = seen.aggregate(first=Min("public_from"))["first"]
    return min(filter(None, (first, release.public_from)))


def _describe(
    reading: Reading, release: Release, document: Document, variant: VariantText, imprint: render.Imprint
) -> None:
    cover = variant.cover or document.cover
    for name in ("page_id", "slug", "kind", "office_code", "office_name", "public_from"):
        setattr(reading, name, getattr(release, name))
    reading.section_id, reading.first_public_from = imprint.section_id, imprint.first_public_from
    reading.title = variant.title or document.title
    reading.digest = (variant.digest or document.digest)[:DIGEST_CHARS]
    reading.cover_sha256 = cover.asset if cover else ""
    reading.cover_x, reading.cover_y = (cover.focus.x, cover.focus.y) if cover else (500, 500)
    reading.assets = _files(document)


def _files(document: Document) -> dict[str, dict[str, str]]:
    """Return every file of the article, with what a download is called."""
    names = {block.asset: block.filename for block in document.blocks() if block.type == "attachment"}
    return {
        sha256: {"mime": asset.mime, "filename": names.get(sha256, "")}
        for sha256, asset in sorted(document.assets.items())
    }


def _sign(reading: Reading) -> None:
    for answer in ("html", "json"):
        setattr(reading, f"{answer}_sha256", hashlib.sha256(getattr(reading, answer)).hexdigest())
    signed = manifest(reading)
    reading.sha256 = hashlib.sha256(signed).hexdigest()
    reading.key_id, reading.signature = signing.sign(signed)


def _end(reading: Reading, release: Release) -> dt.datetime | None:
    """Return when the Reading ends: with the next Release, or earlier when it was ended before."""
    later = Release.objects.filter(page_id=release.page_id, number__gt=release.number)
    ends = [later.aggregate(first=Min("public_from"))["first"], reading.superseded_at]
    return min(filter(None, ends), default=None)


def _index(reading: Reading) -> None:
    reading.asset_index.all().delete()
    ReadingAsset.objects.bulk_create(
        ReadingAsset(reading=reading, sha256=sha256) for sha256 in reading.assets
    )


_PROOF = ("assets", "sha256", "key_id", "signature", "release_id", "release__sha256")
_LIST_FIELDS = (*PLAIN, *MOMENTS, "superseded_at", *_PROOF)
