"""The bare reference of a fan-out: ``requests`` making the very calls that the engine made, nothing else.

One delivery's calls are caught whole, with their answers. A further delivery's are the same with other ids:
what an answer says in the place of a caught id takes that id's place in the calls that follow.
"""

import multiprocessing
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch
from urllib.parse import urlsplit

import requests

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


def replay(work: Sequence[tuple[str, str, Sequence[str], Mapping[str, Caught]]], processes: int) -> None:
    """Make all calls; ``work`` has for each account: the caught account's id, its own, paths, templates.

    Each process takes the next account when it is done with one, over one session that keeps its connections.
    """
    with multiprocessing.get_context("fork").Pool(processes, initializer=_begin) as pool:
        pool.map(_account, work, chunksize=1)


def _begin() -> None:
    global _http
    _http = requests.Session()
    _http.trust_env = False


def _account(work: tuple[str, str, Sequence[str], Mapping[str, Caught]]) -> None:
    caught_account, account, paths, templates = work
    bare = Bare(_http, templates, caught_account, account)
    for path in paths:
        bare.call(path)
