"""A worker is killed before and after every commit and call of a correction and of a withdrawal.

Readers see the corrected text once and the earlier one no more; what is withdrawn is gone, and was taken down
once. The verdict comes from the platform's ledger alone.
"""

from collections import Counter

import pytest

from publishers import registry
from publishers.distribution.withdrawing import confirm_gone
from publishers.models import Cause, Phase
from publishers.people.permissions import OPERATOR
from tests.chaos.changes import CHANGES, EARLIER, NEWER, OTHER, make_change
from tests.chaos.journeys import is_untold, travel
from tests.publishers.engine.changing import Changing

pytestmark = pytest.mark.django_db(transaction=True)
SHARES = {name: 4 if "republish" in name else 2 for name in CHANGES}
SUBMIT, DELETE = "/cgi-bin/freepublish/submit", "/cgi-bin/freepublish/delete"
_points: dict[str, list[str]] = {}


@pytest.fixture(autouse=True)
def servers(monkeypatch):
    monkeypatch.setitem(registry._publishers, "tiny", Changing())
    started: list = []
    yield started
    for server in started:
        server.stop()


@pytest.fixture
def points_of(sandbox, office, workers, servers):
    """Return a maker of the list of all points of a change: walked once, without a kill."""

    def walk(name):
        if name not in _points:
            [walked] = travel(workers, [make_change(name, sandbox, office, servers)])
            VERDICTS[name](walked)
            _points[name] = walked.points
        return _points[name]

    return walk


@pytest.mark.parametrize(
    ("name", "share"), [(name, share) for name, shares in SHARES.items() for share in range(shares)]
)
def test_killed_at_any_point_of_a_change(name, share, points_of, sandbox, office, workers, servers):
    points = points_of(name)
    numbers = range(1 + share, len(points) + 1, SHARES[name])
    changes = [make_change(name, sandbox, office, servers, kill_at) for kill_at in numbers]
    for change in travel(workers, changes):
        assert change.killed and change.died_at == points[change.kill_at - 1], str(change)
        VERDICTS[name](change)
    print(f"chaos: {name}, share {share}: {len(changes)} of {len(points)} points", *changes, sep="\n  ")


def republished(change):
    """The earlier text is gone; the newer is there, unless nobody can tell and a person is asked."""
    untold = change.killed and is_untold(change.points[: change.kill_at], f"POST /wechat{SUBMIT}")
    times = 0 if untold else 1
    assert change.phases[-2:] == [Phase.SETTLED, Phase.ATTENTION if untold else Phase.SETTLED], str(change)
    assert change.ledger.live() == _without_none({NEWER: times, OTHER: 1}), str(change)
    assert change.ledger.ever() == _without_none({EARLIER: 1, NEWER: times, OTHER: 1}), str(change)
    assert (change.ledger.calls(SUBMIT), change.ledger.calls(DELETE)) == (1 + times, 1), str(change)


def updated(change):
    assert set(change.phases[-2:]) == {Phase.SETTLED}, str(change)
    assert change.ledger.live() == {NEWER: 1, OTHER: 1}, str(change)
    assert (change.ledger.calls("/submit"), change.ledger.calls("/correct")) == (1, 1), str(change)


def taken_down(change):
    assert change.phases == [Phase.SETTLED], str(change)
    assert change.ledger.live() == {OTHER: 1} and change.ledger.ever() == {EARLIER: 1, OTHER: 1}, str(change)
    assert change.ledger.calls(DELETE) == 1, str(change)


def left_to_a_person(change):
    """Penguin has no call: the task is there after any death, and her word ends it."""
    assert change.phases == [Phase.ATTENTION], str(change)
    change.earlier.refresh_from_db()
    assert change.earlier.cause == Cause.BY_HAND and change.earlier.deadline_at, str(change)
    assert change.ledger.ever() == {EARLIER: 1}, str(change)
    confirm_gone(change.earlier, by=OPERATOR)
    assert change.earlier.is_gone


def _without_none(counts: dict) -> Counter:
    return Counter({title: times for title, times in counts.items() if times})


VERDICTS = dict(zip(CHANGES, (republished, updated, taken_down, left_to_a_person), strict=True))
