"""What a plugin declares, and what its ``render`` returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cms.channels import Label, Limits

#: A value of JSON. Not narrower: what a platform answered is of any shape, and read where it is used.
Json = Any

#: How articles travel: the platform's interface, our signed push, a feed that the partner reads, a person.
API, PUSH, FEED, MANUAL = "api", "push", "feed", "manual"


@dataclass(frozen=True)
class CredentialField:
    """``choices`` are the values that it may have, with their labels (translated lazily); empty: any text."""

    name: str
    label: Label
    secret: bool = True
    required: bool = True
    choices: tuple[tuple[str, Label], ...] = ()


@dataclass(frozen=True)
class Quota:
    """How often one account may call ``path`` (of the address, from the root); None means: not limited.

    The hub counts every call of the account's session before it is made, on all hosts together. A day begins
    at midnight of China's clocks. ``kept`` calls a day are left for what a person asks for or an open
    delivery needs; slow looks at what has settled, and what is asked ``sparing``, stop before them.
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
    warning: Label


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
    contract: Label = ""
    can_connect: bool = False
    pictures: PictureRules = PictureRules()
    themes: Mapping[str, Label] = field(default_factory=dict)
    steps: Mapping[str, Label] = field(default_factory=dict)


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
