"""The pictures of a push: fetched from the hub in the background, and held against what the push says."""

import hashlib
import json

from ..fetching import Background, Keeping, fetched
from ..store import Row, Store


def resume(store: Store) -> None:
    """Go on with what a stopped sandbox left unfetched."""
    for row in store.all("SELECT id FROM push_tasks WHERE NOT fetched"):
        background.begin(store, row["id"])


def fetch(store: Store, task: str) -> None:
    row = store.one("SELECT * FROM push_tasks WHERE id = ?", task)
    if row is None or row["fetched"]:
        return
    fields, reason = json.loads(row["fields"]), row["reason"]
    kept: dict[str, str] = {}
    try:
        for picture in (*fields["cover_images"], *fields["images"]):
            if picture["url"] not in kept:
                kept[picture["url"]] = _checked(store, row, picture)
    except ValueError as error:
        reason = f"图片无法使用：{error}"
    fields["covers"] = [kept.get(picture["url"], "") for picture in fields["cover_images"]]
    fields["content"] = Keeping.clean(fields["content_html"], kept.get).html
    store.run(
        "UPDATE push_tasks SET fields = ?, reason = ?, fetched = 1 WHERE id = ?",
        json.dumps(fields),
        reason,
        task,
    )


def _checked(store: Store, row: Row, picture: Row) -> str:
    """Return where a picture is kept; raises ValueError when it is another than the push says."""
    path = fetched(store, row["platform"], row["account"], picture["url"])
    picture_here = store.picture(row["platform"], path.rpartition("/")[2].rpartition(".")[0])
    assert picture_here is not None  # kept just now
    mime, content = picture_here
    if hashlib.sha256(content).hexdigest() != picture["sha256"] or len(content) != picture["bytes"]:
        raise ValueError("内容与 sha256 或 bytes 不符")
    if mime != picture["mime"]:
        raise ValueError("格式与 mime 不符")
    return path


background = Background("push-fetch", fetch)
