"""What a publisher plugin implements, is handed, and raises. Plugin authors read this file.

A plugin is one package with a subclass of ``Publisher``, registered through the entry-point group
``nusheng_hub.publishers``. It has no models, tasks, URLs or settings: the engine has them.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import requests

from cms.channels import Limits
from cms.document.model import Document, VariantText

Json = Any

#: How articles travel: the platform's interface, our signed push, a feed that the partner reads, a person.
API, PUSH, FEED, MANUAL = "api", "push", "feed", "manual"


# --- errors: each says what the engine does next ---------------------------------------------------------


class PublisherError(Exception):
    """The platform did not do what was asked."""

    def __init__(
        self,
        message: str = "",
        *,
        status: int | None = None,
        code: str = "",
        request_id: str = "",
        body: str = "",
    ):
        """``message`` for the log; ``code`` and ``request_id`` are the platform's; ``body`` is cut short.

        None of them may hold a secret or a token.
        """
        super().__init__(message or type(self).__doc__)
        self.status, self.code, self.request_id, self.body = status, code, request_id, body[:500]


class Retry(PublisherError):
    """The call certainly had no effect; the engine makes it again.

    ``after`` is how many seconds later, where the platform says so; None: as the engine sees fit.
    """

    def __init__(self, message: str = "", *, after: float | None = None, **evidence):
        super().__init__(message, **evidence)
        self.after = after


class QuotaExceeded(PublisherError):
    """A quota is used up; the delivery waits until ``until`` (aware)."""

    def __init__(self, message: str = "", *, until: dt.datetime, **evidence):
        super().__init__(message, **evidence)
        self.until = until


class CredentialsInvalid(PublisherError):
    """The account's credentials are refused; the account stops until a person mends them."""


class ConsentInvalid(CredentialsInvalid):
    """What a person's consent gave is refused, or nobody consented: she must connect the account anew."""


class CapabilityMissing(PublisherError):
    """The account may not do this; ``name`` is the capability, e.g. "publish"."""

    def __init__(self, name: str, message: str = "", **evidence):
        super().__init__(message or name, **evidence)
        self.name = name


class Rejected(PublisherError):
    """The platform refuses the content; the editor must change it. ``reason`` is a sentence for her."""

    def __init__(self, reason: str, **evidence):
        super().__init__(reason, **evidence)
        self.reason = reason


class ByHand(PublisherError):
    """A person must do the rest in the platform's console; ``instruction`` tells her what.

    ``{time}`` in it stands for when it is due: ``within`` seconds after it was first asked of her.
    """

    def __init__(self, instruction: str, *, within: float, **evidence):
        super().__init__(instruction, **evidence)
        self.instruction, self.within = instruction, within


class NotGenuine(PublisherError):
    """What came in does not prove that the platform sent it; it is refused and not kept."""


class Malformed(PublisherError):
    """What came in is the platform's, but not as its contract says; it is refused, and it is told why.

    ``field`` is the one that is wrong.
    """

    def __init__(self, message: str, *, field: str = "", **evidence):
        super().__init__(message, **evidence)
        self.field = field


class OutcomeUnknown(PublisherError):
    """The call may or may not have had its effect; the step's ``find`` is asked before anything else."""


class PermanentError(PublisherError):
    """Neither waiting nor repeating helps; a person must look."""


# --- what a plugin declares -------------------------------------------------------------------------------


@dataclass(frozen=True)
class CredentialField:
    """``choices`` are the values that it may have, with their labels (translated lazily); empty: any text."""

    name: str
    label: str
    secret: bool = True
    required: bool = True
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Quota:
    """How often one account may call ``path`` (of the address, from the root); None means: not limited.

    The hub counts every call of the account's session before it is made, on all hosts together. A day begins
    at midnight of China's clocks. ``kept`` calls a day are left for what a person asks for or an open
    delivery needs; slow looks at what has settled stop before them.
    """

    path: str
    per_minute: int | None = None
    per_day: int | None = None
    kept: int = 0


@dataclass(frozen=True)
class PictureRules:
    """What pictures the platform takes; pictures of another kind are made into JPEG.

    ``covers`` are the shapes in which it shows a cover, as (width, height) in pixels, the first one foremost.
    """

    mimes: tuple[str, ...] = ("image/jpeg", "image/png")
    max_bytes: int = 5 * 1024 * 1024
    max_width: int = 1600
    covers: tuple[tuple[int, int], ...] = ((900, 383),)


