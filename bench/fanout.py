"""The engine sending 25 articles to 20 accounts each, beside a bare loop of requests making the same calls.

Real workers with beat do the engine's part: 500 articles appear. The bare loop has as many processes, keeps
its connections, makes exactly the calls that the sandbox noted of the engine, and knows no database. Both are
timed by the ledger, from the first call to the last.

The article is the one that every benchmark here has, 5,000 characters with ten photos of its own; the
platforms' sizes are made meanwhile, once each. The least that an article can be comes after it: a title with
a small picture that the account knows, so that next to nothing is called; also with 100 ms for each answer,
as on the internet.
"""

import datetime as dt
import json
import sys
from collections import Counter

import harness

# isort: split
from django.core.files.base import ContentFile
from django.utils import timezone
from harness import stacks
from harness.article import PICTURES, make_article, make_images
from harness.article import release_of as signed_off
from harness.measure import table, wanted
from harness.replay import Caught, Script, catching, replay
from harness.workers import celery, is_at_work, warnings

from cms import releases
from cms.document.model import Document, canonical, read_document
from cms.media import blobs
from cms.models import Office, Release
from publishers import accounts, engine
from publishers.distribution import distribute
from publishers.models import Account, Delivery, Phase
from publishers.people.permissions import OPERATOR
from readers.snapshots import snapshots
from sandbox.testing import Sandbox, start_sandbox
from tests.publishers.engine.cast import make_due, signed_release

ARTICLES, ACCOUNTS = 25, 20
#: A review takes no time: what the engine waits between two questions is the platform's pace, not its own.
AT_ONCE = {"review_s": 0, "penguin_answers_fetched": True}
LEAST = {stacks.EMBEDDED: 0.6, stacks.PRODUCTION: 0.8}
CONCURRENCY = {stacks.EMBEDDED: 2, stacks.PRODUCTION: 4}
NAMES = {"wechat": ("appid", "secret"), "penguin": ("client_id", "client_secret")}
#: So many articles are delivered before the race, to learn what is called.
CAUGHT = 2
#: Until the workers begin; making the deliveries takes less.
AWAY = dt.timedelta(seconds=20)


