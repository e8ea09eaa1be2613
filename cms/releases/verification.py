"""Reading Releases: what one holds, and whether it is what was signed."""

import datetime as dt
import hashlib
import json

from django.utils import timezone

from cms import signing
from cms.document import model
from cms.document.model import Document, VariantText
from cms.models import Release
from cms.signing import Forged

PLAIN = (
    "page_id",
    "revision_id",
    "number",
    "kind",
    "title",
    "slug",
    "office_code",
    "office_name",
    "document_sha256",
)
# Digests of rows that were found genuine; what is not is asked again.
REMEMBERED = 10_000
_genuine: set[bytes] = set()


def manifest(release: Release) -> bytes:
    """Return the bytes that the hub signs: every fact of the Release as canonical JSON.

    The Document stands in it by its hash, and each picture by its hash and size.
    """
    return model.canonical(
        {
            "type": "release",
            "id": str(release.id),
            **{name: getattr(release, name) for name in PLAIN},
            "public_from": _utc(release.public_from),
            "signed_at": _utc(release.signed_at),
            "variants": json.loads(bytes(release.variants)),
            "approvals": json.loads(bytes(release.approvals)),
            "assets": json.loads(bytes(release.assets)),
        }
    )


def genuine(release: Release) -> bool:
    """Return whether the Release is, byte for byte, what the hub signed.

    The signature is checked once for each state of the row; asking again costs one hash of what is stored.
    """
    digest = _digest_of_all(release)
    if digest not in _genuine:
        if not _is_what_was_signed(release):
            return False
        if len(_genuine) >= REMEMBERED:
            _genuine.clear()
        _genuine.add(digest)
    return True


def document(release: Release) -> Document:
    """Return what readers see. Raises Forged when the Release is not genuine."""
    _require_genuine(release)
    return model.read_document(bytes(release.document))


def variants(release: Release) -> dict[str, VariantText]:
    """Return each channel's own texts. Raises Forged when the Release is not genuine."""
    _require_genuine(release)
    stored = json.loads(bytes(release.variants))
    return {channel: VariantText.model_validate(texts) for channel, texts in stored.items()}


def live_of(page_id: int) -> Release | None:
    """Return the page's Release that readers see now; None when it has none that is public."""
    public = Release.objects.filter(page_id=page_id, public_from__lte=timezone.now())
    return public.order_by("-number").first()


def text_sha256(document: bytes, variants: bytes) -> str:
    """Return the hash that reviewers approve, of the canonical bytes of Document and variants.

    The same as that of ``canonical({"document": …, "variants": …})``, whose bytes these are.
    """
    return hashlib.sha256(b'{"document":' + document + b',"variants":' + variants + b"}").hexdigest()


def _require_genuine(release: Release) -> None:
    if not genuine(release):
        raise Forged(f"Release {release.id} is not what was signed.")


def _is_what_was_signed(release: Release) -> bool:
    signed = manifest(release)
    document, variants = bytes(release.document), bytes(release.variants)
    approvals = json.loads(bytes(release.approvals))
    return (
        hashlib.sha256(document).hexdigest() == release.document_sha256
        and hashlib.sha256(signed).hexdigest() == release.sha256
        and {approval["sha256"] for approval in approvals} == {text_sha256(document, variants)}
        and signing.verify(release.key_id, signed, bytes(release.signature))
    )


def _digest_of_all(release: Release) -> bytes:
    digest = hashlib.sha256()
    for field in release._meta.concrete_fields:
        value = getattr(release, field.attname)
        stored = bytes(value) if isinstance(value, bytes | memoryview) else repr(value).encode()
        digest.update(b"%d:" % len(stored) + stored)
    return digest.digest()


def _utc(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat()
