"""Fetching pictures from the addresses in an article, really over HTTP, as platforms and their editors do."""

import functools
import secrets
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.parse import urlsplit

from .html import Cleaner
from .pictures import kind_of, path_of
from .store import Store

#: Gives a picture's path here; raises ValueError when there is none.
Keep = Callable[[str], str]
PICTURE_BYTES = 10 * 1024 * 1024


class _OnlyWeb(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if urlsplit(newurl).scheme not in ("http", "https"):
            raise urllib.error.URLError("not a web address")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


# No proxy: the pictures of a trial run are on this machine or beside it.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _OnlyWeb())


def fetched(store: Store, slug: str, account: str, url: str) -> str:
    """Fetch one picture for an account, keep it, return its path here. Raises ValueError with the reason."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise ValueError("只接受 http 或 https 地址")
    try:
        request = urllib.request.Request(url, headers={"User-Agent": f"sandbox-{slug}"})  # noqa: S310
        with _opener.open(request, timeout=store.setting("penguin_fetch_s")) as answer:
            content = answer.read(PICTURE_BYTES + 1)
    except (OSError, HTTPException, ValueError) as error:
        raise ValueError(f"下载失败（{getattr(error, 'reason', error)}）") from error
    return kept(store, slug, account, "fetched", content)


def kept(store: Store, slug: str, account: str, kind: str, content: bytes, filename: str = "") -> str:
    """Keep picture bytes and return their path here. Raises ValueError when they are no picture for use."""
    found = kind_of(content) if len(content) <= PICTURE_BYTES else None
    if found is None:
        raise ValueError("不是可用的图片")
    picture_id = secrets.token_urlsafe(16)
    store.keep_picture(slug, account, kind, picture_id, filename, found[1], content)
    return path_of(slug, picture_id, found[0])


def each_once(store: Store, slug: str, account: str) -> Keep:
    """Return a function that does ``fetched`` for one article, each address once."""
    return functools.cache(lambda url: fetched(store, slug, account, url))


class Keeping(Cleaner):
    """Cleans an article; ``keep(url)`` gives each picture's path here, and one without is left out."""

    def __init__(self, keep: Callable[[str], str | None]) -> None:
        super().__init__()
        self._keep = keep

    def picture(self, url: str) -> str | None:
        try:
            return self._keep(url)
        except ValueError:
            return None


class Background:
    """Does ``work(store, id)`` beside the answers, a few at a time."""

    def __init__(self, name: str, work: Callable[[Store, str], None]) -> None:
        self._workers = ThreadPoolExecutor(max_workers=4, thread_name_prefix=name)
        self._work = work
        self._running: set[Future[None]] = set()

    def begin(self, store: Store, row_id: str) -> None:
        future = self._workers.submit(self._work, store, row_id)
        self._running.add(future)
        future.add_done_callback(self._running.discard)

    def finish(self) -> None:
        """Wait until everything begun is done."""
        wait(tuple(self._running))
