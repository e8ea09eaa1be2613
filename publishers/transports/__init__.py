"""The ways beside a platform's interface: each is a Publisher around the platform's, which it asks to render.

A platform looks the same however an article travels there; what the way can do, needs and calls its steps is
the way's own. So the engine knows only Publishers.
"""

from publishers.interface import FEED, MANUAL, PUSH, Publisher
from publishers.transports.base import OverTransport
from publishers.transports.feed import Fed
from publishers.transports.manual import ByPerson
from publishers.transports.push import Pushed

TRANSPORTS: dict[str, type[OverTransport]] = {PUSH: Pushed, FEED: Fed, MANUAL: ByPerson}


def over(publisher: Publisher, transport: str) -> OverTransport:
    """Return ``publisher`` as it is over ``transport``; raises KeyError for a way that does not exist."""
    return TRANSPORTS[transport](publisher)
