"""Video and live: docs/platforms/penguin.md, section 4. What is taken is checked and never shown to readers.

What a video's transaction tells when it has ended is not in the sheet, so it stays 处理中 here.
"""

import json
import secrets

from ..calls import Call
from ..store import Row, Store
from .answers import BAD_PARAMETER, NOT_FOUND, Refusal, accepted, as_seen
from .articles import PROCESSING
from .reading import parameters

MEGABYTE = 1024 * 1024
UPLOADED_BYTES, COVER_BYTES = 100 * MEGABYTE, 5 * MEGABYTE


def publish_file(store: Store, call: Call, account: Row) -> Row:
    """Take a video in one shot: the file ``media``, at most 100 MB."""
    fields = _fields(store, call, ("title", "tags", "cat", "md5"), ("desc", "apply"))
    _number(fields, "cat")
    _file(call, "media", UPLOADED_BYTES)
    return _begun(store, account, fields)


def publish_address(store: Store, call: Call, account: Row) -> Row:
    fields = _fields(store, call, ("title", "tags", "cat", "videourl"), ("desc", "apply"))
    _number(fields, "cat")
    return _begun(store, account, fields)


def publish_uploaded(store: Store, call: Call, account: Row) -> Row:
    fields = _fields(store, call, ("title", "tags", "cat", "vid"), ("desc", "apply"))
    _number(fields, "cat")
    return _begun(store, account, fields)


def publish_live(store: Store, call: Call, account: Row) -> Row:
    wanted = ("title", "start_time", "end_time", "cover_pic", "rtmp_url")
    return _begun(store, account, _fields(store, call, wanted))


def start_upload(store: Store, call: Call, account: Row) -> Row:
    """Begin an upload in chunks; ``sha`` is SHA-1."""
    fields = _fields(store, call, ("size", "md5", "sha"))
    _number(fields, "size")
    return _begun(store, account, {**fields, "received": 0})


def take_chunk(store: Store, call: Call, account: Row) -> Row:
    """Take the next chunk; equal offsets in the answer say that all is there."""
    fields = _fields(store, call, ("transaction_id", "start_offset"))
    start = _number(fields, "start_offset")
    with store.transaction():
        row = store.one(
            "SELECT * FROM transactions WHERE id = ? AND account = ?", fields["transaction_id"], account["id"]
        )
        known = json.loads(row["fields"]) if row else {}
        if row is None or "received" not in known:
            raise Refusal(NOT_FOUND, "transaction_id not found")
        if start != known["received"]:
            raise Refusal(BAD_PARAMETER, "start_offset error")
        size = int(known["size"])
        end = min(start + len(_file(call, "mediatrunk", size)), size)
        kept = json.dumps({**known, "received": end})
        store.run("UPDATE transactions SET fields = ? WHERE id = ?", kept, row["id"])
    told = {"start_offset": end if end == size else start, "end_offset": end}
    return accepted({**told, "transaction_id": as_seen(row["id"])})


def cover(store: Store, call: Call, account: Row) -> Row:
    """Take a video's cover; that it is at least 640×360 is not looked at."""
    fields = _fields(store, call, ("md5", "vid"))
    _file(call, "media", COVER_BYTES, (b"\xff\xd8", b"\x89PNG"))
    return _begun(store, account, fields)


def _fields(store: Store, call: Call, wanted: tuple[str, ...], more: tuple[str, ...] = ()) -> dict[str, str]:
    fields = parameters(store, call, (*wanted, *more))
    for name in wanted:
        if not fields.get(name, "").strip():
            raise Refusal(BAD_PARAMETER, f"{name} is required")
    return {name: value for name, value in fields.items() if name not in ("access_token", "openid")}


def _number(fields: dict[str, str], name: str) -> int:
    if not fields[name].isdigit():
        raise Refusal(BAD_PARAMETER, f"{name} is a number")
    return int(fields[name])


def _file(call: Call, name: str, most: int, kinds: tuple[bytes, ...] = (b"",)) -> bytes:
    _filename, _kind, content = call.files.get(name, ("", "", b""))
    if not content or len(content) > most or not content.startswith(kinds):
        raise Refusal(BAD_PARAMETER, f"{name} error")
    return content


def _begun(store: Store, account: Row, fields: Row) -> Row:
    transaction_id = str(secrets.randbelow(8 * 10**18) + 10**18)
    store.insert(
        "transactions",
        id=transaction_id,
        account=account["id"],
        fields=json.dumps(fields),
        made_at=store.now(),
        due_at=None,
        reason="",
        status=PROCESSING,
        ban_after=None,
    )
    return accepted({"transaction_id": as_seen(transaction_id)})
