"""Pictures: body images by uploadimg, permanent material by add_material.

docs/platforms/wechat.md, section 3. Voice and video are kept by the ending of their names: nothing here plays
them, so their length is not looked at.
"""

import json
import re
import secrets
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.responses import Response

from ..calls import Call
from ..pictures import kind_of
from ..store import Row, Store
from .answers import OK, Refusal
from .reading import json_object, only, page_of, text

MEGABYTE = 1024 * 1024
THUMB_BYTES = 64 * 1024
MATERIAL_TYPES = ("image", "thumb")
#: kind → endings, the most bytes.
SOUNDS_AND_FILMS = {
    "voice": (("mp3", "wma", "wav", "amr"), 2 * MEGABYTE),
    "video": (("mp4",), 10 * MEGABYTE),
}
_PICTURE_PATH = re.compile(r"/wechat/mmbiz/([\w-]+)\.(?:jpg|png|gif|bmp)")


def upload_image(store: Store, call: Call, account: Row) -> Row:
    """Keep a body image; its address is the only kind of picture that an article may show."""
    filename, content = _uploaded(call)
    if len(content) >= MEGABYTE:
        raise Refusal(40009)
    _extension, mime = _checked(content, ("jpg", "png"))
    media_id = secrets.token_urlsafe(30)
    store.keep_picture("wechat", call.account, "body", media_id, filename, mime, content)
    return {"url": picture_url(call, media_id, mime), **OK}


def add_material(store: Store, call: Call, account: Row) -> Row:
    """Keep a permanent image (10 MB), thumb (64 KB, JPG), voice (2 MB) or video (10 MB)."""
    kind = call.query.get("type", "")
    if kind in SOUNDS_AND_FILMS:
        return {"media_id": _keep_sound_or_film(store, call, kind)}
    if kind not in MATERIAL_TYPES:
        raise Refusal(40005, "type")
    filename, content = _uploaded(call)
    if len(content) > (10 * MEGABYTE if kind == "image" else THUMB_BYTES):
        raise Refusal(45001)
    _, mime = _checked(content, ("bmp", "png", "jpg", "gif") if kind == "image" else ("jpg",))
    media_id = secrets.token_urlsafe(48)
    store.keep_picture("wechat", call.account, kind, media_id, filename, mime, content)
    return {"media_id": media_id, "url": picture_url(call, media_id, mime), "item": []}


def upload(store: Store, call: Call, account: Row) -> Row:
    """Keep temporary media, which no draft may show; that it is gone after three days nobody sees here."""
    kind = call.query.get("type", "")
    if kind in SOUNDS_AND_FILMS:
        return {"media_id": _keep_sound_or_film(store, call, kind, "temporary")}
    if kind not in MATERIAL_TYPES:
        raise Refusal(40005, "type")
    filename, content = _uploaded(call)
    _extension, mime = _checked(content, ("bmp", "png", "jpg", "gif"))
    media_id = secrets.token_urlsafe(48)
    store.keep_picture("wechat", call.account, "temporary", media_id, filename, mime, content)
    return {"media_id": media_id}


def retired(store: Store, call: Call, account: Row) -> Row:
    """Refuse the way before 2021. What it answers now is not known: as other retired calls do."""
    raise Refusal(47009)


def _keep_sound_or_film(store: Store, call: Call, kind: str, kept_as: str = "") -> str:
    endings, most = SOUNDS_AND_FILMS[kind]
    filename, content = _uploaded(call, ("media", "description") if kind == "video" else ("media",))
    if filename.rpartition(".")[2].lower() not in endings:
        raise Refusal(40005)
    if len(content) > most:
        raise Refusal(45001)
    if kind == "video" and not kept_as:
        _check_description(call.form.get("description", ""))
    media_id = secrets.token_urlsafe(48)
    mime = f"{'audio' if kind == 'voice' else kind}/{filename.rpartition('.')[2].lower()}"
    store.keep_picture("wechat", call.account, kept_as or kind, media_id, filename, mime, content)
    return media_id


