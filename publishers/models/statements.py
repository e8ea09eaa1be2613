"""What the hub signs of what it stores to be sent: whoever reads it back asks for the same bytes."""

from cms.document.model import canonical
from cms.models import Release
from publishers.models.deliveries import DeliveryItem
from publishers.models.renditions import StoredRendition


def stored_payload_statement(row: DeliveryItem) -> bytes:
    """Return the bytes that the hub signed for the payload that is stored with the item."""
    token = next(link.token for link in row.links.all() if link.generation == row.payload_generation)
    return payload_statement(row, row.payload_generation, token, row.payload_sha256)


def payload_statement(row: DeliveryItem, generation: int | None, token: str, sha256: str) -> bytes:
    """Return the bytes that the hub signs for a payload of the item with this hash."""
    return canonical(
        {
            "type": "payload",
            "delivery": str(row.delivery_id),
            "item": row.pk,
            "release": row.release.sha256,
            "generation": generation,
            "token": token,
            "sha256": sha256,
        }
    )


def rendition_statement(release: Release, stored: StoredRendition) -> bytes:
    """Return the bytes that the hub signs for a rendition."""
    stated = {
        "type": "rendition",
        "release": release.sha256,
        "platform": stored.platform,
        "version": stored.version,
        "sha256": stored.sha256,
    }
    # Renditions from before there were themes are signed without one.
    return canonical(stated | ({"theme": stored.theme} if stored.theme else {}))
