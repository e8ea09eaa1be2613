"""Everything that may hang: platforms, probes, pages and mail that take connections and never answer."""

import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from cms.models import Mail
from publishers.engine import removing
from publishers.models import Account, Delivery, DeliveryItem, Phase
from tests.chaos.journeys import Journey, make_journey
from tests.publishers.engine.clock import an_hour_ago

#: Fewer than expire while they wait in the line, so that a shared one would see to all of them first.
EACH = 5


@contextmanager
def silence() -> Iterator[int]:
    """The port of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        yield listening.getsockname()[1]


def settled(journey: Journey, port: int) -> Delivery:
    """Let the journey's delivery be live at an address that hangs, and its look be due."""
    items = DeliveryItem.objects.filter(delivery=journey.delivery)
    url = f"http://127.0.0.1:{port}/{journey.delivery.pk}"
    items.update(url=url, observed_generation=1, remote={"article_id": "none", "index": 1})
    Delivery.objects.filter(pk=journey.delivery.pk).update(
        phase=Phase.SETTLED, next_at=None, settled_at=timezone.now(), look_at=an_hour_ago()
    )
    return journey.delivery


class Hanging:
    """Pages, mail and ordinary deliveries, half of which begin with a probe; each waits for ``port``."""

    def __init__(self, sandbox, office, port: int):
        self._sandbox, self._office, self._port = sandbox, office, port
        self.live: set[uuid.UUID] = set()
        self.pages = [settled(make_journey(sandbox, office, "penguin"), port) for _each in range(EACH)]
        self.deliveries = [make_journey(sandbox, office, "penguin").delivery for _each in range(EACH)]
        platforms = Account.objects.filter(deliveries__in=self.deliveries)
        platforms.update(base_url=f"http://127.0.0.1:{port}", checked_at=None)
        known = [delivery.account_id for delivery in self.deliveries[::2]]
        platforms.filter(pk__in=known).update(checked_at=timezone.now(), capabilities=["publish"])
        message = {"subject": "已签发", "body": "", "to": ["lin@example.org"]}
        mails = (Mail(message=message, created_at=Now(), next_at=Now()) for _each in range(EACH))
        Mail.objects.bulk_create(mails)

    def in_hand(self) -> set:
        """Return the calls that are waited for: (delivery, how often it was taken)."""
        held = Q(lease_until__gt=Now())
        rows = Delivery.objects.filter(held, pk__in=[delivery.pk for delivery in self.deliveries])
        return set(rows.values_list("pk", "fence"))

    def go_live(self) -> None:
        """Let articles be live on as many accounts of a second platform, which hangs by now."""
        journeys = [make_journey(self._sandbox, self._office, "wechat") for _each in range(EACH)]
        live = [settled(journey, self._port) for journey in journeys]
        platforms = Account.objects.filter(deliveries__in=live)
        platforms.update(base_url=f"http://127.0.0.1:{self._port}", checked_at=timezone.now())
        self.live = {delivery.pk for delivery in live}
        self.deliveries += live

    def withdraw(self) -> None:
        """Withdraw everywhere what went live."""
        items = DeliveryItem.objects.filter(delivery__in=self.live).values_list("pk", flat=True)
        with transaction.atomic():
            removing.ask(list(items), list(self.live))

    def withdraws(self) -> bool:
        """Return whether a withdrawal is waited for."""
        return any(delivery in self.live for delivery, _fence in self.in_hand())

    def hangs_aside(self) -> bool:
        """Return whether a look or a mail was begun."""
        looks = Delivery.objects.filter(pk__in=[each.pk for each in self.pages], look_at__gt=Now())
        return looks.exists() or Mail.objects.filter(next_at__gt=Now()).exists()
