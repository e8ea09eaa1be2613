"""Pages for whoever runs the sandbox: the ledger, the faults and settings."""

import json
from itertools import chain

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import accounts, asking, control, faults, grants, ledger, pages, rooms, settings
from .platforms import PLATFORMS
from .store import Json, Store

CALLS_SHOWN, LATEST = 200, 8
#: The page reads itself anew (static/control.js).
_POLICY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:;"
    " style-src 'self' 'unsafe-inline'; base-uri 'none'; frame-ancestors 'self'"
}

pages.templates.env.filters["readable"] = lambda data: json.dumps(data, ensure_ascii=False, indent=1)
pages.templates.env.filters["clock"] = lambda iso: iso[:19].replace("T", " ")


def ledger_data(store: Store, request: Request) -> dict[str, Json]:
    chosen = request.query_params.get("platform") or None
    return {
        **control.show_ledger(store, {}, request),
        "calls": ledger.calls(store, chosen, limit=CALLS_SHOWN),
        "chosen": chosen,
    }


def control_data(store: Store, request: Request) -> dict[str, Json]:
    query = request.query_params
    chosen = query.get("platform") if query.get("platform") in PLATFORMS else None
    known = rooms.paths()
    return {
        "chosen": chosen or "",
        "kinds": rooms.kinds_of(chosen),
        "words": rooms.kinds_of(),
        "faults": faults.listing(store),
        "accounts": [one for one in accounts.listing(store) if chosen in (None, one["platform"])],
        "consents": [one for one in grants.consents(store) if chosen in (None, one["platform"])],
        "paths": known.get(chosen, ()) if chosen else sorted(set(chain.from_iterable(known.values()))),
        "settings": control.show_settings(store, {}, request),
        "setting_words": settings.WORDS,
        "choices": settings.CHOICES,
        "articles": ledger.entries(store, asking.base_url(request), chosen)[: -LATEST - 1 : -1],
        "calls": ledger.calls(store, chosen, limit=LATEST)[::-1],
        "problem": query.get("problem", ""),
    }


async def ledger_page(request: Request) -> Response:
    """Show the page to a browser and the JSON to everything else."""
    if "text/html" in request.headers.get("accept", ""):
        return await pages.page("ledger.html", ledger_data)(request)
    return await asking.answering(control.show_ledger)(request)


ROUTES = [
    Route("/_ledger", ledger_page),
    Route("/_control/", pages.page("control.html", control_data, _POLICY)),
]
