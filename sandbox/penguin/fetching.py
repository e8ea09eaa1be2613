"""Penguin fetches covers and body pictures itself, really over HTTP, while the review runs.

docs/platforms/penguin.md, section 5. A cover that cannot be fetched fails the submission.
"""

import json
import secrets
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor, wait
from http.client import HTTPException
from urllib.parse import urlsplit

from ..html import Cleaner
from ..pictures import kind_of

PICTURE_BYTES = 10 * 1024 * 1024
_workers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="penguin-fetch")
_running = set()


class _OnlyWeb(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if urlsplit(newurl).scheme not in ("http", "https"):
            raise urllib.error.URLError("not a web address")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


# No proxy: the pictures of a trial run are on this machine or beside it.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _OnlyWeb())


class PenguinCleaner(Cleaner):
    """Fetches every picture (one that fails is left out) and unwraps links."""

    def __init__(self, keep):
        super().__init__()
        self._keep = keep

    def picture(self, url):
        try:
            return self._keep(url)
        except ValueError:
            return None

    def link(self, url):
        return None


def begin(store, transaction_id):
    """Fetch a submission's pictures in the background and note the result on its row."""
    future = _workers.submit(_prepare, store, transaction_id)
    _running.add(future)
    future.add_done_callback(_running.discard)


def finish():
    """Wait until everything begun is fetched, or could not be."""
    wait(tuple(_running))


def resume(store):
    """Go on with what a stopped sandbox left unfetched."""
    for row in store.all("SELECT id FROM transactions WHERE NOT fetched AND status = '处理中'"):
        begin(store, row["id"])


def _prepare(store, transaction_id):
    row = store.one("SELECT * FROM transactions WHERE id = ?", transaction_id)
    if row is None:
        return
    fields, reason, known = json.loads(row["fields"]), row["reason"], {}

    def keep(url):
        if url not in known:
            known[url] = _fetched(store, row["account"], url)
        return known[url]

    try:
        fields["cover_path"] = keep(fields["cover_pic"])
        fields["stored_content"] = PenguinCleaner.clean(fields["content"], keep).html
    except ValueError as error:
        reason = f"封面图无法获取：{error}"
    store.run(
        "UPDATE transactions SET fields = ?, reason = ?, fetched = 1 WHERE id = ?",
        json.dumps(fields),
        reason,
        transaction_id,
    )


def _fetched(store, account, url):
    """Fetch one picture, keep it, return its path here. Raises ValueError with the reason."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise ValueError("只接受 http 或 https 地址")
    try:
        request = urllib.request.Request(url, headers={"User-Agent": "sandbox-penguin"})  # noqa: S310
        with _opener.open(request, timeout=store.setting("penguin_fetch_s")) as answer:
            content = answer.read(PICTURE_BYTES + 1)
    except (OSError, HTTPException, ValueError) as error:
        raise ValueError(f"下载失败（{getattr(error, 'reason', error)}）") from error
    kind = kind_of(content) if len(content) <= PICTURE_BYTES else None
    if kind is None:
        raise ValueError("不是可用的图片")
    picture_id = secrets.token_urlsafe(16)
    store.keep_picture("penguin", account, "fetched", picture_id, "", kind[1], content)
    return f"/penguin/image/{picture_id}.{kind[0]}"
