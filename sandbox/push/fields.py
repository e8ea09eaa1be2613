"""What a push must carry: part B, "Body", and "Exactly"."""

import json
import re
from collections.abc import Collection
from datetime import datetime
from urllib.parse import urlsplit

from ..calls import Call
from ..html import Cleaner
from ..store import Json, Row
from .answers import Refusal

OPERATIONS = ("publish", "update", "withdraw")
Kinds = dict[str, type]
PICTURE: Kinds = {"url": str, "sha256": str, "bytes": int, "mime": str, "width": int, "height": int}
ARTICLE: Kinds = {
    "id": str, "version": int, "title": str, "summary": str, "content_html": str, "cover_images": list,
    "images": list, "author": str, "source": str, "source_url": str, "category": str, "tags": list,
    "original": bool, "published_at": str, "comments": bool,
}  # fmt: skip


def read(call: Call) -> tuple[str, Row, str]:
    """Return operation, article and callback address of a push; raises Refusal with the field's name."""
    if call.headers.get("content-type", "").replace(" ", "").lower() != "application/json;charset=utf-8":
        raise Refusal(415, "content_type", "Content-Type 要用 application/json; charset=utf-8。")
    try:
        body = json.loads(call.body.decode())
    except ValueError as error:
        raise Refusal(400, "json", "请求体不是 UTF-8 的 JSON。") from error
    if not isinstance(body, dict) or set(body) != {"operation", "article", "callback_url"}:
        raise Refusal(400, "json", "请求体要有 operation、article、callback_url，没有别的。")
    if body["operation"] not in OPERATIONS:
        raise _wrong("operation")
    if not _is_address(body["callback_url"]):
        raise _wrong("callback_url")
    article = body["article"]
    known: Kinds = {"id": str, "version": int} if body["operation"] == "withdraw" else ARTICLE
    _check(article, known, "article", optional={"subtitle": str} if known is ARTICLE else {})
    if not article["id"] or article["version"] < 1:
        raise _wrong("article.id" if not article["id"] else "article.version")
    if known is ARTICLE:
        _check_article(article)
    return body["operation"], article, body["callback_url"]


def _check(given: Json, known: Kinds, name: str, optional: Collection[str] = ()) -> None:
    if not isinstance(given, dict):
        raise _wrong(name)
    for field in set(given) - set(known) - set(optional):
        raise Refusal(422, "unknown_field", f"没有这个字段：{field}", field=f"{name}.{field}")
    for field, kind in {**known, **{each: str for each in optional if each in given}}.items():
        if field not in given:
            raise Refusal(422, "missing_field", f"缺少字段：{field}", field=f"{name}.{field}")
        # True is an int to Python and a truth to everybody else.
        if not isinstance(given[field], kind) or (kind is int and isinstance(given[field], bool)):
            raise _wrong(f"{name}.{field}")


def _check_article(article: Row) -> None:
    for name in ("title", "content_html", "source"):
        if not article[name].strip():
            raise _wrong(f"article.{name}")
    if not _is_address(article["source_url"]):
        raise _wrong("article.source_url")
    if not all(isinstance(tag, str) for tag in article["tags"]):
        raise _wrong("article.tags")
    for name in ("cover_images", "images"):
        for number, picture in enumerate(article[name]):
            _check_picture(picture, f"article.{name}[{number}]")
    shown = _Pictures.clean(article["content_html"]).addresses
    if shown - {picture["url"] for picture in article["images"]}:
        raise _wrong("article.images")
    try:
        if datetime.fromisoformat(article["published_at"]).tzinfo is None:
            raise _wrong("article.published_at")
    except ValueError as error:
        raise _wrong("article.published_at") from error


def _check_picture(picture: Json, name: str) -> None:
    _check(picture, PICTURE, name)
    if not _is_address(picture["url"]):
        raise _wrong(f"{name}.url")
    if not re.fullmatch(r"[0-9a-f]{64}", picture["sha256"]):
        raise _wrong(f"{name}.sha256")
    for measure in ("bytes", "width", "height"):
        if picture[measure] < 1:
            raise _wrong(f"{name}.{measure}")


class _Pictures(Cleaner):
    """Collects the addresses of the pictures in a text."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: set[str] = set()

    def picture(self, url: str) -> str:
        self.addresses.add(url)
        return url


def _is_address(text: Json) -> bool:
    # Without a certificate here, where everything is on one machine.
    return (
        isinstance(text, str) and urlsplit(text).scheme in ("https", "http") and bool(urlsplit(text).netloc)
    )


def _wrong(field: str) -> Refusal:
    return Refusal(422, "invalid_field", f"字段的值不对：{field}", field=field)
