"""Pages for whoever runs the sandbox: the ledger, the faults and settings, Penguin's authorisation."""

import json
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse
from starlette.routing import Route

from . import accounts, asking, control, faults, ledger, pages, rooms
from .penguin import authorize

CALLS_SHOWN = 200

pages.templates.env.filters["readable"] = lambda data: json.dumps(data, ensure_ascii=False, indent=1)
pages.templates.env.filters["clock"] = lambda iso: iso[:19].replace("T", " ")


def ledger_data(store, request):
    return {
        **control.show_ledger(store, {}, request),
        "calls": ledger.calls(store, limit=CALLS_SHOWN),
    }


def control_data(store, request):
    return {
        "kinds": faults.KINDS | rooms.kinds(),
        "faults": faults.listing(store),
        "accounts": accounts.listing(store),
        "paths": sorted({path for known in rooms.paths().values() for path in known}),
        "settings": control.show_settings(store, {}, request),
        "problem": request.query_params.get("problem", ""),
    }


def authorize_data(store, request):
    app = authorize.request_of(store, request.query_params)
    every = (one for one in accounts.listing(store) if one["platform"] == "penguin")
    return app and {"app": app, "accounts": list(every)}


async def ledger_page(request):
    """Show the page to a browser and the JSON to everything else."""
    if "text/html" in request.headers.get("accept", ""):
        return await pages.page("ledger.html", ledger_data)(request)
    return await asking.answering(control.show_ledger)(request)


async def agree(request):
    form = await request.form()
    store, query = request.app.state.store, request.query_params
    account = await run_in_threadpool(store.account, "penguin", str(form.get("account", "")))
    if account is None or await run_in_threadpool(authorize.request_of, store, query) is None:
        return RedirectResponse("/_control/?" + urlencode({"problem": "授权请求不完整。"}), status_code=303)
    target = await run_in_threadpool(authorize.agreed, store, query, account["id"])
    return RedirectResponse(target, status_code=303)


AUTHORIZE = "/penguin/omoauth2/authorize"
ROUTES = [
    Route("/_ledger", ledger_page),
    Route("/_control/", pages.page("control.html", control_data)),
    Route(AUTHORIZE, pages.page("authorize.html", authorize_data), methods=["GET"]),
    Route(AUTHORIZE, agree, methods=["POST"]),
]
