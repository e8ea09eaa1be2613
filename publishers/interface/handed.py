"""What a plugin is handed, and what it answers."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import requests

from cms.document.model import Document
from publishers.interface.declared import Json, Rendition
from publishers.interface.errors import heeded_s


@dataclass(frozen=True)
class Found:
    """It is there; ``result`` is what the step would have returned."""

    result: Json


@dataclass(frozen=True)
class Absent:
    """It is certainly not there: the call may be made again."""


@dataclass(frozen=True)
class SameCall:
    """Not known, but the very call may be made again: the platform tells, instead of doing it twice.

    Until that call has a result the outcome stays unknown, whatever it raises. What has been withdrawn
    meanwhile is not asked about so: then a person must look, and reads ``reason``.
    """

    reason: str


@dataclass(frozen=True)
class Undecided:
    """Not known yet: ask again after ``after`` seconds, or, when that is None, a person must look.

    She must, too, when it has stayed so for some hours; meanwhile it is asked ever more rarely.
    """

    reason: str
    after: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "after", heeded_s(self.after))


Finding = Found | Absent | SameCall | Undecided


@dataclass(frozen=True)
class Grant:
    """What a person's consent (OAuth) gave: who consented, and with what access is renewed.

    ``access`` is (token, seconds it lives) where the platform gave one at once. ``expires_at`` (aware) is
    when the consent ends, None when the platform does not say.
    """

    subject: str
    refresh_token: str = field(default="", repr=False)
    expires_at: dt.datetime | None = None
    scope: str = ""
    access: tuple[str, int] | None = field(default=None, repr=False)


class AccountSession(Protocol):
    """One account while one job runs: where it is, what it may do, its secrets and its connection."""

    number: int  # the hub's own for the account, for as long as it exists
    name: str
    base_url: str
    callback_url: str  # where the account's partner tells, signed, what became of an article
    capabilities: frozenset[str]
    credentials: Mapping[str, str]
    http: requests.Session
    if TYPE_CHECKING:  # read only, for whoever checks types; when it runs, a plain member

        @property
        def grant(self) -> Grant | None: ...
    else:
        grant: Grant | None  # of an account that was connected; in ``fetch`` as it is stored now

    def keep(self, grant: Grant) -> None:
        """Store a grant that replaces the earlier one; called in ``fetch``, before the token is returned.

        Raises Retry when the account was connected anew or disconnected meanwhile.
        """
        ...

    def token(self, fetch: Callable[[], tuple[str, int]], *, refused: str | None = None) -> str:
        """Return the account's access token; one holder across all processes.

        ``fetch`` returns (token, seconds it lives) and is called by one process at a time, when there is no
        token, when it is about to expire, or when ``refused`` is the one that is held.
        """
        ...

    def shared(self, name: str, ask: Callable[[Json], tuple[Json, float]]) -> Json:
        """Return the answer to a question that is the same for all deliveries of the account, such as a list.

        ``ask`` is handed the answer before it, or None, and returns (answer, seconds it serves everybody).
        """
        ...

    def sparing(self) -> AbstractContextManager[None]:
        """Leave to others, inside the block, the calls that each quota keeps: for a search in long lists."""
        ...

    def note_used_up(self) -> None:
        """Note that the platform refused the last call for its quota, where the plugin goes on without it."""
        ...

    def note_undone(self) -> None:
        """Note that the platform refused the last call in its answer and did nothing: that costs no quota.

        HTTP 429, and a call for which no connection was made, the hub notes by itself.
        """
        ...


class Item(Protocol):
    """One Release of the delivery, in its order."""

    position: int  # from 0
    token: str  # unguessable, per item and generation; the mark by which ``find`` knows our article
    source_url: str  # the "read the original" link, <public url>/r/<token>
    article_url: str  # the article's page on the micro-site
    page_id: int  # the article's, in all its versions
    version: int  # of the article: a later text has a higher one
    public_from: dt.datetime  # when readers may see this version
    observed: Mapping[str, Json]  # the platform's identifiers, as ``Live.remote`` had them

    if TYPE_CHECKING:

        @property
        def rendition(self) -> Rendition: ...

        @property
        def document(self) -> Document: ...

        @property
        def payload(self) -> Mapping[str, Json] | None: ...
    else:
        rendition: Rendition
        document: Document
        payload: Mapping[str, Json] | None  # what was stored by ``Job.store_payload``


class Picture(Protocol):
    sha256: str
    mime: str
    width: int
    height: int
    public_url: str  # absolute, for platforms that fetch pictures themselves; unguessable

    def read(self) -> bytes: ...

    def jpeg(self, *, max_bytes: int, max_width: int = 1080) -> bytes:
        """Return the picture as JPEG (or PNG when that is smaller) of at most ``max_bytes``.

        Raises Rejected when it cannot be made that small.
        """
        ...

    def cropped(self, focus: tuple[int, int], shape: tuple[int, int], *, max_bytes: int) -> bytes:
        """Return what a cover of ``shape`` (one of ``PictureRules.covers``) shows of it, as JPEG or PNG.

        ``focus`` as in ``Rendition``. At most ``shape`` in pixels, never enlarged. Raises Rejected as above.
        """
        ...

    def cropped_url(self, focus: tuple[int, int], shape: tuple[int, int]) -> str:
        """Return an address of that part, as ``public_url``, for platforms that fetch covers themselves."""
        ...

    def public_jpeg(self, *, max_width: int) -> tuple[str, bytes]:
        """Return an address of the whole picture as JPEG, as ``public_url``, and the bytes that it answers.

        At most so wide, never enlarged: for platforms that fetch pictures but do not take this one as it is.
        """
        ...


@dataclass(frozen=True)
class Live:
    """What is known of one item that is live: its address and the platform's identifiers (JSON)."""

    url: str
    remote: Mapping[str, Json]