def _check_description(written: str) -> None:
    try:
        said = json.loads(written)
    except ValueError as error:
        raise Refusal(47001, "description") from error
    if not isinstance(said, dict):
        raise Refusal(47001, "description")
    only(said, ("title", "introduction"))
    for name in ("title", "introduction"):
        text(said, name, required=True)


def get_material(store: Store, call: Call, account: Row) -> Response:
    media_id = text(json_object(call), "media_id", required=True)
    if permanent(store, call.account, media_id) is None:
        raise Refusal(40007)
    picture = store.picture("wechat", media_id)
    assert picture is not None  # permanent
    mime, content = picture
    return Response(content, media_type=mime)


def delete_material(store: Store, call: Call, account: Row) -> Row:
    media_id = text(json_object(call), "media_id", required=True)
    if permanent(store, call.account, media_id) is None:
        raise Refusal(40007)
    store.run("UPDATE media SET kind = 'deleted' WHERE id = ?", media_id)
    return OK


def count_material(store: Store, call: Call, account: Row) -> Row:
    images, voices, films = (
        len(_permanent_rows(store, call.account, kinds)) for kinds in (MATERIAL_TYPES, ("voice",), ("video",))
    )
    return {"voice_count": voices, "video_count": films, "image_count": images, "news_count": 0}


def batchget_material(store: Store, call: Call, account: Row) -> Row:
    body = json_object(call)
    kind = text(body, "type", required=True)
    kinds = MATERIAL_TYPES if kind == "image" else (kind,) if kind in SOUNDS_AND_FILMS else ()

    def shown(row: Row) -> Row:
        return {
            "media_id": row["id"],
            "name": row["filename"],
            "update_time": int(row["made_at"]),
            "url": picture_url(call, row["id"], row["mime"]),
        }

    return page_of(body, _permanent_rows(store, call.account, kinds), shown)


def permanent(store: Store, account: str, media_id: str) -> Row | None:
    """Return the row of a permanent picture of this very account, or None."""
    return store.one(
        "SELECT media.*, mime FROM media JOIN blobs USING (sha256)"
        " WHERE platform = 'wechat' AND account = ? AND media.id = ? AND kind IN ('image', 'thumb')",
        account,
        media_id,
    )


def is_own_picture(store: Store, account: str, url: str) -> bool:
    """Tell whether an address is a picture that this account uploaded.

    The host is not compared: a restarted sandbox may stand on another port.
    """
    found = _PICTURE_PATH.fullmatch(urlsplit(url).path)
    return (
        found is not None
        and store.value(
            "SELECT 1 FROM media WHERE platform = 'wechat' AND account = ? AND id = ?", account, found[1]
        )
        is not None
    )


def picture_path(media_id: str, mime: str) -> str:
    return f"/wechat/mmbiz/{media_id}.{mime.removeprefix('image/').replace('jpeg', 'jpg')}"


def picture_url(call: Call, media_id: str, mime: str) -> str:
    return call.base_url + picture_path(media_id, mime)


def _permanent_rows(store: Store, account: str, kinds: Collection[str]) -> list[Row]:
    rows = store.all(
        "SELECT media.*, mime FROM media JOIN blobs USING (sha256)"
        " WHERE platform = 'wechat' AND account = ? ORDER BY made_at DESC",
        account,
    )
    return [row for row in rows if row["kind"] in kinds]


def _uploaded(call: Call, fields: Collection[str] = ("media",)) -> tuple[str, bytes]:
    only(call.files | call.form, fields)
    filename, content_type, content = call.files.get("media", ("", "", b""))
    # Clients report that the part needs a filename and a content type.
    if not filename or not content_type or not content:
        raise Refusal(41005)
    return filename, content


def _checked(content: bytes, extensions: Collection[str]) -> tuple[str, str]:
    kind = kind_of(content)
    if kind is None or kind[0] not in extensions:
        raise Refusal(40005)
    return kind
