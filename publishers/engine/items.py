"""One Release of a delivery as the plugin gets it, and its stored payload."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import count

from django.db import transaction
from django.db.models import Exists

from cms import releases, signing
from cms.document.model import Document, canonical
from publishers.engine.leases import Fenced, Lease, locked
from publishers.engine.outcomes import Forged
from publishers.engine.renditions import rendition_of
from publishers.interface import Json, Publisher, Rendition
from publishers.models import Delivery, DeliveryItem, SourceLink
from publishers.models.addresses import article_url, source_url
from publishers.models.insert_select import insert_select
from publishers.models.statements import payload_statement


class EngineItem:
    """Implements ``interface.Item``; ``publisher`` is None where it is not installed: nothing is rendered."""

    def __init__(
        self,
        row: DeliveryItem,
        token: str,
        generation: int,
        publisher: Publisher | None,
        theme: str = "",
    ):
        self.row, self.token, self.generation = row, token, generation
        self.pk, self.position = row.pk, row.position
        self.source_url = source_url(token)
        self.article_url = article_url(row.release.page_id)
        self.page_id, self.version = row.release.page_id, row.release.number
        self.public_from = row.release.public_from
        self.observed: Mapping[str, Json] = row.remote
        self._publisher, self._theme = publisher, theme

    @cached_property
    def document(self) -> Document:
        return releases.document(self.row.release)

    @cached_property
    def rendition(self) -> Rendition:
        assert self._publisher is not None  # what is not installed is given nothing
        return rendition_of(self.row.release, self.document, self._publisher, self._theme)

    @property
    def payload(self) -> Mapping[str, Json] | None:
        """Return what is stored to be sent in this generation. Raises Forged when it is not the hub's."""
        row = self.row
        if row.payload is None or row.payload_generation != self.generation:
            return None
        content = bytes(row.payload)
        genuine = hashlib.sha256(content).hexdigest() == row.payload_sha256 and signing.verify(
            row.payload_key_id, self._signed(row.payload_sha256), bytes(row.payload_signature or b"")
        )
        if not genuine:
            raise Forged(f"The payload of item {row.pk} is not what the hub stored.")
        return json.loads(content)

    def store(self, payload: Mapping[str, Json], lease: Lease) -> Mapping[str, Json]:
        if self.payload is None:
            self._write(canonical(dict(payload)), lease)
        stored = self.payload
        assert stored is not None
        return stored

    def _write(self, content: bytes, lease: Lease) -> None:
        sha256 = hashlib.sha256(content).hexdigest()
        key_id, signature = signing.sign(self._signed(sha256))
        values = {
            "payload": content,
            "payload_sha256": sha256,
            "payload_key_id": key_id,
            "payload_signature": signature,
            "payload_generation": self.generation,
        }
        with transaction.atomic():
            mine = DeliveryItem.objects.filter(Exists(locked(lease)), pk=self.pk)
            if not mine.update(**values):
                raise Fenced
        for name, value in values.items():
            setattr(self.row, name, value)

    def _signed(self, sha256: str) -> bytes:
        return payload_statement(self.row, self.generation, self.token, sha256)


def items_of(lease: Lease, rows: Sequence[DeliveryItem], publisher: Publisher) -> list[EngineItem]:
    """Return the delivery's items with the tokens of its generation, making those that are missing."""
    generation = lease.delivery.generation
    tokens = {} if lease.is_first else _marks(lease.delivery)
    missing = [row for row in rows if row.pk not in tokens]
    if missing:
        tokens |= {row.pk: _mark(lease, row, generation) for row in missing}
    theme = lease.delivery.account.theme
    return [EngineItem(row, tokens[row.pk], generation, publisher, theme) for row in rows]


def _mark(lease: Lease, row: DeliveryItem, generation: int) -> str:
    """Give the item its mark of this generation and return it. Raises Fenced."""
    values = {"token": _token(row, generation), "item": row.pk, "generation": generation}
    made = insert_select(SourceLink, locked(lease), values)
    if not made:
        raise Fenced
    return made[0]


def _marks(delivery: Delivery) -> dict[int, str]:
    links = SourceLink.objects.filter(item__delivery=delivery.pk, generation=delivery.generation)
    return dict(links.values_list("item", "token"))


def _token(row: DeliveryItem, generation: int) -> str:
    """Return the first mark of the Release on this account that no item has.

    It follows from the hub's key, account, Release and generation: a delivery that is made again because the
    database was lost gets the mark of the lost one, and finds its article (decision 8).
    """
    key = signing.secret_for("source links")
    of = [row.account_id, row.release.sha256, generation]
    marks = (hmac.digest(key, canonical([*of, ordinal]), "sha256").hex()[:32] for ordinal in count())
    return next(mark for mark in marks if not SourceLink.objects.filter(pk=mark).exists())
