"""How the sandbox's own interface is asked: JSON from programs, forms from the control page."""

import json
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route

from . import faults

FORM = "application/x-www-form-urlencoded"


class Wrong(Exception):
    """What was asked cannot be done; the message says why."""


def answering(work):
    """Make an endpoint of ``work(store, asked, request)``, run in a thread."""

    async def endpoint(request):
        from_page = request.headers.get("content-type", "").startswith(FORM)
        try:
            asked = _form(dict(await request.form())) if from_page else _read(await request.body())
            answer = await run_in_threadpool(work, request.app.state.store, asked, request)
        except Wrong as wrong:
            if from_page:
                return RedirectResponse(f"/_control/?{urlencode({'problem': str(wrong)})}", status_code=303)
            return JSONResponse({"error": str(wrong)}, status_code=400)
        return RedirectResponse("/_control/", status_code=303) if from_page else JSONResponse(answer)

    return endpoint


def _read(raw):
    try:
        asked = json.loads(raw or "{}")
    except ValueError as error:
        raise Wrong("请求体要用 JSON。") from error
    if not isinstance(asked, dict):
        raise Wrong("请求体要用 JSON 对象。")
    return asked


def _form(form):
    """Return what a form of the control page asks for."""
    if "json" in form:
        return _read(form["json"])
    return faults.from_form(form) if "kind" in form else form


def wanted(asked, *names):
    missing = [name for name in names if not isinstance(asked.get(name), str)]
    if missing:
        raise Wrong(f"缺少 {'、'.join(missing)}。")
    return [asked[name] for name in names]


def base_url(request):
    return f"{request.url.scheme}://{request.url.netloc}"


def routes(path, **methods):
    """Return a path's routes: ``routes("/_control/x", post=work)``, where ``work(store, asked, request)``."""
    return [Route(path, answering(work), methods=[name.upper()]) for name, work in methods.items()]
