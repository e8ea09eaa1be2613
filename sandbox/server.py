"""Puts the rooms together: which address is answered by whom."""

from starlette.applications import Starlette
from starlette.types import ASGIApp

from . import calls, control, control_pages, pages, rooms
from .accounts import add_demo_accounts
from .store import Store
from .wechat import events


def build_app(store: Store) -> ASGIApp:
    """Return the ASGI application over a store."""
    for room in rooms.ROOMS:
        store.prepare(room.schema)
    add_demo_accounts(store)
    for room in rooms.ROOMS:
        room.start(store)
    stand_ins = [route for room in rooms.ROOMS for route in room.routes]
    app = Starlette(routes=[*stand_ins, *control.ROUTES, *control_pages.ROUTES, *pages.ROUTES])
    app.state.store, app.state.settle = store, rooms.settle
    events.keep_telling(store, rooms.settle)
    return calls.droppable(app)
