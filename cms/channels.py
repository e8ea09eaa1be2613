"""Channels: kinds of destination that pages show limits and previews for, without knowing who fills them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from cms.document.model import Document, VariantText

if TYPE_CHECKING:
    # A text that may be translated lazily. The stubs' name for it is not there at run time.
    from django_stubs_ext import StrOrPromise as Label
else:
    Label = str

#: The hub's own micro-site: it takes every article as it is.
SITE = "site"


@dataclass(frozen=True)
class Limits:
    """What a channel accepts; None means that no limit is known. Lengths are counted by ``Channel.count``.

    ``title_chars_advised`` is no limit: a longer title is taken, and the editor is warned.
    ``offers`` are the choices of a variant that it knows: "pictures", "comments".
    """

    title_chars: int | None = None
    title_chars_advised: int | None = None
    title_chars_min: int = 0
    digest_chars: int | None = None
    author_chars: int | None = None
    body_chars: int | None = None
    offers: tuple[str, ...] = ()


class Channel(Protocol):
    """One kind of destination: a platform, the micro-site.

    ``count`` and ``body_length`` raise Refused where what counts there does not work: the sentence names it.
    """

    slug: str
    name: str  # as users read it, e.g. 微信公众号
    colour: str  # "#rrggbb", for a small mark only
    limits: Limits
    covers: tuple[tuple[int, int], ...]  # (width, height) in which it shows a cover, the first foremost

    if TYPE_CHECKING:  # read only, for whoever checks types; when it runs, a plain member

        @property
        def themes(self) -> Mapping[str, Label]: ...
    else:
        themes: Mapping[str, Label]  # what dresses an article, by slug; the office's account says which

    def count(self, text: str) -> int:
        """Return the length of ``text`` as this channel counts it."""
        ...

    def body_length(self, document: Document, variant: VariantText) -> int:
        """Return what counts against ``limits.body_chars``: the text, or the HTML that is made of it."""
        ...

    def preview(self, document: Document, variant: VariantText, theme: str = "") -> str:
        """Return a whole HTML page that shows the article as a reader there would see it.

        ``theme`` is one of ``themes``; empty: that of the account of the article's office.

        Pictures are named ``asset:<sha256>`` and the source link ``source:``; the caller fills both. Made by
        the same code that makes what is sent.
        """
        ...


_channels: dict[str, Channel] = {}


def register(channel: Channel) -> None:
    """Make ``channel`` known; its slug must be new. Raises ValueError otherwise."""
    if channel.slug in _channels:
        raise ValueError(f"The channel {channel.slug} is registered already.")
    _channels[channel.slug] = channel


def get(slug: str) -> Channel:
    """Return the channel; raises KeyError when there is none."""
    return _channels[slug]


def all_channels() -> list[Channel]:
    """Return all channels in order of registration."""
    return list(_channels.values())
