"""What the suite asks of the server that stands for the platform, and how it reads what readers see there."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Protocol

from publishers.interface import AccountSession, Incoming, Json


@dataclass(frozen=True)
class Seen:
    """One article as readers see it; what the platform does not show is empty."""

    url: str
    title: str
    html: str
    author: str = ""
    digest: str = ""
    source_url: str = ""
    has_cover: bool = False


class Server(Protocol):
    """A plugin's test file gives one for its platform. ``path`` is an endpoint's, as in its contract."""

    def seen(self) -> list[Seen]:
        """Return the account's articles that readers can see, oldest first."""
        ...

    def calls(self) -> list[str]:
        """Return the paths of all calls that the account made, oldest first."""
        ...

    def refuse(self, path: str, code: int) -> None:
        """Let the next call of ``path`` be refused with the platform's ``code``."""
        ...

    def lose_answer(self, path: str) -> None:
        """Let the next call of ``path`` have its effect and close the connection without an answer."""
        ...

    def ask_to_wait(self, path: str, status: int, seconds: float | None) -> None:
        """Let the next call of ``path`` have no effect and be answered so, with ``seconds`` as Retry-After.

        May be left out: then what stands on it is not run. ``StandIn`` has it.
        """
        ...

    def expire_tokens(self) -> None:
        """Let every access token run out."""
        ...

    def pass_time(self, seconds: float) -> None:
        """Let time pass, for the plugin and the platform: reviews end."""
        ...

    def take_down(self, url: str) -> None:
        """Let the platform take the article down by itself. Only where ``can_look`` is declared."""
        ...

    def next_morning(self) -> None:
        """Let it be ten o'clock of the next day in China. Only where ``figure_days`` is declared."""
        ...


class Tell(Protocol):
    """Writes what the platform tells of its own accord about an article, as it is on the wire."""

    def __call__(self, account: AccountSession, about: Mapping[str, Json], *, at: dt.datetime) -> Incoming:
        """Return the message, proved at the moment ``at`` by the credentials of ``account``.

        ``about`` are the article's identifiers: what its steps returned and what is in ``Live.remote``.
        """
        ...


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader


def text_of(html: str) -> str:
    """Return what a reader reads, without white space."""
    return "".join("".join(_read(html).words).split())


def tags_of(html: str) -> list[tuple[str, dict[str, str | None]]]:
    """Return every element as (name, attributes), in order."""
    return _read(html).tags


def pictures_of(html: str) -> list[str]:
    """Return the pictures' addresses in order."""
    return [attributes.get("src") or "" for tag, attributes in tags_of(html) if tag == "img"]
