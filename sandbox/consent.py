"""The page on which an account's holder lets an application speak for her; several platforms have it."""

from collections.abc import Callable, Mapping
from urllib.parse import urlencode, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from . import accounts, pages
from .store import Row, Store


def is_web(address: str) -> bool:
    """Tell whether a redirect address can be gone to."""
    parts = urlsplit(address)
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def way_back(query: Mapping[str, str], **told: str) -> str:
    """Return the application's redirect address with what it is told, and the ``state`` that it sent."""
    target, told = query["redirect_uri"], {**told, "state": query.get("state", "")}
    return f"{target}{'&' if urlsplit(target).query else '?'}{urlencode(told)}"


def routes(
    slug: str,
    path: str,
    request_of: Callable[[Store, Mapping[str, str]], Row | None],
    agreed: Callable[[Store, Mapping[str, str], str], str],
) -> tuple[Route, ...]:
    """Return the page's routes.

    ``request_of(store, query)`` gives the application that asks (its account row) or None for an improper
    address; ``agreed(store, query, account_id)`` gives where the browser goes.
    """

    def read(store: Store, request: Request) -> Row | None:
        app = request_of(store, request.query_params)
        every = [one for one in accounts.listing(store) if one["platform"] == slug]
        scopes = request.query_params.get("scope", "").replace(",", " ").split()
        return app and {"app": app, "platform": slug, "accounts": every, "scopes": scopes}

    async def agree(request: Request) -> Response:
        form = await request.form()
        store, query = request.app.state.store, request.query_params
        account = await run_in_threadpool(store.account, slug, str(form.get("account", "")))
        if account is None or await run_in_threadpool(request_of, store, query) is None:
            return pages.missing(request, "授权请求不完整。")
        target = await run_in_threadpool(agreed, store, query, account["id"])
        return RedirectResponse(target, status_code=303)

    return (
        Route(path, pages.page("authorize.html", read), methods=["GET"]),
        Route(path, agree, methods=["POST"]),
    )
