"""A person publishes in the platform's console: docs/platforms/partner-feed-contract.md, part D."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from publishers.interface import AccountSession, ByHand, Item, Job, Json, Live, Publisher
from publishers.rendering import fill
from publishers.transports.base import OverTransport

#: Written down when a person is asked: she may have published before she records it.
HAND_OVER = "hand over"
#: From then on she has so long.
WITHIN_S = 2 * 60 * 60


class ByPerson(OverTransport):
    abilities = {"steps": {HAND_OVER: gettext_lazy("Hand over to a person")}}

    def __init__(self, of: Publisher):
        super().__init__(of)
        # In the console an edition is put together as the interface would do it.
        self.platform = dataclasses.replace(self.platform, edition_size=of.platform.edition_size)

    def check(self, account: AccountSession) -> frozenset[str]:
        return frozenset(self.platform.capabilities)

    def publish(self, job: Job) -> Sequence[Live]:
        for item in job.items:
            job.store_payload(item, payload(item, lambda sha256: job.picture(sha256).public_url))
        job.step(HAND_OVER, lambda: None, repeatable=True)
        instruction = _("Publish it in the console of {platform} by {time}, then record its address here.")
        raise ByHand(instruction.replace("{platform}", self.platform.name), within=WITHIN_S)

    def sent(self, payload: Mapping[str, Json]) -> tuple[str, str]:
        return payload["title"], payload["html"]


def payload(item: Item, public_url: Callable[[str], str]) -> dict[str, Json]:
    """Return what a person publishes: the same from the same Release, whoever asks.

    ``html`` names pictures by their public addresses; ``pictures`` lists them, in the order of the body, with
    their SHA-256. ``cover`` is the cover's SHA-256 or None, ``focus`` as in ``Rendition``.
    """
    rendition = item.rendition
    return {
        "title": rendition.title,
        "digest": rendition.digest,
        "author": rendition.author,
        "html": fill(rendition.html, public_url).replace('"source:"', f'"{item.source_url}"'),
        "cover": rendition.cover,
        "focus": list(rendition.focus),
        "pictures": [{"sha256": sha256, "url": public_url(sha256)} for sha256 in rendition.assets],
        "source_url": item.source_url,
    }
