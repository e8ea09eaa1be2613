"""What a Release's text looks like: near-identical texts have 64-bit numbers that differ in few bits.

Simhash over pairs of neighbouring characters. Measured on a policy text of 3,692 characters, pieces of it and
changes made to them at random: one character changed, at most 5 bits (300 characters: median 3; 3,692: 1);
three changed, median 1 to 5 bits; a fiftieth cut out, median 3; a notice of 133 characters with another date,
6 bits. Other texts on the same subject differ in 21 bits and more, a notice from the same template with
other facts in 19. NEAR lies between. (The library ``simhash`` has had no release since 2022 and wants numpy.)
"""

import datetime as dt
import hashlib
import json
import unicodedata
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from cms.models import Release
from publishers.interface import Json
from publishers.models import Account, Fingerprint

NEAR = 6
WINDOW = dt.timedelta(days=30)
BITS = 64
#: The fields of a Document that hold what readers read.
TEXTS = {"title", "subtitle", "text", "question", "caption", "attribution", "name"}


@dataclass(frozen=True)
class Earlier:
    """What stands on the account, or is on its way there, and is much like ``release``."""

    release: Release
    title: str
    delivery_id: uuid.UUID
    due_at: dt.datetime


def keep(releases: Sequence[Release]) -> None:
    """Store the fingerprints of the Releases that have none yet."""
    known = set(Fingerprint.objects.filter(release__in=releases).values_list("pk", flat=True))
    made = [
        Fingerprint(release=release, simhash=simhash(words(release)))
        for release in releases
        if release.pk not in known
    ]
    Fingerprint.objects.bulk_create(made, ignore_conflicts=True)


def find_alike(releases: Sequence[Release], account: Account) -> Earlier | None:
    """Return what went to the account within WINDOW, or will, and is much like one of the Releases.

    What was taken down or given up is not asked about. The Releases' own fingerprints must be kept.
    """
    own = {each.pk: each.simhash for each in Fingerprint.objects.filter(release__in=releases)}
    item = "release__delivery_items"
    there = Q(**{f"{item}__wanted": True}) | Q(**{f"{item}__observed_generation__isnull": False})
    since = timezone.now() - WINDOW
    rows = Fingerprint.objects.filter(
        there, **{f"{item}__account": account, f"{item}__delivery__due_at__gte": since}
    ).values_list("simhash", "release__title", f"{item}__delivery", f"{item}__delivery__due_at")
    for simhash, *earlier in rows:
        for release in releases:
            if distance(simhash, own[release.pk]) <= NEAR:
                return Earlier(release, *earlier)
    return None


def words(release: Release) -> str:
    """Return title and text as readers read them."""
    document = json.loads(bytes(release.document))
    return "".join(_texts({"title": document["title"], "sections": document["sections"]}))


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name in TEXTS and isinstance(inner, str):
                yield inner
            else:
                yield from _texts(inner)


def simhash(text: str) -> int:
    """Return the signed 64-bit number of ``text``; punctuation, spaces and widths do not matter."""
    signs = "".join(sign for sign in unicodedata.normalize("NFKC", text) if sign.isalnum())
    pairs = {signs[at : at + 2] for at in range(max(1, len(signs) - 1))}
    hashes = [
        int.from_bytes(hashlib.blake2b(pair.encode(), digest_size=BITS // 8).digest()) for pair in pairs
    ]
    half = len(hashes) / 2
    number = sum(1 << bit for bit in range(BITS) if sum(each >> bit & 1 for each in hashes) > half)
    return number - (1 << BITS) if number >> (BITS - 1) else number


def distance(one: int, other: int) -> int:
    """Return in how many bits two fingerprints differ."""
    return ((one ^ other) & ((1 << BITS) - 1)).bit_count()
