"""Who is overtaken, wherever in a run, writes nothing more: each write looks at the claim. No call follows.

Each journey is made again and again; each time another worker takes the delivery over a little later.
"""

import re
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.core import mail
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from wagtail.models import ModelLogEntry

from publishers import engine, registry
from publishers.distribution import correcting
from publishers.engine import after_restore, removing
from publishers.models import (
    Account,
    Attempt,
    CorrectionStrategy,
    Delivery,
    DeliveryItem,
    Feed,
    FeedEntry,
    MainSwitch,
    Phase,
    Sighting,
    SourceLink,
)
from publishers.people.permissions import OPERATOR
from publishers.verification import verify
from tests.factories import make_section, make_story
from tests.publishers.engine.cast import make_account, make_due, send, signed_release
from tests.publishers.engine.changing import Changing, server
from tests.publishers.engine.clock import an_hour_ago
from tests.publishers.feeds import cast as by_feed

__all__ = ["server"]
pytestmark = pytest.mark.django_db(transaction=True)
#: What is written of a delivery, and of those beside it.
WRITTEN = (Delivery, DeliveryItem, Attempt, SourceLink, Feed, FeedEntry, Sighting, ModelLogEntry)
WRITE = re.compile("INSERT|UPDATE|DELETE|BEGIN")
CLAIM = '"fence" = ('
NOWHERE = float("inf")
#: Calls that change something on the platform, and questions whose answers are written down.
FENCED_CALLS = {"/draft", "/submit", "/find", "/correct", "/corrected", "/remove", "/removed"}


