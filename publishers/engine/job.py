"""One run of one delivery, as the plugin sees it."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import cast

from django.db.models import Q

from publishers.accounts.sessions import EngineAccount
from publishers.engine.items import EngineItem
from publishers.engine.leases import Lease, mine
from publishers.engine.pictures import EnginePicture
from publishers.engine.steps import Steps
from publishers.feeds import feeding
from publishers.interface import Finding, Item, Json, Picture
from publishers.models import Callback, Upload

#: A partner's clock and ours may differ by so much.
CLOCKS = dt.timedelta(minutes=5)


class EngineJob:
    """Implements ``interface.Job``."""

    def __init__(
        self,
        lease: Lease,
        account: EngineAccount,
        items: Sequence[EngineItem],
        steps: Steps,
        down_since: dt.datetime | None = None,
    ):
        self.account, self.items = account, items
        self.generation = lease.delivery.generation
        self.notifies = lease.delivery.notifies
        self._lease, self._steps, self._down_since = lease, steps, down_since

    @property
    def withdrawing(self) -> bool:
        return self._steps.looking

    def taking_down(self, items: Sequence[EngineItem]) -> "EngineJob":
        """Return the same run for some of its items, which are to go."""
        return EngineJob(
            self._lease, self.account, items, self._steps, down_since=self._lease.delivery.down_since
        )

    def step(
        self,
        name: str,
        call: Callable[[], Json],
        *,
        find: Callable[[], Finding] | None = None,
        item: Item | None = None,
        given: Json = None,
        repeatable: bool = False,
        before: Callable[[], None] | None = None,
    ) -> Json:
        own = None if item is None else _own(item)
        return self._steps.step(
            name, call, find=find, item=own, given=given, repeatable=repeatable, before=before
        )

    def now(self) -> dt.datetime:
        return self._lease.time

    def unknown_since(self, name: str, *, item: Item | None = None) -> dt.datetime:
        return self._steps.unknown_since(name, None if item is None else _own(item))

    def poll(self, name: str, ask: Callable[[], Json | None], *, delays: Sequence[float]) -> Json:
        return self._steps.poll(name, ask, delays)

    def heard(self, key: str, *, ever: bool = False) -> Mapping[str, Json] | None:
        return heard(self.account, key, since=None if ever else self._down_since)

    def picture(self, sha256: str) -> EnginePicture:
        for item in self.items:
            if sha256 in item.document.assets:
                return EnginePicture(sha256, item.document.assets[sha256])
        raise KeyError(f"No article of this delivery has the picture {sha256}.")

    def uploaded(self, use: str, picture: Picture, upload: Callable[[], Json]) -> Json:
        key = (use, picture.sha256)
        if key not in self._uploads:
            self._uploads[key] = self._steps.upload(use, picture.sha256, upload)
        return self._uploads[key]

    def store_payload(self, item: Item, payload: Mapping[str, Json]) -> Mapping[str, Json]:
        self._steps.write_down()
        return _own(item).store(payload, self._lease)

    def offer(self, item: Item) -> Mapping[str, Json]:
        own, payload = _own(item), item.payload
        if payload is None:
            raise RuntimeError("Only a stored payload is offered.")
        given = {"sha256": own.row.payload_sha256}
        entry = self._steps.commit("offer", own, given, lambda: feeding.offer(own.row, payload))
        feeding.end_replaced(own.row, mine(self._lease))
        return entry

    def retract(self, item: Item) -> Mapping[str, Json]:
        own = _own(item)
        return self._steps.commit("retract", own, None, lambda: feeding.retract(own.row, anew=True))

    @cached_property
    def _uploads(self) -> dict[tuple[str, str], Json]:
        pictures = {sha256 for item in self.items for sha256 in item.document.assets}
        rows = Upload.objects.filter(account=self.account.row, sha256__in=pictures)
        return {(row.use, row.sha256): row.result for row in rows}


def _own(item: Item) -> EngineItem:
    return cast(EngineItem, item)  # a plugin hands back one of the items that it was handed


def heard(account: EngineAccount, key: str, since: dt.datetime | None = None) -> Mapping[str, Json] | None:
    """Return the facts of the account's event with this key, if the platform has told it (``since`` then).

    A message of before that was late is none of those; a partner's clock may be behind.
    """
    told = Callback.objects.filter(account=account.row, key=key)
    if since is not None:
        late = Q(happened_at__lt=since - CLOCKS)
        told = told.filter(received_at__gte=since).exclude(late)
    return next((event["facts"] for event in told.values_list("event", flat=True)), None)
