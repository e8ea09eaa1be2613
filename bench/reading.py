"""The micro-site's article and the content API's detail against a bare Django view with the same bytes.

Both run in one process behind the same middleware; the bare view has its bytes in memory and asks nobody.
Once through the WSGI handler alone, which is the required figure, and once over HTTP from gunicorn.
"""

import http.client
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import harness

# isort: split
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from harness.article import make_article, release_of
from harness.bare import application
from harness.measure import Timed, race, table, wanted

LEAST, MOST_QUERIES = 0.5, 3


def main() -> None:
    harness.lay()
    page_id = release_of(make_article()).page_id
    addresses = {
        "bare view, the article's page": "/bare/html",
        "micro-site article": f"/a/{page_id}/",
        "bare view, the API's JSON": "/bare/json",
        "content API detail": f"/api/v1/articles/{page_id}/",
    }
    asks = {name: _in_process(path) for name, path in addresses.items()}
    queries = {name: _queries(ask) for name, ask in asks.items()}
    with harness.web("harness.bare:application", "--threads", "8") as address:
        asks_over_http = {name: _over_http(address, path) for name, path in addresses.items()}
        processor = _over_http(address, "/bare/processor")
        cost = race(asks_over_http, clock=lambda: float(processor()))
        _show("Over HTTP from gunicorn: processor time of the server", cost, queries, required=True)
        _show("Over HTTP from gunicorn: what the asker waits", race(asks_over_http), queries)
    cost = race(asks, clock=time.process_time)
    _show("Through the WSGI handler in one process, no HTTP", cost, queries)


def _in_process(path: str) -> Callable[[], bytes]:
    environ = RequestFactory(SERVER_NAME="127.0.0.1").get(path).environ

    def ask() -> bytes:
        status: list[str] = []
        response = application(dict(environ), lambda line, headers: status.append(line))
        content = b"".join(response)
        response.close()
        assert status == ["200 OK"], (path, status)
        return content

    return ask


def _over_http(address: str, path: str) -> Callable[[], bytes]:
    server = http.client.HTTPConnection(urlsplit(address).netloc)

    def ask() -> bytes:
        server.request("GET", path)
        answer = server.getresponse()
        assert answer.status == 200, (path, answer.status)
        return answer.read()

    return ask


def _queries(ask: Callable[[], bytes]) -> int:
    ask()
    with CaptureQueriesContext(connection) as captured:
        ask()
    return len(captured)


def _show(title: str, figures: dict[str, Timed], queries: dict[str, int], *, required: bool = False) -> None:
    names = list(figures)
    rows = [("", "median", "of the bare view", "middle half", "queries", "")]
    for bare, ours in zip(names[::2], names[1::2], strict=True):
        ratio = figures[bare].to(figures[ours])
        holds = ratio >= LEAST and queries[ours] <= MOST_QUERIES
        verdict = wanted(holds, f"≥ {LEAST}, ≤ {MOST_QUERIES} queries") if required else ""
        rows.append((bare, figures[bare].ms, "1.00", "", str(queries[bare]), ""))
        spread = figures[bare].spread(figures[ours])
        rows.append((ours, figures[ours].ms, f"{ratio:.2f}", spread, str(queries[ours]), verdict))
    table(title, *rows)


if __name__ == "__main__":
    main()