class Overtaking:
    """Takes the delivery over before the first write from number ``begin`` on where nobody holds its row.

    The first statement after the claim or a call of the platform counts as a write, too. What somebody holds
    cannot be taken over; then it happens at the next write. ``at`` is the number, 0 while it came to none.
    """

    def __init__(self, delivery: Delivery, begin: float, calls: Counter):
        self.delivery, self.writes, self.at = delivery, 0, 0
        self._begin, self._calls = begin, calls
        self._is_claimed, self._total = False, -1
        self._other = connection.copy()
        if connection.vendor == "sqlite":
            self._ask("PRAGMA busy_timeout = 0")

    def __call__(self, execute, sql, params, many, context):
        is_begun = self._is_claimed and (self.writes or not connection.in_atomic_block)
        if is_begun and not self.at and self._counts(sql):
            self.writes += 1
            if self.writes >= self._begin and self._take_over():
                self.at, self._left, self._called = self.writes, self.rows(), Counter(self._calls)
        self._is_claimed |= CLAIM in sql
        return execute(sql, params, many, context)

    def _counts(self, sql: str) -> bool:
        is_after_call, self._total = self._calls.total() != self._total, self._calls.total()
        return is_after_call or bool(WRITE.match(sql))

    def _take_over(self) -> bool:
        table = Delivery._meta.db_table
        its_id = Delivery._meta.pk.get_db_prep_value(self.delivery.pk, self._other)
        free = f"SELECT id FROM {table} WHERE id = %s"
        free += " FOR NO KEY UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
        try:
            taken = self._ask(f"UPDATE {table} SET fence = fence + 1 WHERE id IN ({free})", its_id)
        except OperationalError:  # SQLite has one writer at a time, who holds everything
            return False
        return bool(taken.rowcount)

    def _ask(self, sql: str, *params):
        cursor = self._other.cursor()
        cursor.execute(sql, params)
        return cursor

    def rows(self) -> dict:
        """Return what is committed."""
        tables = [model._meta.db_table for model in WRITTEN]
        found = {name: self._ask(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in tables}
        return found | {"mails": len(mail.outbox)}

    def wrote(self) -> list[str]:
        """Return what was written after the delivery was taken over."""
        rows = self.rows()
        return [name for name, left in self._left.items() if rows[name] != left]

    def called(self) -> int:
        """Return how many calls were made after it that need the claim."""
        return sum((self._calls - self._called)[path] for path in FENCED_CALLS)

    def close(self) -> None:
        self._other.close()


@pytest.fixture
def scene(office, server, monkeypatch):
    """Accounts that were asked what they may do, and what journeys begin with."""
    monkeypatch.setitem(registry._publishers, "tiny", Changing())
    made = SimpleNamespace(server=server, section=make_section(office))
    made.account = make_account(office, server)
    made.by_feed = by_feed.make_account(office)
    Account.objects.update(checked_at=timezone.now())
    return made


def text(scene, title="山里的阅览室", page=None, **given):
    page = page or make_story(scene.section)
    return signed_release(page.pk, title=title, pictures=1, **given)


def sent(scene, *faults, path="/draft", account=None) -> Delivery:
    """Return a delivery that is due; its first call to ``path`` meets the faults."""
    scene.server.faults = {path: list(faults)}
    return send(text(scene), account=account or scene.account)


def begun(scene, fault, path) -> Delivery:
    delivery = sent(scene, fault, path=path)
    engine.run(delivery.pk)
    make_due(delivery)
    return delivery


def live(scene, account=None) -> Delivery:
    delivery = sent(scene, account=account)
    engine.run(delivery.pk)
    return delivery


def going(scene, account=None) -> Delivery:
    delivery = live(scene, account)
    with transaction.atomic():
        removing.ask([item.pk for item in delivery.items.all()], [delivery.pk])
    return delivery


def corrected(scene, manner, account=None) -> Delivery:
    old = live(scene, account).items.get()
    page = SimpleNamespace(pk=old.release.page_id)
    [delivery] = correcting.correct(text(scene, "更正", page), {old.account: manner}, by=OPERATOR)
    return delivery


def restored(scene) -> Delivery:
    delivery = sent(scene)
    marks = {"restored_at": timezone.now(), **after_restore.marks()}
    MainSwitch.objects.update_or_create(pk=1, defaults=marks)
    return delivery


def in_confirmation(scene) -> Delivery:
    delivery = sent(scene)
    scene.server.polls_until_live = 1
    return delivery


def falling_back(scene) -> Delivery:
    Account.objects.filter(pk=scene.account.pk).update(falls_back=True)
    return sent(scene, "permanent")


def looked_at(scene) -> Delivery:
    delivery = live(scene)
    Delivery.objects.filter(pk=delivery.pk).update(look_at=an_hour_ago())
    return delivery


#: What is prepared, and where the run ends when nobody takes it over.
JOURNEYS: dict[str, tuple[Callable[..., Delivery], str]] = {
    "publish": (sent, Phase.SETTLED),
    "wait for confirmation": (in_confirmation, Phase.CONFIRMING),
    "fail": (lambda scene: sent(scene, "retry"), Phase.SENDING),
    "lose an upload": (lambda scene: sent(scene, "lost", path="/upload"), Phase.SENDING),
    "be refused": (lambda scene: sent(scene, "rejected", path="/submit"), Phase.ATTENTION),
    "have wrong credentials": (lambda scene: sent(scene, "credentials"), Phase.PAUSED),
    "fall back": (falling_back, Phase.SENDING),
    "find what arrived": (lambda scene: begun(scene, "lost", "/submit"), Phase.SETTLED),
    "find that nothing arrived": (lambda scene: begun(scene, "cut", "/submit"), Phase.SETTLED),
    "doubt after a restore": (restored, Phase.SETTLED),
    "correct": (lambda scene: corrected(scene, CorrectionStrategy.UPDATE), Phase.SETTLED),
    "make way for a correction": (
        lambda scene: corrected(scene, CorrectionStrategy.REPUBLISH),
        Phase.SCHEDULED,
    ),
    "withdraw": (going, Phase.SETTLED),
    "offer in a feed": (lambda scene: sent(scene, account=scene.by_feed), Phase.CONFIRMING),
    "correct in a feed": (
        lambda scene: corrected(scene, CorrectionStrategy.UPDATE, account=scene.by_feed),
        Phase.CONFIRMING,
    ),
    "retract from a feed": (lambda scene: going(scene, account=scene.by_feed), Phase.ATTENTION),
}


def begin_anew(scene) -> None:
    """Let nothing of an earlier round be in the way."""
    Delivery.objects.update(phase=Phase.CANCELLED, lease_until=None, next_at=None, look_at=None)
    Account.objects.update(failures=0, resting_until=None, paused_at=None, falls_back=False)
    scene.server.polls_until_live = 0


def walk(scene, prepare, run) -> Delivery:
    """Let it be overtaken at each place in turn; return the delivery of a round in which it is nowhere."""
    # The first round compiles the statements that a connection keeps: then each round has the same places.
    overtaken(scene, prepare, run, NOWHERE)
    whole = overtaken(scene, prepare, run, NOWHERE)
    begin, places = 1, []
    while begin <= whole.writes:
        other = overtaken(scene, prepare, run, begin)
        places += [other.at] if other.at else []
        begin = (other.at or begin) + 1
    assert places
    return whole.delivery


def overtaken(scene, prepare, run, begin) -> Overtaking:
    """Make the journey once, overtaken from ``begin`` on; nothing is written or called after that."""
    begin_anew(scene)
    other = Overtaking(prepare(scene), begin, scene.server.calls)
    try:
        with connection.execute_wrapper(other):
            run(other.delivery.pk)
        if other.at:
            assert other.wrote() == [], f"overtaken at {other.at}"
            # What was begun before it cannot be called back; nothing is begun after it.
            assert other.called() <= (0 if other.at == 1 else 1), f"overtaken at {other.at}"
    finally:
        other.close()
    other.delivery.refresh_from_db()
    return other


@pytest.mark.parametrize("journey", JOURNEYS)
def test_who_is_overtaken_writes_nothing_more_and_makes_no_call(journey, scene):
    prepare, ends = JOURNEYS[journey]
    delivery = walk(scene, prepare, engine.run)
    assert delivery.phase == ends, delivery.reason


def test_whose_look_is_overtaken_keeps_nothing_of_it(scene):
    delivery = walk(scene, looked_at, verify.verify)
    assert Sighting.objects.filter(item__delivery=delivery).count() == 1
