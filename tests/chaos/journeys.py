"""Deliveries on their way through workers that die, and the verdict: what the platform's ledger shows."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import count

from cms.models import Release
from publishers import accounts
from publishers.distribution import distribute
from publishers.models import Account, Attempt, Delivery, HeldToken, Phase, SharedAnswer
from publishers.people.permissions import OPERATOR
from readers.snapshots import snapshots
from tests.publishers.engine.cast import make_due, signed_release
from tests.publishers.engine.clock import an_hour_ago

RUNS = 8
CREDENTIALS = {"wechat": ("appid", "secret"), "penguin": ("client_id", "client_secret")}
SUBMIT = {"wechat": "/cgi-bin/freepublish/submit", "penguin": "/article/clientpubpic"}
_numbers = count(1)


@dataclass
class Journey:
    """One delivery to an account of its own, whose worker dies at the point ``kill_at`` (None: nowhere)."""

    sandbox: object
    platform: str
    account_id: str
    releases: list[Release]
    delivery: Delivery
    kill_at: int | None
    points: list[str] = field(default_factory=list)
    killed: bool = False
    phase: str = ""
    runs: int = 0

    @property
    def is_over(self) -> bool:
        return self.phase in (Phase.SETTLED, Phase.ATTENTION)

    @property
    def died_at(self) -> str:
        return self.points[self.kill_at - 1] if self.killed else ""

    def next_run(self) -> dict:
        kill_at = None if self.killed or self.kill_at is None else self.kill_at - len(self.points)
        return {"deliveries": [str(self.delivery.pk)], "kill_at": kill_at}

    def take(self, ended: dict) -> None:
        """Go on from how a run ended: who was killed leaves a lease, everybody else a time to wait for."""
        self.runs += 1
        assert self.runs <= RUNS, f"{self} does not come to an end: {self.points[-6:]}"
        if not self.killed:
            self.points += ended["points"]
        if ended["killed"]:
            self.killed = True
            leases_end(self)
            return
        [self.phase] = ended["phases"]
        if not self.is_over:
            an_hour_passes(self)

    def shown(self) -> Counter:
        """Return how often readers ever saw each title; whatever is still in review comes out of it first."""
        self.sandbox.finish_reviews(self.account_id)
        return Counter(article["title"] for article in self.sandbox.articles(self.platform, self.account_id))

    def submissions(self) -> int:
        return len(self.sandbox.calls(self.platform, self.account_id, SUBMIT[self.platform]))

    def __str__(self) -> str:
        return f"{self.platform}, killed {self.died_at or 'nowhere'}: {self.phase}"


def is_untold(points: list[str], submission: str) -> bool:
    """Return whether who died at the last of ``points`` left a submission of which nobody can tell."""
    begun = {"after submit begun", "after commit of submit begun"}
    return not begun.isdisjoint(points) and f"after {submission}" not in points


def leases_end(journey: Journey) -> None:
    """Let what a dead worker holds be free again: the delivery, the right to fetch the account's token."""
    make_due(journey.delivery)
    held = HeldToken.objects.filter(account_id=journey.delivery.account_id, lease_until__isnull=False)
    held.update(lease_until=an_hour_ago())


def an_hour_passes(journey: Journey) -> None:
    """Let an hour go by for the delivery, in the database and on the platform, whose reviews end."""
    leases_end(journey)
    Attempt.objects.filter(delivery=journey.delivery).update(begun_at=an_hour_ago())
    SharedAnswer.objects.filter(account=journey.delivery.account_id).update(serves_until=an_hour_ago())
    journey.sandbox.finish_reviews(journey.account_id)


def make_journey(
    sandbox, office, platform: str, kill_at: int | None = None, *, urgent: bool = False
) -> Journey:
    """Return a delivery that is due: two Releases as an edition where the platform takes several."""
    number = next(_numbers)
    account = make_account(sandbox, office, platform, number)
    account_id = account_id_of(platform, number)
    # The first look finds it in review, so that the points of a later run are counted, too.
    sandbox.fault("stall_review", times=None, platform=platform, account=account_id)
    titles = ["山里的阅览室", "夜校的灯亮着"][: 2 if platform == "wechat" else 1]
    releases = [public_release(2 * number + at, title) for at, title in enumerate(titles)]
    [delivery] = distribute(releases, [account], alike=True, urgent=urgent, by=OPERATOR)
    return Journey(sandbox, platform, account_id, releases, delivery, kill_at)


def account_id_of(platform: str, number: int) -> str:
    return f"{platform}-{number}"


def make_account(sandbox, office, platform: str, number: int) -> Account:
    account_id = account_id_of(platform, number)
    sandbox.add_account(platform, account_id, "s3cret", f"榕溪女声{number}")
    id_field, secret_field = CREDENTIALS[platform]
    return accounts.add(
        office=office,
        platform=platform,
        name=f"榕溪女声{number}",
        credentials={id_field: account_id, secret_field: "s3cret"},
        base_url=sandbox.base_url(platform),
        by=OPERATOR,
    )


def travel(workers, journeys: list[Journey]) -> list[Journey]:
    """Run workers until every journey is over; each run is a process of its own."""
    while going := [journey for journey in journeys if not journey.is_over]:
        for journey, ended in zip(going, workers.run([each.next_run() for each in going]), strict=True):
            journey.take(ended)
    return journeys


def public_release(page_id: int, title: str) -> Release:
    release = signed_release(page_id, title=title)
    # Its pictures are served from now on.
    snapshots.make(release, section_id=None)
    return release
