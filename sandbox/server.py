"""Puts the rooms together: which address is answered by whom."""

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from . import calls, console, control, pages, penguin, reviews, wechat
from .accounts import add_demo_accounts
from .penguin import fetching
from .wechat import events


def build_app(store):
    """Return the ASGI application over a store."""
    add_demo_accounts(store)
    fetching.resume(store)
    app = Starlette(routes=[*_platform_routes(), *control.ROUTES, *console.ROUTES, *pages.ROUTES])
    app.state.store = store
    app.state.telling = events.keep_telling(store, reviews.settle)
    return calls.droppable(app)


def _platform_routes():
    # WeChat answers a wrong method itself (43002), in its own words.
    for path in wechat.PATHS:
        yield Route(f"/wechat{path}", _endpoint("wechat", wechat), methods=["GET", "POST"])
    for path in penguin.PATHS:
        yield Route(f"/penguin{path}", _endpoint("penguin", penguin), methods=[penguin.method(path)])


def _endpoint(name, platform):
    async def endpoint(request):
        store = request.app.state.store
        call = await calls.read_call(name, request)
        call.account = platform.known_account(store, call)
        await run_in_threadpool(reviews.settle, store)
        return await calls.answer(store, call, platform)

    return endpoint
