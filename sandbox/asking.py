"""How the sandbox's own interface is asked: JSON from programs, forms from the control page."""

import json
from collections.abc import Callable
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from .room import Endpoint
from .store import Json, Store

Asked = dict[str, Json]
Work = Callable[[Store, Asked, Request], Json]

FORM = "application/x-www-form-urlencoded"


class Wrong(Exception):
    """What was asked cannot be done; the message says why."""


def answering(work: Work) -> Endpoint:
    """Make an endpoint of ``work(store, asked, request)``, run in a thread; a form goes back to its page."""

    async def endpoint(request: Request) -> Response:
        if not is_form(request):
            try:
                asked = _read(await request.body())
                answer = await run_in_threadpool(work, request.app.state.store, asked, request)
            except Wrong as wrong:
                return JSONResponse({"error": str(wrong)}, status_code=400)
            return JSONResponse(answer)
        asked = dict(await request.form())
        told = {"platform": asked.pop("shown", "")}
        try:
            await run_in_threadpool(work, request.app.state.store, asked, request)
        except Wrong as wrong:
            told["problem"] = str(wrong)
        told = {name: value for name, value in told.items() if value}
        return RedirectResponse(f"/_control/?{urlencode(told)}".rstrip("?"), status_code=303)

    return endpoint


def is_form(request: Request) -> bool:
    """Tell whether the control page asks, whose values are all text."""
    return request.headers.get("content-type", "").startswith(FORM)


def _read(raw: bytes) -> Asked:
    try:
        asked = json.loads(raw or "{}")
    except ValueError as error:
        raise Wrong("请求体要用 JSON。") from error
    if not isinstance(asked, dict):
        raise Wrong("请求体要用 JSON 对象。")
    return asked


def wanted(asked: Asked, *names: str) -> list[str]:
    missing = [name for name in names if not isinstance(asked.get(name), str)]
    if missing:
        raise Wrong(f"缺少 {'、'.join(missing)}。")
    return [asked[name] for name in names]


def base_url(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def routes(path: str, **methods: Work) -> list[Route]:
    """Return a path's routes: ``routes("/_control/x", post=work)``, where ``work(store, asked, request)``."""
    return [Route(path, answering(work), methods=[name.upper()]) for name, work in methods.items()]