@dataclass(frozen=True)
class Shown:
    """What the platform itself says of one item that went live: whether it still is, and its text.

    ``html`` is None when the platform does not tell the text; ``reason`` is its own word for why it is gone.
    """

    is_live: bool
    title: str | None = None
    html: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Incoming:
    """What came in at an account's callback address, as it was on the wire; ``body`` is not large."""

    method: str  # GET or POST
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    path: str = ""  # as it was called, without the query


@dataclass(frozen=True)
class Event:
    """One thing that a platform tells of its own accord; it hastens what the hub asks, and replaces nothing.

    ``key`` is the same when the same thing is told again. ``about`` are identifiers as in the results of
    steps and in ``Live.remote``: a delivery that has them all is meant. It is asked about at once while it
    is open; when it is settled, if its article was taken down, or if ``changed`` says that what was live may
    be so no longer. ``facts``
    is what else was told (JSON, no secret). Where the platform tells when it ``happened`` (aware), events
    with the same key are what became of one thing: the latest counts, in whatever order they come. Of one
    moment what comes later counts, but nothing that is still ``underway`` counts before what has ended.
    """

    key: str
    about: Mapping[str, Json]
    facts: Mapping[str, Json] = field(default_factory=dict)
    changed: bool = False
    happened: dt.datetime | None = None
    underway: bool = False


@dataclass(frozen=True)
class Received:
    """``answer`` is the body of the HTTP answer that the platform waits for.

    ``once`` is a mark that proves the message only the first time that it comes; empty: there is none.
    """

    answer: str
    events: tuple[Event, ...] = ()
    once: str = ""


@dataclass(frozen=True)
class Figure:
    """One figure of one article, cumulative to the end of ``day`` in China.

    ``about`` are identifiers as in ``Live.remote``. ``is_final`` is false while the platform says that it may
    change. ``url`` is the article's address, where the platform tells it here.
    """

    about: Mapping[str, Json]
    day: dt.date
    name: str  # reads, read_users, shares, likes, wows, favourites, comments
    value: int
    is_final: bool = True
    url: str = ""


class Job(Protocol):
    """One run of one delivery. Every remote call that changes something goes through ``step``."""

    if TYPE_CHECKING:

        @property
        def account(self) -> AccountSession: ...

        @property
        def items(self) -> Sequence[Item]: ...

        @property
        def generation(self) -> int: ...

        @property
        def notifies(self) -> bool: ...

        @property
        def withdrawing(self) -> bool: ...
    else:
        account: AccountSession
        items: Sequence[Item]
        generation: int
        notifies: bool  # a person decided that followers are told: see ``Notifying``
        withdrawing: bool  # all is to be taken down: no step is called, only found out what became of it

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
        """Return the result of ``call``, which is made at most once as far as anybody can tell.

        A step is identified by item, generation, ``name`` and the hash of ``given`` (its input, JSON). Its
        result (JSON) is stored; a later run gets it without a call. When an earlier call's outcome is
        unknown, ``find`` decides: Found gives the result, Absent permits the call, Undecided stops the run.
        Without ``find`` an unknown outcome goes to a person, unless ``repeatable`` says that doing it twice
        harms nobody (an upload). ``before`` is run each time the call is about to be made, and only then; it
        may make steps of its own, and what it raises leaves the step as it was. Otherwise never nested, never
        inside a transaction.
        """
        ...

    def now(self) -> dt.datetime:
        """Return the present time by the one clock of all hosts, by which ``unknown_since`` tells, too.

        What is to be compared in a later run is noted by it: that may be on a host whose own clock differs.
        """
        ...

    def unknown_since(self, name: str, *, item: Item | None = None) -> dt.datetime:
        """Return when the call of step ``name`` was begun whose outcome is not known; for its ``find``."""
        ...

    def poll(self, name: str, ask: Callable[[], Json | None], *, delays: Sequence[float]) -> Json:
        """Return the first answer of ``ask`` that is not None.

        None ends this run: the delivery is ``confirming`` and runs again after the next of ``delays``
        (seconds); after the last one a person must look. Asking changes nothing on the platform.
        """
        ...

    def heard(self, key: str, *, ever: bool = False) -> Mapping[str, Json] | None:
        """Return the facts of the Event with this key, if the platform has told it; see ``receive``.

        In ``withdraw``, and in ``look`` while ``withdrawing``, only what was told since the hub wished it
        gone, or it was: who took it down before may have put it back without a word. ``ever``: also before.
        """
        ...

    def picture(self, sha256: str) -> Picture: ...

    def uploaded(self, use: str, picture: Picture, upload: Callable[[], Json]) -> Json:
        """Return what ``upload`` gave for this picture, account and ``use`` (e.g. "body", "cover").

        Kept by content hash per account, so a picture is uploaded once however many articles show it.
        It shows nobody anything and may be made twice: it is written down with the others of its second.
        """
        ...

    def store_payload(self, item: Item, payload: Mapping[str, Json]) -> Mapping[str, Json]:
        """Store what will be sent for ``item``, once, with its hash, and return what is stored."""
        ...

    def offer(self, item: Item) -> Mapping[str, Json]:
        """Put ``item``'s stored payload into the account's feed and return {"article_id", "version"} there.

        Doing it twice changes nothing. A later text of the article gets the same id and a higher version.
        """
        ...

    def retract(self, item: Item) -> Mapping[str, Json]:
        """Turn ``item``'s entry in the account's feed into a tombstone; return {"article_id", "version"}.

        Doing it twice changes nothing; {} when it was never offered.
        """
        ...
