"""Striking: each kind of blow is one method; who is struck is chosen by the blow's lot."""

import hashlib
import json
import shutil
import sqlite3
import threading
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from typing import TypeVar

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models.functions import Now
from wagtail.models import Page

from cms.document.model import canonical
from cms.refusals import Refused
from cms.releases import withdrawals
from config.celery import app
from publishers.models import Delivery, DeliveryItem, Phase
from publishers.tasks import deliver
from tests.chaos.storm.cargo import MARK, Cargo
from tests.chaos.storm.days import Days
from tests.chaos.storm.hub import Hub
from tests.chaos.storm.plan import CODES, PLATFORM, Blow

T = TypeVar("T")
#: Longer than a lease is in a storm (``hurry``): who stalls so long comes back to a delivery of another's.
STALL_S, LOCK_S, AWAY_S = 13.0, 5.0, 3.0
WOKEN, PAGES = 12, 3


class Striker:
    """Strikes blows; ``struck`` counts what really happened, ``touched`` are deliveries that were forged."""

    def __init__(self, hub: Hub, cargo: Cargo, sandbox, days: Days):
        self.hub, self.cargo, self.sandbox, self.days = hub, cargo, sandbox, days
        self.struck: Counter[str] = Counter()
        self.touched: set[uuid.UUID] = set()
        self._later: list[threading.Timer] = []
        self._withdrawals = list(cargo.plan.withdrawn)

    def strike(self, blow: Blow) -> None:
        done = getattr(self, f"_{blow.kind.replace(' ', '_')}")(blow)
        self.struck[blow.kind] += done is not False

    def calm(self) -> None:
        """Wait for what ends by itself; count the faults that struck, and let none strike any more."""
        for timer in self._later:
            timer.join()
        self._count_faults()
        self.sandbox.clear_faults()

    def wake_all(self) -> None:
        """Wake workers for everything once more, and wait until they have looked: nothing goes out again."""
        for delivery_id in self.cargo.all:
            self._wake(delivery_id)
        time.sleep(AWAY_S)

    # workers

    def _child_killed(self, blow: Blow) -> bool:
        return any(group.kill_child(blow.lot) for group in _rotated(self.hub.groups, blow.lot))

    def _machine_killed(self, blow: Blow) -> None:
        _of(self.hub.groups, blow.lot).kill()  # the driver starts it again

    def _worker_stalled(self, blow: Blow) -> None:
        group = _of(self.hub.groups, blow.lot)
        group.stall()
        self._after(STALL_S, group.go_on)

    # broker and messages

    def _broker_emptied(self, blow: Blow) -> None:
        app.control.purge()

    def _broker_away(self, blow: Blow) -> None:
        if self.hub.broker_folder is None:
            wire = self.hub.wires["broker"]
            wire.down()
            return self._after(AWAY_S, wire.up)
        folder = self.hub.broker_folder
        if folder.exists():
            # What was on its way is lost; whoever writes next makes the folder again.
            shutil.rmtree(folder.rename(folder.with_name(f"away{blow.lot}")))

    def _messages_duplicated(self, blow: Blow) -> None:
        for delivery_id in _some(self.cargo.all, blow.lot) * 3:
            self._wake(delivery_id)

    def _messages_delayed(self, blow: Blow) -> None:
        for number, delivery_id in enumerate(_some(self.cargo.all, blow.lot)):
            self._wake(delivery_id, countdown=1 + number)

    def _wake(self, delivery_id: uuid.UUID, **options) -> None:
        try:
            deliver.apply_async((str(delivery_id),), retry=False, **options)
        except OSError:
            self.struck["messages lost"] += 1  # the broker is away

    # database

    def _database_cut(self, blow: Blow) -> None:
        if "database" in self.hub.wires:
            return self.hub.wires["database"].cut()
        thread = threading.Thread(target=_hold_lock, args=(connection.settings_dict["NAME"],))
        thread.start()
        thread.join()

    def _payload_forged(self, blow: Blow) -> bool:
        """Change what is stored to be sent, as somebody could who reaches the database."""
        under_way = DeliveryItem.objects.filter(
            payload__isnull=False, delivery__phase__in=Delivery.OPEN, observed_generation=None
        )
        for item in under_way.order_by("pk")[:1]:
            payload = json.loads(bytes(item.payload)) | {"title": MARK}
            content = canonical(payload)
            sha256 = hashlib.sha256(content).hexdigest()
            DeliveryItem.objects.filter(pk=item.pk).update(payload=content, payload_sha256=sha256)
            self.touched.add(item.delivery_id)
            return True
        return False

    # people

    def _article_withdrawn(self, blow: Blow) -> bool:
        if not self._withdrawals:
            return False
        release = self.cargo.releases[self._withdrawals.pop(0)]
        duty = get_user_model().objects.get(username="duty")
        try:
            withdrawals.withdraw(Page.objects.get(pk=release.page_id), reason="事实有误", by=duty)
        except Refused:
            return False
        return True

    # platforms

    def _platform(self, blow: Blow) -> bool:
        kind, more = {"late": "delay", "slow": "delay"}.get(blow.fault, blow.fault), PLATFORM[blow.fault][1]
        if blow.fault in CODES:
            kind, more = "error", {"code": CODES[blow.fault][blow.platform], "msg": blow.fault}
        self.sandbox.fault(
            kind, times=blow.times, skip=blow.skip, platform=blow.platform, path=blow.path or None, **more
        )
        return False  # counted by how often it struck

    def _page_hangs(self, blow: Blow) -> bool:
        """Let the page of an article that is live never answer, and be looked at now."""
        live = DeliveryItem.objects.filter(delivery__phase=Phase.SETTLED, observed_generation__isnull=False)
        items = list(live.order_by("pk"))
        for item in items[:: max(1, len(items) // PAGES)]:
            DeliveryItem.objects.filter(pk=item.pk).update(url=f"{self.hub.silent_url}/{item.pk}")
            Delivery.objects.filter(pk=item.delivery_id).update(look_at=Now())
        return bool(items)

    def _day_begun(self, blow: Blow) -> None:
        self.days.begin()

    def _count_faults(self) -> None:
        for fault in self.sandbox.faults():
            kind = fault.get("msg", fault["kind"])
            self.struck[f"platform: {kind}"] += fault["times"] - fault["times_left"]

    def _after(self, seconds: float, work) -> None:
        timer = threading.Timer(seconds, work)
        timer.start()
        self._later.append(timer)


def _hold_lock(file: str) -> None:
    with closing(sqlite3.connect(file, timeout=20, isolation_level=None)) as lock:
        lock.execute("BEGIN IMMEDIATE")
        time.sleep(LOCK_S)
        lock.execute("ROLLBACK")


def _of(things: Sequence[T], lot: float) -> T:
    return things[int(lot * len(things))]


def _rotated(things: Sequence[T], lot: float) -> list[T]:
    at = int(lot * len(things))
    return [*things[at:], *things[:at]]


def _some(ids: list[uuid.UUID], lot: float) -> list[uuid.UUID]:
    return _rotated(ids, lot)[:WOKEN]
