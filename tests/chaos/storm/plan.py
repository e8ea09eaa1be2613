"""Everything that is to happen, drawn from one seed before anything begins."""

import random
from dataclasses import dataclass

#: What can be done, and how often among a hundred.
BLOWS = {
    "child killed": 20,
    "machine killed": 4,
    "worker stalled": 3,
    "broker emptied": 5,
    "broker away": 3,
    "messages duplicated": 7,
    "messages delayed": 6,
    "database cut": 4,
    "payload forged": 2,
    "article withdrawn": 6,
    "page hangs": 3,
    "day begun": 4,
    "platform": 40,
}
#: The platforms' faults, each with how often and with what else it may come.
PLATFORM = {
    "http_500": (4, {}),
    "http_500_after": (4, {}),
    "reset_before": (4, {}),
    "lost_answer": (6, {}),
    "late": (3, {"seconds": 3.0}),
    "slow": (3, {"seconds": 0.7}),
    "http_429": (2, {"seconds": 1}),
    "busy": (2, {}),
    "undocumented": (1, {}),
    "keys_refused": (3, {}),
    "token_expired": (2, {}),
    "quota_used_up": (3, {}),
    "reject_review": (1, {}),
    "stall_review": (2, {}),
    "ban_later": (1, {}),
    "event_twice": (2, {}),
    "event_late": (1, {"seconds": 3.0}),
    "event_out_of_order": (2, {}),
    "event_lost": (1, {}),
}
#: Faults that every storm has, however few its blows are; the others are drawn by lot.
ALWAYS = ("keys_refused", "undocumented", "http_429", "quota_used_up")
#: The codes of those that are a refusal with one, by platform: of nobody's table, busy, and a wrong key.
CODES = {
    "busy": {"wechat": -1, "penguin": -1},
    "undocumented": {"wechat": 98765, "penguin": 98765},
    "keys_refused": {"wechat": 50002, "penguin": 10002},
}
#: Where keys are refused: in the middle of a withdrawal, and where any refusal is one of the keys.
KEYS_AT = {"wechat": "/cgi-bin/freepublish/delete", "penguin": "/omoauth2/accesstoken"}
#: The call after which readers may have the article, whatever was answered.
PUBLISHES = {"wechat": "/cgi-bin/freepublish/submit", "penguin": "/article/clientpubpic"}
#: Not at a call: in the review, or when the platform tells of its end.
AT_NO_CALL = tuple(
    kind for kind in PLATFORM if kind.endswith("_review") or kind.startswith(("ban_", "event_"))
)
#: Calls that can be struck; those more than once on which an article's fate hangs.
PATHS = {
    "wechat": (
        *3 * ("/cgi-bin/draft/add", "/cgi-bin/freepublish/submit", "/cgi-bin/freepublish/get"),
        "/cgi-bin/freepublish/batchget",
        "/cgi-bin/stable_token",
        "/cgi-bin/media/uploadimg",
        "/cgi-bin/material/add_material",
        "/cgi-bin/freepublish/delete",
    ),
    "penguin": (
        *3 * ("/article/clientpubpic", "/transaction/infoclient"),
        "/article/clientlist",
        "/omoauth2/accesstoken",
    ),
}
FORGERIES = ("unsigned", "of another account")


@dataclass(frozen=True)
class Order:
    """One delivery: articles by their number, to an account by its number, ``due_s`` after the start."""

    account: int
    articles: tuple[int, ...]
    due_s: float
    priority: int


@dataclass(frozen=True)
class Blow:
    """Strikes when ``after`` deliveries are over; ``lot`` (0 to 1) chooses among what is there then."""

    after: int
    kind: str
    lot: float
    platform: str = ""
    fault: str = ""
    path: str = ""
    times: int = 1
    skip: int = 0


@dataclass(frozen=True)
class Plan:
    """``platforms`` has one name per account; ``withdrawn`` are articles; ``forged`` are (kind, account)."""

    platforms: tuple[str, ...]
    orders: tuple[Order, ...]
    withdrawn: tuple[int, ...]
    forged: tuple[tuple[str, int], ...]
    blows: tuple[Blow, ...]


def draw(seed: int, deliveries: int) -> Plan:
    lots = random.Random(seed)
    platforms = tuple(("wechat", "penguin")[at % 2] for at in range(max(4, deliveries // 8)))
    orders = _orders(lots, platforms, deliveries)
    blows = _blows(lots, deliveries)
    articles = 1 + max(article for order in orders for article in order.articles)
    withdrawals = sum(blow.kind == "article withdrawn" for blow in blows)
    return Plan(
        platforms,
        orders,
        tuple(lots.sample(range(articles), min(articles, withdrawals))),
        tuple((lots.choice(FORGERIES), lots.randrange(len(platforms))) for _ in range(2 + deliveries // 40)),
        blows,
    )


def _orders(lots: random.Random, platforms: tuple[str, ...], deliveries: int) -> tuple[Order, ...]:
    orders: list[Order] = []
    taken: list[set[int]] = [set() for _ in platforms]
    articles = 0
    for _ in range(deliveries):
        account = lots.randrange(len(platforms))
        edition = []
        for _ in range(lots.choice((1, 1, 2, 3)) if platforms[account] == "wechat" else 1):
            again = lots.randrange(articles) if articles and lots.random() < 0.3 else articles
            chosen = articles if again in taken[account] else again
            articles = max(articles, chosen + 1)
            taken[account].add(chosen)
            edition.append(chosen)
        due_s = round(lots.uniform(0, deliveries / 10), 1)
        orders.append(Order(account, tuple(edition), due_s, lots.randint(1, 9)))
    return tuple(orders)


def _blows(lots: random.Random, deliveries: int) -> tuple[Blow, ...]:
    count = max(20, round(deliveries * 0.45))
    moments = sorted(lots.randrange(max(1, round(deliveries * 0.8))) for _ in range(count))
    sure = [*BLOWS, *["platform"] * (len(ALWAYS) - 1)]
    kinds = [*sure, *lots.choices(list(BLOWS), list(BLOWS.values()), k=count)][:count]
    lots.shuffle(kinds)
    # Keys can be refused during a withdrawal only when that comes later.
    first, withdrawn = kinds.index("platform"), kinds.index("article withdrawn")
    if withdrawn < first:
        kinds[first], kinds[withdrawn] = kinds[withdrawn], kinds[first]
    always = iter(ALWAYS)
    return tuple(
        _blow(lots, after, kind, next(always, "") if kind == "platform" else "")
        for after, kind in zip(moments, kinds, strict=True)
    )


def _blow(lots: random.Random, after: int, kind: str, always: str) -> Blow:
    if kind != "platform":
        return Blow(after, kind, lots.random())
    platform = "wechat" if always == "keys_refused" else lots.choice(list(PATHS))
    fault = always or lots.choices(list(PLATFORM), [often for often, _ in PLATFORM.values()])[0]
    if fault.startswith(("event_", "quota_")):
        platform = "wechat"  # the other one tells nothing, and states no quota
    path = "" if fault in AT_NO_CALL or lots.random() < 0.5 else lots.choice(PATHS[platform])
    if fault == "keys_refused":
        path = KEYS_AT[platform]
    if always == "undocumented":
        path = PUBLISHES[platform]
    return Blow(
        after, kind, lots.random(), platform, fault, path, times=lots.randint(1, 3), skip=lots.randint(0, 1)
    )
