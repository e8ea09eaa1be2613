"""The engine's side of the contract, in memory: a job that can be stopped before or after any call."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests

from cms.document.model import Document, VariantText, canonical
from publishers.http.outbound import session
from publishers.interface import (
    Absent,
    Finding,
    Found,
    Grant,
    Item,
    Json,
    OutcomeUnknown,
    Picture,
    Publisher,
    PublisherError,
    QuotaExceeded,
    Rendition,
    SameCall,
)


class Stopped(BaseException):
    """The process was killed here. No plugin can catch it by ``except Exception``."""


class Waiting(BaseException):
    """The run ends and comes again after ``after`` seconds; None: a person must look."""

    def __init__(self, reason: str, after: float | None):
        super().__init__(reason)
        self.after = after


class MemoryAccount:
    """Implements ``interface.AccountSession`` with the hub's own kind of connection.

    ``called`` are the paths of all calls, ``used_up`` is one whose quota has ended, ``tokens`` are those that
    were fetched, ``feed`` is what stands in its feed: version and content (None: withdrawn) of each article.
    ``grant`` is what a person's consent gave, for platforms that are connected; ``told`` is what the platform
    has told by itself, by the key of the event.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        credentials: Mapping[str, str],
        capabilities: frozenset[str] = frozenset(),
        grant: Grant | None = None,
    ):
        self.number, self.name, self.base_url = 1, name, base_url
        self.callback_url = "https://hub.example/callbacks/1"
        self.credentials, self.capabilities, self.grant = credentials, capabilities, grant
        self.http: requests.Session = session(before=self._count)
        self.called: list[str] = []
        self.used_up: str | None = None
        self.tokens: set[str] = set()
        self.feed: dict[str, tuple[int, Json]] = {}
        self.told: dict[str, Mapping[str, Json]] = {}
        self._token = ""
        self._shared: dict[str, tuple[Json, dt.datetime]] = {}

    def token(self, fetch: Callable[[], tuple[str, int]], *, refused: str | None = None) -> str:
        if not self._token or self._token == refused:
            self._token, _lives_s = fetch()
            self.tokens.add(self._token)
        return self._token

    def keep(self, grant: Grant) -> None:
        self.grant = grant

    def shared(self, name: str, ask: Callable[[Json], tuple[Json, float]]) -> Json:
        now = dt.datetime.now(dt.UTC)
        known, until = self._shared.get(name, (None, now))
        if until <= now:
            known, serves_s = ask(known)
            self._shared[name] = (json.loads(json.dumps(known)), now + dt.timedelta(seconds=serves_s))
        return self._shared[name][0]

    def sparing(self) -> AbstractContextManager[None]:
        """Return a block like any other: whose quota has ended is said by ``used_up``."""
        return nullcontext()

    def note_used_up(self) -> None:
        """Do nothing: whose quota has ended is said by ``used_up``."""

    def note_undone(self) -> None:
        """Do nothing, as of ``note_used_up``."""

    def forget_token(self) -> None:
        self._token = ""

    def _count(self, url: str) -> None:
        """Count a call before it is made, as the engine does. Raises QuotaExceeded."""
        path = urlsplit(url).path.removeprefix(urlsplit(self.base_url).path)
        if path == self.used_up:
            tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
            raise QuotaExceeded(f"The quota of {path} is used up.", until=tomorrow)
        self.called.append(path)


@dataclass
class MemoryItem:
    """Implements ``interface.Item``."""

    position: int
    rendition: Rendition
    document: Document
    token: str
    source_url: str
    article_url: str
    page_id: int = 1
    version: int = 1
    public_from: dt.datetime = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
    payload: Mapping[str, Json] | None = None
    observed: Mapping[str, Json] = field(default_factory=dict)


@dataclass
class Entry:
    """A step as it is written down: ``unknown`` from before its call until its result is stored."""

    unknown: bool = False
    done: bool = False
    result: Json = None
    begun_at: dt.datetime | None = None


