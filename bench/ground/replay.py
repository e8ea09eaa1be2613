"""The bare reference of a fan-out: ``requests`` making the very calls that the engine made, nothing else.

One delivery's calls are caught whole, with their answers. A further delivery's are the same with other ids:
what an answer says in the place of a caught id takes that id's place in the calls that follow.

The same loop can write each call down before it is made and after it, as plain SQL in the hub's database: the
least that anybody does who must not make a call twice after a power cut.
"""

import multiprocessing
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch
from urllib.parse import urlsplit

import requests
from django.db import connection

from publishers.outbound import GuardedAdapter

#: Shorter answers' texts are words and codes, not ids.
ID_CHARS = 8


@dataclass(frozen=True)
class Caught:
    """One call and its answer; ``headers`` as sent, without what depends on the body."""

    method: str
    path: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    answer: object


@contextmanager
def catching() -> Iterator[list[Caught]]:
    """Catch the calls that the engine makes in this process."""
    caught: list[Caught] = []
    send = GuardedAdapter.send

    def through(adapter, request, **options):
        answer = send(adapter, request, **options)
        body = request.body or b""
        headers = {name: value for name, value in request.headers.items() if name != "Content-Length"}
        body = body.encode() if isinstance(body, str) else body
        caught.append(
            Caught(request.method, urlsplit(request.url).path, request.url, headers, body, answer.json())
        )
        return answer

    with patch.object(GuardedAdapter, "send", through):
        yield caught


class Bare:
    """One account's calls, over a session that it shares with the other accounts of its process."""

    def __init__(
        self, http: requests.Session, templates: Mapping[str, Caught], account: str, new_account: str
    ):
        self._http, self._templates = http, templates
        self._ids = {account: new_account}

    def call_written_down(self, path: str) -> None:
        number = uuid.uuid4().hex
        _write("INSERT INTO bench_call VALUES (%s, %s, 'begun')", [number, path])
        self.call(path)
        _write("UPDATE bench_call SET outcome = 'done' WHERE id = %s", [number])

    def call(self, path: str) -> None:
        caught = self._templates[path]
        answer = self._http.request(
            caught.method,
            self._now(caught.url.encode()).decode(),
            data=self._now(caught.body),
            headers=caught.headers,
            timeout=60,
        )
        for old, new in _differences(caught.answer, answer.json()):
            self._ids[old] = new

    def _now(self, content: bytes) -> bytes:
        if not self._ids:
            return content
        known = re.compile("|".join(map(re.escape, self._ids)).encode())
        return known.sub(lambda found: self._ids[found[0].decode()].encode(), content)


def _differences(old: object, new: object) -> Iterator[tuple[str, str]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name in old.keys() & new.keys():
            yield from _differences(old[name], new[name])
    elif isinstance(old, list) and isinstance(new, list):
        for pair in zip(old, new, strict=False):
            yield from _differences(*pair)
    elif not isinstance(old, dict | list) and old != new and len(str(old)) >= ID_CHARS:
        yield str(old), str(new)


Work = tuple[str, str, Sequence[str], Mapping[str, Caught]]


def replay(work: Sequence[Work], processes: int, *, written: bool) -> None:
    """Make all calls; ``work`` has for each account: the caught account's id, its own, paths, templates.

    Each process takes the next account when it is done with one, over one session that keeps its connections.
    """
    if written:
        _write("CREATE TABLE IF NOT EXISTS bench_call (id text PRIMARY KEY, path text, outcome text)")
    connection.close()  # a child must not write where its parent does
    with multiprocessing.get_context("fork").Pool(processes, initializer=_begin, initargs=[written]) as pool:
        pool.map(_account, work, chunksize=1)


def _write(statement: str, values: Sequence[str] = ()) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _begin(written: bool) -> None:
    global _http, _call
    _http = requests.Session()
    _http.trust_env = False
    _call = Bare.call_written_down if written else Bare.call


def _account(work: Work) -> None:
    caught_account, account, paths, templates = work
    bare = Bare(_http, templates, caught_account, account)
    for path in paths:
        _call(bare, path)
