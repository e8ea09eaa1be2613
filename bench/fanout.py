"""The engine publishing 500 articles to 20 accounts, beside a bare loop of requests making the same calls.

Real workers with beat do the engine's part. The bare loop has as many processes, keeps its connections, makes
exactly the calls that the sandbox noted of the engine, account by account, and knows no database. A second
loop writes each call down before and after it, and nothing else. All are timed by the ledger, from the first
call to the last: on the sandbox as it is, which answers in a few milliseconds, and with 20 and 100 ms added
to each answer, as next door and on the internet.
"""

import datetime as dt
import sys
from collections import Counter

import ground

# isort: split
from django.utils import timezone
from ground import stacks
from ground.measure import table, wanted
from ground.replay import Caught, catching, replay
from ground.workers import celery, is_at_work, warnings

from cms.models import Office
from cms.site import readings
from publishers import accounts, engine
from publishers.distribution import distribute
from publishers.models import Account, Delivery, Phase
from publishers.rights import OPERATOR
from sandbox.testing import Sandbox, start_sandbox
from tests.publishers.engine.cast import make_due, signed_release

ARTICLES, ACCOUNTS = 500, 20
DELAYS_S = (0.0, 0.02, 0.1)
#: A review takes no time: what the engine waits between two questions is the platform's pace, not its own.
AT_ONCE = {"review_s": 0, "penguin_answers_fetched": True}
LEAST = {stacks.EMBEDDED: 0.6, stacks.PRODUCTION: 0.8}
CONCURRENCY = {stacks.EMBEDDED: 2, stacks.PRODUCTION: 4}
NAMES = {"wechat": ("appid", "secret"), "penguin": ("client_id", "client_secret")}


def main() -> None:
    stack = stacks.in_each(sys.argv)
    articles = int(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES
    ground.lay()
    rows = [("answers after", "", "time", "calls a second", "speed, to bare", "")]
    with ground.web(), start_sandbox() as sandbox:
        sandbox.settings(**AT_ONCE)
        templates = {platform: _caught(platform, sandbox) for platform in NAMES}
        for turn, delay_s in enumerate(DELAYS_S):
            rows += _race(stack, sandbox, templates, articles, turn, delay_s)
    title = f"{stack}: {articles} articles to {ACCOUNTS} accounts, {CONCURRENCY[stack]} processes each"
    table(title, *rows)


def _race(stack: str, sandbox: Sandbox, templates, articles: int, turn: int, delay_s: float):
    """Yield the rows: first the engine is timed, then the loops with the calls that the engine made."""
    sent_to = [
        account_of(("wechat", "penguin")[at % 2], f"fan{turn}-{at}", sandbox) for at in range(ACCOUNTS)
    ]
    if delay_s:
        sandbox.fault("delay", seconds=delay_s, times=None)
    engine_s = _engine(stack, sandbox, sent_to, articles, turn)
    made = {account.name: _in_turn(_calls(sandbox, account)) for account in sent_to}
    bare_s, written_s = (
        _bare(stack, sandbox, sent_to, made, templates, written=written) for written in (False, True)
    )
    sandbox.clear_faults()
    calls = sum(map(len, made.values()))
    after = f"{delay_s * 1000:.0f} ms"
    yield after, "requests, bare", f"{bare_s:.1f} s", f"{calls / bare_s:.0f}", "", ""
    written = f"{written_s:.1f} s", f"{calls / written_s:.0f}", f"{bare_s / written_s:.2f}"
    yield after, "requests, each call written down", *written, ""
    speed, least = bare_s / engine_s, LEAST[stack]
    verdict = wanted(speed >= least, f"≥ {least}")
    yield after, "the engine", f"{engine_s:.1f} s", f"{calls / engine_s:.0f}", f"{speed:.2f}", verdict


def _engine(stack: str, sandbox: Sandbox, sent_to: list[Account], articles: int, turn: int) -> float:
    with celery(CONCURRENCY[stack]) as wait:
        wait(is_at_work)
        at = timezone.now() + dt.timedelta(seconds=10 + articles / 20)
        for number in range(articles):
            release = release_of(1000 * (turn + 1) + number)
            distribute([release], [sent_to[number % ACCOUNTS]], at=at, alike=True, by=OPERATOR)
        ours = Delivery.objects.filter(account__in=sent_to)
        wait(lambda: not ours.filter(next_at__isnull=False).exists())
    phases = Counter(ours.values_list("phase", flat=True))
    assert phases == {Phase.SETTLED: articles}, phases
    for warning in warnings():
        print(f"a worker warns: {warning}")
    return _span_s(sandbox, sent_to)


def _bare(stack: str, sandbox: Sandbox, sent_to: list[Account], made, templates, *, written: bool) -> float:
    faults = sandbox.faults()
    sandbox.reset()
    sandbox.settings(**AT_ONCE)
    for fault in faults:
        sandbox.fault("delay", seconds=fault["seconds"], times=None)
    work = [
        (f"caught-{account.platform}", account.name, made[account.name], templates[account.platform])
        for account in sent_to
    ]
    replay(work, CONCURRENCY[stack], written=written)
    for account in sent_to:
        assert [call["path"] for call in _calls(sandbox, account)] == made[account.name]
        refused = [call for call in _calls(sandbox, account) if call["outcome"] != "ok"]
        assert not refused, refused
    return _span_s(sandbox, sent_to)


def _in_turn(calls: list[dict]) -> list[str]:
    """Return the paths, one article's after another's: an account has two in hand, whose calls mix."""
    paths = [call["path"] for call in calls]
    first = list(dict.fromkeys(paths))
    times: Counter = Counter()
    in_turn = []
    for path in paths:
        in_turn.append((times[path], first.index(path), path))
        times[path] += 1
    return [path for _article, _at, path in sorted(in_turn)]


def _span_s(sandbox: Sandbox, sent_to: list[Account]) -> float:
    moments = [call["time"] for account in sent_to for call in _calls(sandbox, account)]
    first, last = (dt.datetime.fromisoformat(moment) for moment in (min(moments), max(moments)))
    return (last - first).total_seconds()


def _calls(sandbox: Sandbox, account: Account) -> list[dict]:
    return sandbox.calls(account.platform, account.name)


def _caught(platform: str, sandbox: Sandbox) -> dict[str, Caught]:
    """Let the engine deliver one article in this process and return its calls, by the sandbox's path."""
    account = account_of(platform, f"caught-{platform}", sandbox)
    [delivery] = distribute([release_of(1)], [account], alike=True, by=OPERATOR)
    with catching() as caught:
        while engine.run(delivery.pk) != Phase.SETTLED:
            make_due(delivery)
    return {call.path.removeprefix(f"/{platform}"): call for call in caught}


def account_of(platform: str, handle: str, sandbox: Sandbox) -> Account:
    sandbox.add_account(platform, handle, "a-secret", handle)
    return accounts.add(
        office=Office.objects.get(),
        platform=platform,
        name=handle,
        credentials=dict(zip(NAMES[platform], (handle, "a-secret"), strict=True)),
        base_url=sandbox.base_url(platform),
        by=OPERATOR,
    )


def release_of(number: int):
    release = signed_release(number, title=f"夜校的灯亮到九点半：第{number}晚")
    readings.make(release, section_id=None)
    return release


if __name__ == "__main__":
    main()
