"""What is live is corrected or withdrawn through workers that die; the ledger tells what readers then see."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from wagtail.models import Page

from cms.models import Role
from cms.releases import withdrawals
from publishers import accounts, engine
from publishers.distribution import distribute
from publishers.distribution.correcting import correct
from publishers.models import Account, Attempt, CorrectionStrategy, Delivery, HeldToken, Phase
from publishers.people.permissions import OPERATOR
from tests.chaos.journeys import RUNS, account_id_of, make_account, public_release
from tests.factories import make_section, make_story, make_user
from tests.publishers.engine.cast import SECRET, make_due
from tests.publishers.engine.changing import ChangingServer
from tests.publishers.engine.clock import an_hour_ago

EARLIER, NEWER, OTHER = "山里的阅览室", "山里的阅览室（更正）", "夜校的灯亮着"
_numbers = count(10_001)


@dataclass
class Ledger:
    """What one account's platform tells: titles that are live, that ever were, and calls of a path."""

    live: Callable[[], Counter]
    ever: Callable[[], Counter]
    calls: Callable[[str], int]
    finish_reviews: Callable[[], object] = lambda: None


@dataclass
class Change:
    """One change of what is live on an account of its own; its worker dies at the point ``kill_at``."""

    name: str
    ledger: Ledger
    page: Page
    account: Account
    earlier: Delivery
    kill_at: int | None
    newer: Delivery | None = None
    points: list[str] = field(default_factory=list)
    phases: list[str] = field(default_factory=list)
    killed: bool = False
    runs: int = 0

    @property
    def deliveries(self) -> list[Delivery]:
        """Return them in the order in which a sweep comes to them: the newer one waits for the earlier."""
        return [self.newer, self.earlier, self.newer] if self.newer else [self.earlier]

    @property
    def is_over(self) -> bool:
        return bool(self.phases) and set(self.phases[-2:]) <= {Phase.SETTLED, Phase.ATTENTION}

    @property
    def died_at(self) -> str:
        return self.points[self.kill_at - 1] if self.killed else ""

    def next_run(self) -> dict:
        kill_at = None if self.killed or self.kill_at is None else self.kill_at - len(self.points)
        return {"deliveries": [str(each.pk) for each in self.deliveries], "kill_at": kill_at}

    def take(self, ended: dict) -> None:
        self.runs += 1
        assert self.runs <= RUNS, f"{self} does not come to an end: {self.points[-6:]}"
        if not self.killed:
            self.points += ended["points"]
        self.killed = self.killed or ended["killed"]
        self.phases = ended["phases"] or []
        if not self.is_over:
            an_hour_passes(self)

    def __str__(self) -> str:
        return f"{self.name}, killed {self.died_at or 'nowhere'}: {' '.join(self.phases)}"


def an_hour_passes(change: Change) -> None:
    """Let what a dead worker holds be free again, and an hour go by."""
    for delivery in {each.pk: each for each in change.deliveries}.values():
        make_due(delivery)
        Attempt.objects.filter(delivery=delivery).update(begun_at=an_hour_ago())
    held = HeldToken.objects.filter(account=change.account, lease_until__isnull=False)
    held.update(lease_until=an_hour_ago())
    change.ledger.finish_reviews()


def correct_by(manner: CorrectionStrategy) -> Callable[[Change], None]:
    def change_text(change: Change) -> None:
        newer = public_release(change.page.pk, NEWER)
        [change.newer] = correct(newer, {change.account: manner}, by=OPERATOR)

    return change_text


def withdraw(change: Change) -> None:
    by = make_user(f"duty-{change.account.pk}", change.account.office, Role.DUTY_EDITOR)
    withdrawals.withdraw(change.page, reason="数字写错了。", by=by)


#: name: (platform, what is done to the article that is live)
CHANGES = {
    "republish on wechat": ("wechat", correct_by(CorrectionStrategy.REPUBLISH)),
    "update on tiny": ("tiny", correct_by(CorrectionStrategy.UPDATE)),
    "withdraw of a wechat edition": ("wechat", withdraw),
    "withdraw from penguin": ("penguin", withdraw),
}


def make_change(name: str, sandbox, office, servers: list, kill_at: int | None = None) -> Change:
    """Return an article that is live, in an edition where the platform has such, and that is to change."""
    platform, begin = CHANGES[name]
    number = next(_numbers)
    account, ledger = _place(platform, sandbox, office, servers, number)
    page = make_story(make_section(office), author=make_user(f"author{number}"), title=EARLIER)
    releases = [public_release(page.pk, EARLIER)]
    if platform != "penguin":
        releases.append(public_release(10_000_000 + number, OTHER))
    [delivery] = distribute(releases, [account], alike=True, by=OPERATOR)
    for _ in range(RUNS):
        if engine.run(delivery.pk) == Phase.SETTLED:
            break
        make_due(delivery)
        ledger.finish_reviews()
    change = Change(name, ledger, page, account, delivery, kill_at)
    begin(change)
    return change


def _place(platform: str, sandbox, office, servers: list, number: int) -> tuple[Account, Ledger]:
    if platform == "tiny":
        return _tiny(office, servers, number)
    account_id = account_id_of(platform, number)

    def titles(*statuses: str) -> Counter:
        rows = sandbox.articles(platform, account_id)
        return Counter(row["title"] for row in rows if row["status"] in statuses)

    ledger = Ledger(
        live=lambda: titles("live"),
        ever=lambda: titles("live", "withdrawn"),
        calls=lambda path: len(sandbox.calls(platform, account_id, path)),
        finish_reviews=lambda: sandbox.finish_reviews(account_id),
    )
    return make_account(sandbox, office, platform, number), ledger


def _tiny(office, servers: list, number: int) -> tuple[Account, Ledger]:
    server = ChangingServer()
    servers.append(server)
    account = accounts.add(
        office=office,
        platform="tiny",
        name=f"榕溪女声{number}",
        credentials={"appid": "wx1", "secret": SECRET},
        base_url=server.url,
        by=OPERATOR,
    )
    shown = lambda: Counter(server.live())  # noqa: E731
    return account, Ledger(live=shown, ever=shown, calls=lambda path: server.calls[path])