def main() -> None:
    stack = stacks.in_each(sys.argv)
    articles = int(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES
    harness.lay()
    illustrated = illustrated_releases(articles + CAUGHT)
    short = [release_of(1000 + number) for number in range(articles + CAUGHT)]
    rows = [("articles", "answers after", "bare", "the engine", "calls", "speed, to bare", "")]
    with harness.web(), start_sandbox() as sandbox:
        sandbox.settings(**AT_ONCE)
        race = Race(stack, sandbox)
        rows += [
            race.run("5,000 characters, ten photos", illustrated),
            race.run("a title, a picture that is known", short),
            race.run("a title, a picture that is known", short, delay_s=0.1),
        ]
    title = f"{stack}: {articles} articles to {ACCOUNTS} accounts each, {CONCURRENCY[stack]} processes each"
    table(title, *rows)


class Race:
    """First the engine is timed, then the loop with the same calls; each time on new accounts."""

    def __init__(self, stack: str, sandbox: Sandbox):
        self.stack, self.sandbox, self.turn = stack, sandbox, 0

    def run(self, name: str, made: list[Release], delay_s: float = 0.0) -> tuple[str, ...]:
        """Return the table's row."""
        self.turn += 1
        sent, caught = made[:-CAUGHT], made[-CAUGHT:]
        scripts = {platform: self._script(platform, caught) for platform in NAMES}
        sent_to = [self._account(("wechat", "penguin")[at % 2], f"fan{at}") for at in range(ACCOUNTS)]
        self._delay(delay_s)
        engine_s = self._engine(sent, sent_to)
        called = {account.name: self._paths(account) for account in sent_to}
        self._empty(delay_s)
        names = [(account.platform, account.name) for account in sent_to]
        replay(scripts, names, len(sent), CONCURRENCY[self.stack])
        assert {account.name: self._paths(account) for account in sent_to} == called
        bare_s = self._span_s(sent_to)
        self.sandbox.clear_faults()
        speed, least, calls = bare_s / engine_s, LEAST[self.stack], sum(map(Counter.total, called.values()))
        seconds = f"{bare_s:.1f} s", f"{engine_s:.1f} s"
        after = f"+ {delay_s * 1000:.0f} ms" if delay_s else "as they come"
        return name, after, *seconds, f"{calls}", f"{speed:.2f}", wanted(speed >= least, f"≥ {least}")

    def _engine(self, sent: list[Release], sent_to: list[Account]) -> float:
        with celery(CONCURRENCY[self.stack]) as wait:
            wait(is_at_work)
            at = timezone.now() + AWAY
            for release in sent:
                distribute([release], sent_to, at=at, alike=True, by=OPERATOR)
            assert timezone.now() < at, "Making the deliveries took longer than their time was away."
            ours = Delivery.objects.filter(account__in=sent_to)
            wait(lambda: not ours.filter(next_at__isnull=False).exists())
        phases = Counter(ours.values_list("phase", flat=True))
        assert phases == {Phase.SETTLED: len(sent) * len(sent_to)}, phases
        for warning in warnings():
            print(f"a worker warns: {warning}")
        return self._span_s(sent_to)

    def _script(self, platform: str, sent: list[Release]) -> Script:
        account = self._account(platform, f"caught-{platform}")
        first, other = (self._caught(release, account) for release in sent)
        return Script(account.name, first, other)

    def _caught(self, release: Release, account: Account) -> list[Caught]:
        """Let the engine deliver one article in this process and return its calls."""
        [delivery] = distribute([release], [account], alike=True, by=OPERATOR)
        with catching() as caught:
            while engine.run(delivery.pk) != Phase.SETTLED:
                make_due(delivery)
        return caught

    def _account(self, platform: str, handle: str) -> Account:
        return account_of(platform, f"{handle}-{self.turn}", self.sandbox)

    def _empty(self, delay_s: float) -> None:
        self.sandbox.reset()
        self.sandbox.settings(**AT_ONCE)
        self._delay(delay_s)

    def _delay(self, delay_s: float) -> None:
        if delay_s:
            self.sandbox.fault("delay", seconds=delay_s, times=None)

    def _paths(self, account: Account) -> Counter:
        calls = self._calls(account)
        refused = [call for call in calls if call["outcome"] != "ok"]
        assert not refused, refused
        return Counter(call["path"] for call in calls)

    def _span_s(self, sent_to: list[Account]) -> float:
        moments = [call["time"] for account in sent_to for call in self._calls(account)]
        first, last = (dt.datetime.fromisoformat(moment) for moment in (min(moments), max(moments)))
        return (last - first).total_seconds()

    def _calls(self, account: Account) -> list[dict]:
        return self.sandbox.calls(account.platform, account.name)


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


def illustrated_releases(count: int) -> list[Release]:
    """Return what went through the review once, so many times, each with photos that no other has."""
    template = releases.document(signed_off(make_article(images=make_images(PICTURES)))).canonical()
    documents = [_illustrated(template, number) for number in range(count)]
    return [_public(signed_release(10 + at, document=document)) for at, document in enumerate(documents)]


def _illustrated(template: bytes, number: int) -> Document:
    content, copies = template.decode(), []
    for sha256 in read_document(template).assets:
        copy = _commented(blobs.read_blob(sha256), f"{number:04}".encode())
        copies.append(blobs.store(ContentFile(copy, name=f"{number}.jpg")))
        content = content.replace(sha256, copies[-1].sha256)
    fields = json.loads(content)
    for blob in copies:
        fields["assets"][blob.sha256]["size"] = blob.size
    return read_document(canonical(fields))


def _commented(jpeg: bytes, comment: bytes) -> bytes:
    """Return the same picture in other bytes: with a comment after the start marker (ITU-T T.81, B.2.4.5)."""
    segment = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
    return jpeg[:2] + segment + jpeg[2:]


def release_of(number: int) -> Release:
    return _public(signed_release(number, title=f"夜校的灯亮到九点半：第{number}晚"))


def _public(release: Release) -> Release:
    snapshots.make(release, section_id=None)
    return release


if __name__ == "__main__":
    main()
