"""Writes the bundle. ``verify.py``, which lies in it, reads it with Python's standard library alone.

========================  ===========================================================================
index.json, index.sig     every other file's SHA-256, signed by the hub (``verify.py`` apart)
keys.json                 the public half of the hub's keys, as its public address gives them
release/manifest.json     the very bytes that were signed at sign-off; ``release/signature.json``
release/document.json     the Document's canonical bytes; ``variants.json``, ``approvals.json``
release/later-<n>.json    the manifest of each later Release of the page, which corrects this one; and
release/withdrawal-<n>    each decision to take it from readers; both with ``.signature.json``
assets/<sha256>           every picture and attachment
deliveries/<id>/          ``delivery.json`` with every call that readers may have seen something of, and the
                          others while they are kept; what people did; what was seen afterwards at the public
                          address (time, status, SHA-256) or by whose word; each item's rendition and payload:
                          exactly what was sent, with the hub's signature over it
========================  ===========================================================================
"""

import base64
import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from django.utils import timezone
from wagtail.log_actions import registry as logs

from cms import releases, signing
from cms.document.model import canonical
from cms.media import blobs
from cms.models import Release, Withdrawal
from cms.releases import withdrawals
from publishers.exports import reports
from publishers.models import Delivery, DeliveryItem, statements

VERSION = 1
SCRIPT = Path(__file__).with_name("verify.py")


def write(release: Release, to: BinaryIO) -> None:
    """Write the bundle of ``release`` as a zip. Raises ``releases.Forged``, ``blobs.Damaged``."""
    if not releases.genuine(release):
        raise releases.Forged(f"Release {release.pk} is not what was signed.")
    hashes: dict[str, str] = {}
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in _files(release):
            hashes[name] = hashlib.sha256(content).hexdigest()
            bundle.writestr(name, content)
        index = canonical(
            {
                "type": "proof",
                "version": VERSION,
                "release": str(release.pk),
                "made_at": timezone.now().isoformat(timespec="seconds"),
                "files": hashes,
            }
        )
        bundle.writestr("index.json", index)
        bundle.writestr("index.sig", _json(_signature(*signing.sign(index))))
        bundle.writestr("verify.py", SCRIPT.read_bytes())


def _files(release: Release) -> Iterator[tuple[str, bytes]]:
    yield "keys.json", _json(signing.public_keys())
    yield "release/manifest.json", releases.manifest(release)
    yield "release/signature.json", _json(_signature(release.key_id, release.signature))
    yield "release/document.json", bytes(release.document)
    yield "release/variants.json", bytes(release.variants)
    yield "release/approvals.json", bytes(release.approvals)
    yield from _what_came_after(release)
    for sha256 in json.loads(bytes(release.assets)):
        yield f"assets/{sha256}", blobs.read_blob(sha256)
    for item in release.delivery_items.select_related("delivery__account__office", "release"):
        yield from _delivery(item.delivery, item)


def _what_came_after(release: Release) -> Iterator[tuple[str, bytes]]:
    """Yield corrections and withdrawals, each with its signature."""
    of_page = Release.objects.filter(page_id=release.page_id, number__gt=release.number)
    for later in of_page.order_by("number"):
        yield f"release/later-{later.number}.json", releases.manifest(later)
        name = f"release/later-{later.number}.signature.json"
        yield name, _json(_signature(later.key_id, later.signature))
    for each in Withdrawal.objects.filter(page_id=release.page_id, number__gte=release.number):
        yield f"release/withdrawal-{each.number}.json", withdrawals.statement(each)
        name = f"release/withdrawal-{each.number}.signature.json"
        yield name, _json(_signature(each.key_id, each.signature))


def _delivery(delivery: Delivery, item: DeliveryItem) -> Iterator[tuple[str, bytes]]:
    folder = f"deliveries/{delivery.pk}"
    attempts = [reports.attempt(row) for row in delivery.attempts.select_related("item")]
    history = [
        {"at": entry.timestamp.isoformat(), "by": entry.data.get("by", ""), "action": entry.action}
        for entry in logs.get_logs_for_instance(delivery).order_by("timestamp")
    ]
    complete = reports.complete(Delivery.objects.all()).get(pk=delivery.pk)
    yield (
        f"{folder}/delivery.json",
        _json({**reports.delivery(complete), "attempts": attempts, "history": history}),
    )
    for stored in item.release.renditions.filter(platform=delivery.account.platform):
        name = f"{folder}/rendition-{stored.version}"
        yield f"{name}.json", bytes(stored.content)
        yield f"{name}.signed.json", statements.rendition_statement(item.release, stored)
        yield f"{name}.signature.json", _json(_signature(stored.key_id, stored.signature))
    if item.payload:
        yield f"{folder}/payload.json", bytes(item.payload)
        yield f"{folder}/payload.signed.json", statements.stored_payload_statement(item)
        yield (
            f"{folder}/payload.signature.json",
            _json(_signature(item.payload_key_id, item.payload_signature)),
        )


def _signature(key_id: str, signature) -> dict[str, str]:
    return {"key_id": key_id, "signature": base64.b64encode(bytes(signature or b"")).decode()}


def _json(value) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode()
