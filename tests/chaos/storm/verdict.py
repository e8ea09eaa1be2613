"""The verdict, from the platforms' ledger alone: what readers ever saw, and how often.

What the hub says of itself is believed in one point only, where it says that it does not know: a delivery in
``attention`` may be there or not, when its reason fits what happened to it.
"""

from collections import Counter
from dataclasses import dataclass, field

from publishers.models import Attempt, Cause, Delivery, DeliveryItem, Desired, Outcome, Phase, SourceLink
from tests.chaos.storm.blows import Striker
from tests.chaos.storm.cargo import MARK, Cargo, handle_of
from tests.chaos.storm.days import Days

Sight = tuple[str, str]  # account's id on its platform, title


@dataclass
class Verdict:
    delivered: int = 0
    lost: list[Delivery] = field(default_factory=list)
    duplicate: list[Delivery] = field(default_factory=list)
    unapproved: list[str] = field(default_factory=list)
    attention: list[Delivery] = field(default_factory=list)
    unexplained: list[Delivery] = field(default_factory=list)
    rightful_waits: int = 0
    false_waits: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        broken = self.lost or self.duplicate or self.unapproved or self.unexplained or self.false_waits
        return not broken

    def line(self) -> str:
        explained = "all explained" if not self.unexplained else f"{len(self.unexplained)} NOT explained"
        return (
            f"chaos: delivered {self.delivered}, lost {len(self.lost)}, duplicate {len(self.duplicate)}, "
            f"unapproved {len(self.unapproved)}, attention {len(self.attention)} ({explained}), "
            f"waits for a quota {self.rightful_waits}, false ones {len(self.false_waits)}"
        )


def judge(cargo: Cargo, striker: Striker, days: Days, articles: list[dict]) -> Verdict:
    """Compare ``articles``, all that the ledger ever showed, with what was to be there."""
    seen = Counter((article["account"], article["title"]) for article in articles)
    live = {(article["account"], article["title"]) for article in articles if article["status"] == "live"}
    verdict = Verdict(rightful_waits=days.rightful, false_waits=days.false)
    rows = Delivery.objects.select_related("account").prefetch_related("items__release")
    for delivery in rows.filter(pk__in=cargo.all):
        _judge_one(verdict, delivery, cargo, striker, seen, live)
    verdict.unapproved = [_told(article) for article in articles if not _is_approved(article)]
    return verdict


def _judge_one(verdict: Verdict, delivery: Delivery, cargo: Cargo, striker: Striker, seen, live) -> None:
    items = list(delivery.items.all())
    counts = [seen[_sight(delivery, item)] for item in items]
    if max(counts) > 1:
        verdict.duplicate.append(delivery)
    if delivery.phase == Phase.ATTENTION:
        verdict.attention.append(delivery)
        if not delivery.reason or not is_explained(delivery, items, cargo, striker):
            verdict.unexplained.append(delivery)
    elif delivery.phase == Phase.SETTLED and delivery.pk not in cargo.forged:
        banned = striker.struck["platform: ban_later"]
        there = [_stands(item, _sight(delivery, item), seen, live, banned) for item in items]
        verdict.delivered += all(there)
        if not all(there):
            verdict.lost.append(delivery)
    else:
        verdict.lost.append(delivery)  # neither done nor with a person; or forged, and taken for done


def _stands(item: DeliveryItem, sight: Sight, seen, live, banned: int) -> bool:
    if item.desired == Desired.GONE:
        return sight not in live
    return seen[sight] == 1 and (sight in live or banned > 0)


def _sight(delivery: Delivery, item: DeliveryItem) -> Sight:
    return handle_of(delivery.account), item.release.title


def _is_approved(article: dict) -> bool:
    """Return whether this very text was to be on this account: the link in it says which delivery sent it."""
    if MARK in article["title"] + article["content"]:
        return False
    token = article["source_url"].rpartition("/")[2]
    link = SourceLink.objects.select_related("item__release", "item__account").filter(token=token).first()
    if link is None or link.item.release.title != article["title"]:
        return False
    return article["account"] == handle_of(link.item.account)


def _told(article: dict) -> str:
    return f"{article['account']}: {article['title']} ({article['url']})"


def is_explained(delivery: Delivery, items: list[DeliveryItem], cargo: Cargo, striker: Striker) -> bool:
    """Return whether the cause fits what happened; an error in the hub is never an explanation."""
    going = any(item.desired == Desired.GONE for item in items)
    forged = delivery.pk in cargo.forged | striker.touched
    if delivery.pk in cargo.forged:
        return delivery.cause == Cause.FORGED
    match delivery.cause:
        case Cause.FORGED:
            return forged
        case Cause.UNKNOWN:
            return going or any(attempt.is_unknown for attempt in delivery.attempts.all())
        case Cause.WITHDRAWN | Cause.CAPABILITY | Cause.BY_HAND:
            return going
        case Cause.REJECTED:
            return striker.struck["platform: reject_review"] + striker.struck["platform: undocumented"] > 0
        case Cause.UNCONFIRMED:
            return striker.struck["platform: stall_review"] > 0
        case Cause.PERMANENT:
            return striker.struck["platform: ban_later"] + striker.struck["platform: undocumented"] > 0
        case Cause.ALTERED:
            return striker.struck["platform: ban_later"] > 0
        case Cause.RETRY:
            return delivery.attempts.filter(outcome=Outcome.FAILED).exists()
    return False


def story(delivery: Delivery) -> str:
    """Return what is known of a delivery: its state, its items, every attempt."""
    lines = [f"{delivery.pk} {delivery.account} {delivery.phase} {delivery.cause} {delivery.reason}"]
    for item in delivery.items.all():
        lines.append(f"  {item.release.title}: desired {item.desired}, observed {item.observed_generation}")
    lines += [f"  {_attempt(attempt)}" for attempt in delivery.attempts.order_by("begun_at")]
    return "\n".join(lines)


def _attempt(attempt: Attempt) -> str:
    return (
        f"{attempt.begun_at:%H:%M:%S.%f} {attempt.name} · {attempt.outcome} · {attempt.tries} tries · "
        f"{attempt.error} {attempt.evidence or ''}"
    )