@dataclass(frozen=True)
class Notifying:
    """How a platform shows a delivery to all followers of the account at once, instead of only publishing it.

    A person decides so for one delivery, never the hub, and only as long as neither ``step`` nor
    ``instead_of`` may have had its effect. ``warning`` is what she has to know first (translated lazily).
    """

    capability: str
    step: str
    instead_of: str
    warning: str


@dataclass(frozen=True)
class Platform:
    """What a platform is.

    ``edition_size`` is the largest number of Releases in one Delivery. ``renderer`` is the version of what
    ``render`` makes: raise it with each change, and Releases are rendered anew for deliveries not yet sent.
    ``steps`` says, by the name of a step, what the desk calls it (translated lazily). ``concurrency`` is how
    many deliveries of one account are worked on at once. ``article_hosts`` are the hosts of its articles'
    public addresses: what a person records must be there. ``console`` is where a person publishes (https), as
    the platform's sheet names it; empty: not known. ``can_look`` says that ``look`` is implemented,
    ``can_receive`` that ``receive`` is. ``notifying`` is for platforms that send articles to followers.
    ``waits`` are the seconds before each further try of a call that failed for a while, or whose outcome is
    unknown; after the last a person looks. Empty: as the engine sees fit.
    ``figure_source`` names the call that ``figures`` makes, ``figure_days`` how many days an article is
    followed; 0: the platform gives none.

    ``transports`` are the ways on which articles may travel there, the usual one first. ``contract`` says
    what paper an account needs before "api" may be chosen (translated lazily); empty: none. ``can_connect``
    says that an account is connected by OAuth: ``authorize_url`` and ``connected`` are implemented.
    ``themes`` are the names of what ``render`` can dress an article in, by slug (translated lazily); the
    first is the usual one.
    """

    slug: str
    name: str
    colour: str
    base_url: str
    limits: Limits
    credentials: tuple[CredentialField, ...]
    capabilities: tuple[str, ...] = ("publish",)
    edition_size: int = 1
    can_correct: bool = False
    can_withdraw: bool = False
    can_look: bool = False
    can_receive: bool = False
    renderer: int = 1
    concurrency: int = 1
    quotas: tuple[Quota, ...] = ()
    waits: tuple[float, ...] = ()
    article_hosts: tuple[str, ...] = ()
    console: str = ""
    notifying: Notifying | None = None
    figure_source: str = ""
    figure_days: int = 0
    transports: tuple[str, ...] = (API, MANUAL)
    contract: str = ""
    can_connect: bool = False
    pictures: PictureRules = PictureRules()
    themes: Mapping[str, str] = field(default_factory=dict)
    steps: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Rendition:
    """A Release as one platform wants it, before any account: a pure function's result.

    In ``html``, a picture's address is ``asset:<sha256>`` and the source link is ``source:``.
    ``assets`` lists the body's pictures in order; ``cover`` is the cover's SHA-256 or None, ``focus`` the
    point of it that a crop must keep (x and y in thousandths from the top left).
    """

    title: str
    digest: str
    author: str
    html: str
    cover: str | None
    assets: tuple[str, ...]
    extra: Mapping[str, Json] = field(default_factory=dict)
    focus: tuple[int, int] = (500, 500)


# --- what a plugin is handed ------------------------------------------------------------------------------


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
    """Not known yet: ask again after ``after`` seconds, or, when that is None, a person must look."""

    reason: str
    after: float | None = None


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


class Item(Protocol):
    """One Release of the delivery, in its order."""

    position: int  # from 0
    rendition: Rendition
    document: Document
    token: str  # unguessable, per item and generation; the mark by which ``find`` knows our article
    source_url: str  # the "read the original" link, <public url>/r/<token>
    article_url: str  # the article's page on the micro-site
    page_id: int  # the article's, in all its versions
    version: int  # of the article: a later text has a higher one
    public_from: dt.datetime  # when readers may see this version
    payload: Mapping[str, Json] | None  # what was stored by ``Job.store_payload``
    observed: Mapping[str, Json]  # the platform's identifiers, as ``Live.remote`` had them


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
    is open; when it is settled, only if ``changed`` says that what was live may be so no longer. ``facts``
    is what else was told (JSON, no secret). Where the platform tells when it ``happened`` (aware), events
    with the same key are what became of one thing: the latest counts, in whatever order they come.
    """

    key: str
    about: Mapping[str, Json]
    facts: Mapping[str, Json] = field(default_factory=dict)
    changed: bool = False
    happened: dt.datetime | None = None


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

    def unknown_since(self, name: str, *, item: Item | None = None) -> dt.datetime:
        """Return when the call of step ``name`` was begun whose outcome is not known; for its ``find``."""
        ...

    def poll(self, name: str, ask: Callable[[], Json | None], *, delays: Sequence[float]) -> Json:
        """Return the first answer of ``ask`` that is not None.

        None ends this run: the delivery is ``confirming`` and runs again after the next of ``delays``
        (seconds); after the last one a person must look. Asking changes nothing on the platform.
        """
        ...

    def heard(self, key: str) -> Mapping[str, Json] | None:
        """Return the facts of the Event with this key, if the platform has told it; see ``receive``."""
        ...

    def picture(self, sha256: str) -> Picture: ...

    def uploaded(self, use: str, picture: Picture, upload: Callable[[], Json]) -> Json:
        """Return what ``upload`` gave for this picture, account and ``use`` (e.g. "body", "cover").

        Kept by content hash per account, so a picture is uploaded once however many articles show it.
        The call is a repeatable step.
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


