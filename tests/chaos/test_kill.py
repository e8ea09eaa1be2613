"""A worker process is killed before and after every commit and every call: one article, not two or none.

The verdict comes from the platform's ledger alone. Where nobody can tell whether a submission arrived, a
person is asked, and it is not made again.
"""

import pytest

from publishers.models import Cause, Phase
from tests.chaos.journeys import SUBMIT, is_untold, make_journey, travel

pytestmark = pytest.mark.django_db(transaction=True)
# So that two test workers share the points.
SHARES = {"wechat": 6, "penguin": 4}
CHANGING = ("/cgi-bin/draft/add", *SUBMIT.values())
_points: dict[str, list[str]] = {}


@pytest.fixture
def points_of(sandbox, office, workers):
    """Return a maker of the list of all points of a delivery: walked once, without a kill."""

    def walk(platform):
        if platform not in _points:
            [walked] = travel(workers, [make_journey(sandbox, office, platform)])
            assert walked.phase == Phase.SETTLED and walked.runs == 2
            _points[platform] = walked.points
        return _points[platform]

    return walk


@pytest.mark.parametrize(
    ("platform", "share"),
    [(platform, share) for platform, shares in SHARES.items() for share in range(shares)],
)
def test_killed_at_any_point_leaves_one_article(platform, share, points_of, sandbox, office, workers):
    points = points_of(platform)
    numbers = range(1 + share, len(points) + 1, SHARES[platform])
    journeys = [make_journey(sandbox, office, platform, kill_at) for kill_at in numbers]
    for journey in travel(workers, journeys):
        assert journey.killed and journey.died_at == points[journey.kill_at - 1], str(journey)
        assert_once_or_with_a_person(journey)
    print(f"chaos: {platform}, share {share}: {len(journeys)} of {len(points)} points", *journeys, sep="\n  ")


def assert_once_or_with_a_person(journey):
    """Settled exactly when it was submitted; a person is asked exactly when that cannot be told."""
    submission = f"POST /{journey.platform}{SUBMIT[journey.platform]}"
    untold = is_untold(journey.points[: journey.kill_at], submission)
    times = 0 if untold else 1
    assert journey.phase == (Phase.ATTENTION if untold else Phase.SETTLED), str(journey)
    assert journey.shown() == {release.title: times for release in journey.releases if times}, str(journey)
    assert journey.submissions() == times, str(journey)
    journey.delivery.refresh_from_db()
    if untold:
        assert journey.delivery.cause == Cause.UNKNOWN and journey.delivery.reason
    else:
        assert journey.sandbox.drafts(journey.account_id) == []


@pytest.mark.parametrize("platform", SHARES)
def test_the_points_are_before_and_after_every_call_and_commit(platform, points_of, sandbox, office, workers):
    points = points_of(platform)
    assert len(points) % 2 == 0
    assert [point.removeprefix("before ") for point in points[::2]] == [
        point.removeprefix("after ") for point in points[1::2]
    ]
    [journey] = travel(workers, [make_journey(sandbox, office, platform)])
    called = [call["path"] for call in sandbox.calls(platform, journey.account_id)]
    reached = [point.rpartition(" ")[2].removeprefix(f"/{platform}") for point in points if " /" in point]
    assert reached[::2] == called and set(CHANGING) & set(called)
