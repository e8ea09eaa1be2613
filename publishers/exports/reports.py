"""Accounts and deliveries as JSON, for the commands' ``--json``; the names are stable."""

import datetime as dt

from django.db.models import Prefetch
from django.utils import timezone

from cms.models import Release
from publishers import callbacks
from publishers.models import Account, Attempt, Delivery, DeliveryItem, Sighting
from publishers.models.addresses import source_url

LARGE = ("document", "variants", "approvals", "assets", "signature")


def account(row: Account) -> dict:
    return {
        "id": row.pk,
        "platform": row.platform,
        "name": row.name,
        "office": row.office.code,
        "base_url": row.base_url,
        "transport": row.transport,
        "contract": row.contract,
        "falls_back": row.falls_back,
        "theme": row.theme,
        "capabilities": row.capabilities,
        "paused": row.is_paused,
        "paused_reason": row.paused_reason,
        "checked_at": moment(row.checked_at),
        "problem": row.problem,
        "callback_address": callbacks.address_of(row),
    }


def delivery(row: Delivery) -> dict:
    """Expects ``items`` with ``release``, ``links`` and ``sightings`` to be prefetched (see ``complete``)."""
    return {
        "id": str(row.pk),
        "account": {"id": row.account_id, "platform": row.account.platform, "name": row.account.name},
        "transport": row.transport,
        "phase": row.phase,
        "generation": row.generation,
        "notifies": row.notifies,
        "due_at": moment(row.due_at),
        "next_at": moment(row.next_at),
        "settled_at": moment(row.settled_at),
        "deadline_at": moment(row.deadline_at),
        "cause": row.cause,
        "reason": row.reason,
        "created_by": row.created_by_name,
        "created_at": moment(row.created_at),
        "items": [_item(item) for item in row.items.all()],
    }


def attempt(row: Attempt) -> dict:
    return {
        "name": row.name,
        "position": row.item.position if row.item else None,
        "generation": row.generation,
        "tries": row.tries,
        "outcome": row.outcome,
        "begun_at": moment(row.begun_at),
        "ended_at": moment(row.ended_at),
        "error": row.error,
        "evidence": row.evidence,
    }


def complete(deliveries):
    """Return the query of deliveries with what ``delivery`` reads, in five queries whatever their number.

    What is large, the Documents and the payloads, stays in the database.
    """
    items = DeliveryItem.objects.defer("payload", "payload_signature").order_by("position")
    return deliveries.select_related("account__office").prefetch_related(
        Prefetch("items", items),
        Prefetch("items__release", Release.objects.defer(*LARGE)),
        "items__links",
        "items__sightings",
    )


def _item(row: DeliveryItem) -> dict:
    return {
        "id": row.pk,
        "position": row.position,
        "page_id": row.release.page_id,
        "release": str(row.release_id),
        "title": row.release.title,
        "url": row.url,
        "remote": row.remote,
        "source_url": source_url(row.token) if row.token else "",
        "desired": row.desired,
        "replaces": row.replaces_id,
        "manner": row.manner,
        "live": row.observed_generation is not None,
        "sightings": [_sighting(seen) for seen in row.sightings.all()],
    }


def _sighting(row: Sighting) -> dict:
    return {
        "at": moment(row.at),
        "found": row.found,
        "url": row.url,
        "status": row.status,
        "sha256": row.sha256,
        "by": row.by_name,
        "words": row.words,
    }


def moment(at: dt.datetime | None) -> str | None:
    """Return the moment as every export has it, by the hub's clock."""
    return timezone.localtime(at).isoformat(timespec="seconds") if at else None
