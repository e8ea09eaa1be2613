"""Checking the articles of a draft: docs/platforms/wechat.md, section 4.1."""

import re
from pathlib import PurePath
from urllib.parse import urlsplit

from ..calls import Call
from ..store import Json, Row, Store
from . import media
from .answers import Refusal
from .content import cleaned
from .reading import flag, only, text

TITLE_CHARS = 32
AUTHOR_CHARS = 16
DIGEST_CHARS = 120
CONTENT_CHARS = 20_000
CONTENT_BYTES = 1024 * 1024
SOURCE_URL_BYTES = 1024
ARTICLES = 8
PICTURES = 20
RATIOS = ("2.35_1", "1_1", "16_9")

FIELDS = (
    "article_type", "title", "author", "digest", "content", "content_source_url", "thumb_media_id",
    "need_open_comment", "only_fans_can_comment", "pic_crop_235_1", "pic_crop_1_1", "image_info",
    "cover_info", "product_info", "show_cover_pic",
)  # fmt: skip
_CROP = re.compile(r"(?:[01](?:\.\d{1,6})?_){3}[01](?:\.\d{1,6})?")


def checked_list(store: Store, account: Row, articles: Json, as_shown: Json) -> list[Row]:
    """Return the articles as stored. ``as_shown`` is the same list with escapes left standing."""
    if articles is None or articles == []:
        raise Refusal(44003)
    if not isinstance(articles, list):
        raise Refusal(47001, "articles")
    if len(articles) > ARTICLES:
        raise Refusal(45008)
    return [checked(store, account, *pair) for pair in zip(articles, as_shown, strict=True)]


def checked(store: Store, account: Row, article: Json, as_shown: Json) -> Row:
    """Return one article as WeChat stores it, or refuse it."""
    if not isinstance(article, dict):
        raise Refusal(47001, "article")
    only(article, FIELDS)
    kind = text(article, "article_type") or "news"
    if kind not in ("news", "newspic"):
        raise Refusal(47001, "article_type")
    _check_lengths(article)
    _check_extras(store, account, article)
    content, plain = cleaned(store, account["id"], _content(article))
    return {
        "article_type": kind,
        "title": text(as_shown, "title"),
        "author": text(as_shown, "author"),
        "digest": text(article, "digest") or plain[:54],
        "content": content,
        "content_source_url": _source_url(article),
        "need_open_comment": flag(article, "need_open_comment"),
        "only_fans_can_comment": flag(article, "only_fans_can_comment"),
        **_cover(store, account["id"], article, kind),
    }


def _check_lengths(article: Row) -> None:
    if len(text(article, "title", required=True)) > TITLE_CHARS:
        raise Refusal(45003)
    if len(text(article, "author")) > AUTHOR_CHARS:
        # The sheet states the limit but no code for it.
        raise Refusal(47001, "author size out of limit")
    if len(text(article, "digest")) > DIGEST_CHARS:
        raise Refusal(45004)


def _content(article: Row) -> str:
    if not isinstance(article.get("content"), str):
        raise Refusal(47001, "content is required")
    content = article["content"]
    if len(content) >= CONTENT_CHARS or len(content.encode("utf-8", "surrogatepass")) >= CONTENT_BYTES:
        raise Refusal(45002)
    return content


def _source_url(article: Row) -> str:
    url = text(article, "content_source_url")
    if len(url.encode()) > SOURCE_URL_BYTES:
        raise Refusal(45005)
    if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc):
        raise Refusal(41039)
    return url


def _check_extras(store: Store, account: Row, article: Row) -> None:
    if flag(article, "need_open_comment") and "comment" not in account["capabilities"]:
        raise Refusal(88000)
    if article.get("product_info"):
        raise Refusal(53406)
    _check_cover_info(article)
    for name in ("pic_crop_235_1", "pic_crop_1_1"):
        if text(article, name) and not _CROP.fullmatch(article[name]):
            raise Refusal(47001, name)


def _check_cover_info(article: Row) -> None:
    info = article.get("cover_info", {})
    crops = info.get("crop_percent_list", []) if isinstance(info, dict) else None
    if not isinstance(crops, list) or not all(_is_crop(crop) for crop in crops):
        raise Refusal(47001, "cover_info")


def _is_crop(crop: Json) -> bool:
    if not isinstance(crop, dict) or set(crop) != {"ratio", "x1", "y1", "x2", "y2"}:
        return False
    return crop["ratio"] in RATIOS and all(isinstance(value, str) for value in crop.values())


def _cover(store: Store, account_id: str, article: Row, kind: str) -> Row:
    """Return thumb_media_id and the cover's path; a gallery's cover is its first picture."""
    pictures = _gallery(article) if kind == "newspic" else []
    media_ids = pictures or [text(article, "thumb_media_id")]
    rows = [media.permanent(store, account_id, media_id) for media_id in media_ids]
    paths = [media.picture_path(row["id"], row["mime"]) for row in rows if row]
    if len(paths) < len(rows):
        raise Refusal(40007)
    gallery = paths if kind == "newspic" else []
    return {
        "thumb_media_id": media_ids[0],
        "cover_path": paths[0],
        "gallery": gallery,
        "picture_ids": pictures,
    }


def _gallery(article: Row) -> list[str]:
    info = article.get("image_info")
    images = info.get("image_list") if isinstance(info, dict) else None
    if not isinstance(images, list) or not 1 <= len(images) <= PICTURES:
        raise Refusal(47001, "image_list")
    if not all(isinstance(image, dict) for image in images):
        raise Refusal(47001, "image_list")
    return [text(image, "image_media_id", required=True) for image in images]


def by_console(fields: Row) -> Row:
    """Return what an article has that a person wrote in the console; it may be without a cover."""
    no_comments = dict.fromkeys(("need_open_comment", "only_fans_can_comment"), 0)
    return {"article_type": "news", "picture_ids": [], **no_comments, **changed_by_console(fields)}


def changed_by_console(fields: Row) -> Row:
    """Return what a person's change in the console changes of an article of any type."""
    return {
        **{name: fields[name] for name in ("title", "author", "digest", "cover_path")},
        "content_source_url": fields["source_url"],
        "thumb_media_id": PurePath(fields["cover_path"]).stem,
    }


def shown(call: Call, article: Row, url: str, **more: Json) -> Row:
    """Return an article as draft/get and freepublish/getarticle show it."""
    item = {
        "article_type": article["article_type"],
        "title": article["title"],
        "author": article["author"],
        "digest": article["digest"],
        "content": article["content"],
        "content_source_url": article["content_source_url"],
        "thumb_media_id": article["thumb_media_id"],
        "thumb_url": call.base_url + article["cover_path"],
        "need_open_comment": article["need_open_comment"],
        "only_fans_can_comment": article["only_fans_can_comment"],
        "url": url,
        **more,
    }
    if article["picture_ids"]:
        item["image_info"] = {"image_list": [{"image_media_id": each} for each in article["picture_ids"]]}
    return item
