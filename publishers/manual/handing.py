"""What a person needs to publish an article by hand: made of what was signed, never of the page."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from django.utils.translation import gettext as _

from cms import releases
from cms.document.model import Document
from cms.refusals import Refused
from publishers import registry
from publishers.engine import EngineItem, EnginePicture
from publishers.engine.outcomes import Forged
from publishers.interface import Json, Platform, Publisher, Rejected
from publishers.models import Account, Delivery, DeliveryItem, Desired, Transport
from publishers.transports import manual

GIF = "image/gif"


@dataclasses.dataclass(frozen=True)
class PictureFile:
    """A picture in the platform's size and format.

    ``stem`` is its name without the ending, ``shape`` a cover's.
    """

    stem: str
    picture: EnginePicture
    make: Callable[[], bytes]
    shape: tuple[int, int] | None = None


@dataclasses.dataclass(frozen=True)
class Handed:
    """One article for a person; ``payload`` is as ``transports.manual.payload`` gives it."""

    row: DeliveryItem
    payload: Mapping[str, Json]
    document: Document
    platform: Platform

    @cached_property
    def covers(self) -> list[PictureFile]:
        """Return the cover in each of the platform's shapes, cut around its focal point."""
        sha256 = self.payload["cover"]
        return [self._cover(sha256, shape) for shape in self.platform.pictures.covers] if sha256 else []

    @cached_property
    def pictures(self) -> list[PictureFile]:
        """Return the pictures of the body in their order."""
        return [
            self._body(f"{number:02}", each["sha256"])
            for number, each in enumerate(self.payload["pictures"], start=1)
        ]

    def _cover(self, sha256: str, shape: tuple[int, int]) -> PictureFile:
        picture, (x, y) = self._picture(sha256), self.payload["focus"]
        most = self.platform.pictures.max_bytes
        return PictureFile(
            "cover-{}x{}".format(*shape),
            picture,
            lambda: picture.cropped((x, y), shape, max_bytes=most),
            shape,
        )

    def _body(self, stem: str, sha256: str) -> PictureFile:
        picture, rules = self._picture(sha256), self.platform.pictures
        size = self.document.assets[sha256].size
        if picture.mime == GIF and GIF in rules.mimes and size <= rules.max_bytes:
            return PictureFile(stem, picture, picture.read)  # it may move
        return PictureFile(
            stem, picture, lambda: picture.jpeg(max_bytes=rules.max_bytes, max_width=rules.max_width)
        )

    def _picture(self, sha256: str) -> EnginePicture:
        return EnginePicture(sha256, self.document.assets[sha256])


def handed(delivery: Delivery) -> list[Handed]:
    """Return the delivery's articles for a person, in their order.

    Raises Refused before it was due, when nothing is to be published, and for what is not what was signed.
    """
    items = delivery.items.select_related("release", "replaces").prefetch_related("links")
    rows = [row for row in items if row.wanted and row.desired == Desired.LIVE]
    if not rows:
        raise Refused(_("Nothing of this delivery is to be published any more."))
    try:
        return list(_handed(delivery, rows))
    except Rejected as rejected:
        raise Refused(rejected.reason) from rejected
    except (Forged, releases.Forged) as forged:
        raise Refused(_("What is stored is not what was signed off; an administrator must look.")) from forged


def _handed(delivery: Delivery, rows: list[DeliveryItem]) -> Iterator[Handed]:
    publisher = _publisher(delivery.account)
    for row in rows:
        tokens = {link.generation: link.token for link in row.links.all()}
        if delivery.generation not in tokens:
            raise Refused(_("This delivery is prepared when it is due."))
        item = EngineItem(
            row, tokens[delivery.generation], delivery.generation, publisher, delivery.account.theme
        )
        stored = item.payload if delivery.transport == Transport.MANUAL else None
        yield Handed(
            row, stored or manual.payload(item, _public_url(item)), item.document, publisher.platform
        )


def _publisher(account: Account) -> Publisher:
    publisher = registry.find(account.platform, Transport.MANUAL)
    if publisher is None:
        raise Refused(_("The platform of {account} is not installed.").format(account=account))
    return publisher


def _public_url(item: EngineItem) -> Callable[[str], str]:
    return lambda sha256: EnginePicture(sha256, item.document.assets[sha256]).public_url
