"""Pages for whoever runs the sandbox: the ledger, the faults and settings."""

import json

from starlette.routing import Route

from . import accounts, asking, control, faults, ledger, pages, rooms

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


async def ledger_page(request):
    """Show the page to a browser and the JSON to everything else."""
    if "text/html" in request.headers.get("accept", ""):
        return await pages.page("ledger.html", ledger_data)(request)
    return await asking.answering(control.show_ledger)(request)


ROUTES = [
    Route("/_ledger", ledger_page),
    Route("/_control/", pages.page("control.html", control_data)),
]