# --- what a plugin implements -----------------------------------------------------------------------------


class Publisher:
    """A platform. Subclass it, set ``platform``, and implement what the platform can do."""

    platform: Platform

    def count(self, text: str) -> int:
        """Return the length of ``text`` as the platform counts it. Default: characters."""
        return len(text)

    def render(self, document: Document, variant: VariantText, theme: str = "") -> Rendition:
        """Return the article as the platform accepts it. Pure: no network, clock or database.

        ``theme`` is one of ``platform.themes``; empty: the first one.

        Raises Rejected when the article cannot be expressed there (a title over the limit is never cut).
        """
        raise NotImplementedError

    def body_length(self, document: Document, variant: VariantText, theme: str = "") -> int | None:
        """Return what counts against ``limits.body_chars`` when that is not the text; None: it is. Pure.

        ``theme`` as in ``render``.
        """
        return None

    def preview(self, rendition: Rendition, account_name: str) -> str:
        """Return a whole HTML page that shows ``rendition`` soberly as the platform's reading page would.

        Placeholders stay as they are; the caller fills them.
        """
        raise NotImplementedError

    def check(self, account: AccountSession) -> frozenset[str]:
        """Probe the account and return its capabilities; changes nothing on the platform.

        Raises CredentialsInvalid, Retry, QuotaExceeded, PermanentError.
        """
        raise NotImplementedError

    def publish(self, job: Job) -> Sequence[Live]:
        """Bring all items live and return one Live per item, in order.

        Runs from the top each time, as straight code; finished steps cost nothing. May be killed anywhere.
        """
        raise NotImplementedError

    def correct(self, job: Job) -> Sequence[Live]:
        """Bring what is live up to date. Called only when ``platform.can_correct``."""
        raise NotImplementedError

    def withdraw(self, job: Job) -> None:
        """Take every item down. Called only when ``platform.can_withdraw``."""
        raise NotImplementedError

    def look(self, job: Job) -> Sequence[Shown | None]:
        """Ask what has become of each item, in order; changes nothing. Called only when ``can_look``.

        None where the platform cannot tell. Of ``job`` there are account, items, generation and ``heard``.

        Raises QuotaExceeded, Retry, CredentialsInvalid, CapabilityMissing, PermanentError.
        """
        raise NotImplementedError

    def figures(self, account: AccountSession, published_on: dt.date) -> Sequence[Figure]:
        """Return what the platform knows of the articles published on that day; only when ``figure_days``.

        Raises Retry when they are not ready yet, QuotaExceeded, CapabilityMissing, CredentialsInvalid.
        """
        raise NotImplementedError

    def receive(self, account: AccountSession, incoming: Incoming) -> Received:
        """Verify what came in at the account's callback address, and read it; only when ``can_receive``.

        Makes no call and takes milliseconds: the platform waits. Raises NotGenuine, Malformed.
        """
        raise NotImplementedError

    def needs_consent(self, credentials: Mapping[str, str]) -> bool:
        """Return whether an account with these credentials is one that a person connects; if ``can_connect``.

        For platforms that have accounts of both kinds. Pure.
        """
        return True

    def authorize_url(self, account: AccountSession, redirect_url: str, state: str, challenge: str) -> str:
        """Return where a person consents; only when ``can_connect``.

        ``challenge`` is PKCE's (RFC 7636, S256), for platforms that know it.
        """
        raise NotImplementedError

    def connected(self, account: AccountSession, code: str, redirect_url: str, verifier: str) -> Grant:
        """Exchange the code of the consent for a grant. Raises CredentialsInvalid, Retry, PermanentError."""
        raise NotImplementedError

    def sent(self, payload: Mapping[str, Json]) -> tuple[str, str]:
        """Return title and HTML as they went out in ``payload``, to compare with what ``look`` shows."""
        return str(payload.get("title", "")), str(payload.get("content", ""))