class RecordingJob:
    """Implements ``interface.Job``: a real one, whose memory is a dict instead of the database.

    ``stop = ("submit", "before")`` kills the run once before the call of that step, ``"after"`` once after it
    and before its result is stored. ``calls`` names every call that was made, in order, and ``same_calls``
    counts those that were made again because the platform tells a repetition; ``told`` is the account's.
    """

    generation = 1
    notifies = False
    withdrawing = False

    def __init__(
        self, account: MemoryAccount, items: Sequence[MemoryItem], pictures: Mapping[str, Picture]
    ) -> None:
        self.account, self.items, self._pictures = account, items, pictures
        self.stop: tuple[str, str] | None = None
        self.calls: list[str] = []
        self.same_calls = 0
        self.told = account.told
        self._entries: dict[tuple[int | None, str], dict[str, Entry]] = {}
        self._uploads: dict[tuple[str, str], Json] = {}
        self._polls: dict[str, int] = {}
        self._answers: dict[str, Json] = {}
        self._inside = False

    def step(
        self,
        name: str,
        call: Callable[[], Json],
        *,
        find: Callable[[], Finding] | None = None,
        item: Item | None = None,
        given: Json = None,
        repeatable: bool = False,
        before: Callable[[], None] | None = None,
    ) -> Json:
        entries = self._entries.setdefault((item.position if item else None, name), {})
        entry = entries.setdefault(hashlib.sha256(canonical(given)).hexdigest(), Entry())
        if entry.done:
            return entry.result
        unknown, again = [each for each in entries.values() if each.unknown], False
        if unknown and not repeatable:
            finding = self._found(name, find)
            if isinstance(finding, Found):
                return self._done(entry, finding.result)
            again = isinstance(finding, SameCall)
            self.same_calls += again
            assert again or isinstance(finding, Absent)
        if before is not None:
            before()
        return self._call(name, entry, call, again)

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    def unknown_since(self, name: str, *, item: Item | None = None) -> dt.datetime:
        entries = self._entries[(item.position if item else None, name)].values()
        return min(entry.begun_at for entry in entries if entry.unknown and entry.begun_at)

    def poll(self, name: str, ask: Callable[[], Json | None], *, delays: Sequence[float]) -> Json:
        if name in self._answers:
            return self._answers[name]
        answer = self._outside(ask)
        if answer is not None:
            self._answers[name] = json.loads(json.dumps(answer))
            return self._answers[name]
        asked = self._polls[name] = self._polls.get(name, 0) + 1
        raise Waiting(
            "The platform has not decided yet.", delays[asked - 1] if asked <= len(delays) else None
        )

    def told_of(self) -> dict[str, Json]:
        """Return the identifiers that the platform has given: the results of all steps together."""
        done = [entry for entries in self._entries.values() for entry in entries.values() if entry.done]
        results = [entry.result for entry in done if isinstance(entry.result, dict)]
        return {name: value for result in results for name, value in result.items()}

    def heard(self, key: str, *, ever: bool = False) -> Mapping[str, Json] | None:
        return self.told.get(key)

    def picture(self, sha256: str) -> Picture:
        return self._pictures[sha256]

    def uploaded(self, use: str, picture: Picture, upload: Callable[[], Json]) -> Json:
        key = (use, picture.sha256)
        if key not in self._uploads:
            given = {"sha256": picture.sha256}
            self._uploads[key] = self.step(f"upload {use}", upload, given=given, repeatable=True)
        return self._uploads[key]

    def store_payload(self, item: Item, payload: Mapping[str, Json]) -> Mapping[str, Json]:
        if item.payload is None:
            # One of the job's own, of whatever class: to plugins it is read only.
            setattr(item, "payload", json.loads(canonical(dict(payload))))  # noqa: B010
        return item.payload or {}

    def offer(self, item: Item) -> Mapping[str, Json]:
        return self._feed("offer", item, item.payload)

    def retract(self, item: Item) -> Mapping[str, Json]:
        return self._feed("retract", item, None)

    def _feed(self, name: str, item: Item, content: Json) -> Mapping[str, Json]:
        """Write the account's feed: with the step, so that a kill leaves both or neither."""
        entries = self.account.feed
        key = f"article-{item.page_id}"
        version, known = entries.get(key, (0, None))
        if known != content:
            self._stop_at(name, "before")
            self.calls.append(name)
            entries[key] = version, known = version + 1, content
            self._stop_at(name, "after")
        return {"article_id": key, "version": version} if version else {}

    def _found(self, name: str, find: Callable[[], Finding] | None) -> Finding:
        if find is None:
            raise Waiting(f"Nobody can tell whether {name} had its effect.", None)
        finding = self._outside(find)
        if not isinstance(finding, Found | Absent | SameCall):
            raise Waiting(finding.reason, finding.after)
        return finding

    def _call(self, name: str, entry: Entry, call: Callable[[], Json], again: bool) -> Json:
        entry.unknown, entry.begun_at = True, self.now()
        self._stop_at(name, "before")
        self.calls.append(name)
        try:
            result = self._outside(call)
        except OutcomeUnknown:
            raise
        except PublisherError as error:
            entry.unknown = again or not error.certain
            raise
        self._stop_at(name, "after")
        return self._done(entry, result)

    def _done(self, entry: Entry, result: Json) -> Json:
        entry.unknown, entry.done, entry.result = False, True, json.loads(json.dumps(result))
        return entry.result

    def _stop_at(self, name: str, when: str) -> None:
        if self.stop == (name, when):
            self.stop = None
            raise Stopped

    def _outside(self, call: Callable[[], Json]) -> Json:
        assert not self._inside, "Steps are never nested."
        self._inside = True
        try:
            return call()
        finally:
            self._inside = False


def make_item(
    publisher: Publisher, document: Document, variant: VariantText, token: str, position: int = 0
) -> MemoryItem:
    """Return ``document`` as an item of a job, rendered by ``publisher``."""
    return MemoryItem(
        position=position,
        rendition=publisher.render(document, variant),
        document=document,
        token=token,
        source_url=f"https://hub.example/r/{token}",
        article_url=f"https://hub.example/a/{position + 1}/",
        page_id=int(token[:7], 16),
    )
