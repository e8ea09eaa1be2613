"""The publisher plugins that are installed, those of this tree (``publishers.platforms``) and others."""

from collections.abc import Iterable
from importlib.metadata import entry_points

from publishers import transports
from publishers.interface import API, Publisher
from publishers.transports import OverTransport

GROUP = "nusheng_hub.publishers"

_publishers: dict[str, Publisher] = {}
_over: dict[tuple[str, str], OverTransport] = {}


def register(publisher: Publisher) -> None:
    """Make ``publisher`` known under its platform's slug. Raises TypeError, ValueError if it does not fit."""
    if not isinstance(publisher, Publisher):
        raise TypeError(f"{publisher!r} is not a Publisher.")
    slug = publisher.platform.slug
    if slug in _publishers:
        raise ValueError(f"A publisher for {slug} is registered already.")
    _publishers[slug] = publisher


def get(slug: str, transport: str = API) -> Publisher:
    """Return the publisher that carries articles to the platform over ``transport``.

    Raises KeyError when there is none. The platform's own plugin is the one for "api"; what its ``platform``
    declares of abilities, credentials and steps is another thing over each transport.
    """
    publisher = _publishers[slug]
    if transport == API:
        return publisher
    key = (slug, transport)
    if key not in _over or _over[key].of is not publisher:
        _over[key] = transports.over(publisher, transport)
    return _over[key]


def find(slug: str, transport: str = API) -> Publisher | None:
    """Return what ``get`` does; None where it is not installed: rows of its accounts outlive a plugin."""
    try:
        return get(slug, transport)
    except KeyError:
        return None


def all_publishers() -> list[Publisher]:
    return list(_publishers.values())


def all_transports() -> list[tuple[str, str]]:
    """Return (slug, transport) for each transport to each platform."""
    platforms = [publisher.platform for publisher in all_publishers()]
    return [(platform.slug, each) for platform in platforms for each in platform.transports]


def load(built_in: Iterable[type[Publisher]]) -> None:
    """Register these publishers and those of other distributions, once, when the app starts."""
    for kind in built_in:
        register(kind())
    for entry in entry_points(group=GROUP):
        register(entry.load()())
