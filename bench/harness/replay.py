"""The bare reference of a fan-out: ``requests`` making the very calls that the engine made, nothing else.

Two deliveries' calls are caught whole, with their answers: an account's first, which also fetches its token
and asks what it may do, and one after it. A further delivery's calls are the same with other ids: what an
answer says in the place of a caught id takes that id's place in the calls that follow.
"""

import multiprocessing
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch
from urllib.parse import urlsplit

import requests
from django.db import connection

from publishers.http.outbound import GuardedAdapter

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

    @property
    def is_file(self) -> bool:
        return self.headers.get("Content-Type", "").startswith("multipart/")


@dataclass(frozen=True)
class Script:
    """What one platform's caught account was called with: for its first delivery, and for any other."""

    account: str
    first: Sequence[Caught]
    other: Sequence[Caught]


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

    def __init__(self, http: requests.Session, account: str, new_account: str):
        self._http, self._ids = http, {account: new_account}

    def call(self, caught: Caught) -> None:
        answer = self._http.request(
            caught.method,
            self._now(caught.url.encode()).decode(),
            data=caught.body if caught.is_file else self._now(caught.body),
            headers=caught.headers,
            timeout=60,
        )
        for old, new in _differences(caught.answer, answer.json()):
            self._ids[old] = new

    def _now(self, content: bytes) -> bytes:
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


def replay(
    scripts: Mapping[str, Script], sent_to: Sequence[tuple[str, str]], deliveries: int, processes: int
) -> None:
    """Make the calls of so many deliveries to each account, which is named with its platform.

    Each process takes the next account when it is done with one, over one session that keeps its connections.
    """
    work = [(platform, account, deliveries) for platform, account in sent_to]
    connection.close()  # a child must not write where its parent does
    with multiprocessing.get_context("fork").Pool(processes, initializer=_begin, initargs=[scripts]) as pool:
        pool.starmap(_account, work, chunksize=1)


def _begin(scripts: Mapping[str, Script]) -> None:
    global _http, _scripts
    _http, _scripts = requests.Session(), scripts
    _http.trust_env = False


def _account(platform: str, account: str, deliveries: int) -> None:
    script = _scripts[platform]
    bare = Bare(_http, script.account, account)
    for number in range(deliveries):
        for caught in script.other if number else script.first:
            bare.call(caught)
