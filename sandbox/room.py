"""What one stand-in adds to the sandbox. Each has one as ``ROOM``; rooms.py lists them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from .store import Store

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Room:
    """``paths`` names the calls at which a fault may strike, as ``Call.path`` has them: slug → paths.

    ``kinds`` are fault kinds of its own (kind → words for the control page); the stand-in takes them itself
    with ``faults.take``. ``schema`` creates its tables, ``tables`` are those that a reset empties.
    ``settle(store)`` ends what is due; ``tell(store)`` comes after it and after the platforms' bans, for who
    reports them; ``finish(store, account)`` makes all that runs for an account (None: for all) due.
    ``start(store)`` comes once, before anything is answered.
    """

    routes: tuple[BaseRoute, ...] = ()
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    schema: str = ""
    tables: tuple[str, ...] = ()
    settle: Callable[[Store], object] = lambda store: None
    tell: Callable[[Store], object] = lambda store: None
    finish: Callable[[Store, str | None], object] = lambda store, account: None
    start: Callable[[Store], object] = lambda store: None
