"""The video uploads of 2017–18: docs/platforms/toutiao.md, section 2. Nothing comes of what is uploaded."""

from .. import grants
from ..calls import Call
from ..store import Row, Store
from .answers import ArticleRefused
from .legacy import holder

#: The address that is given out for one upload is the platform's own; this one is the sandbox's.
UPLOAD = "/open/video/upload/"
UPLOAD_S = 3600


def upload_url(store: Store, call: Call) -> Row:
    account = holder(store, call, ArticleRefused)
    row = grants.mint(store, "toutiao", account["id"], "upload", UPLOAD_S)
    url = f"{call.base_url}/toutiao{UPLOAD}?upload_id={row['token']}"
    return {"message": "success", "data": {"upload_id": row["token"], "upload_url": url}}


def chunk_upload_info(store: Store, call: Call) -> Row:
    """Answer; which fields the answer has is not in the sheet, so none are made up."""
    holder(store, call, ArticleRefused)
    return {"message": "success", "data": {}}


def upload(store: Store, call: Call) -> Row:
    """Take the file ``video_file`` at an address that was given out."""
    row = grants.spend(store, "toutiao", call.query.get("upload_id", ""), "upload")
    if row is None or not call.files.get("video_file", ("", "", b""))[2]:
        raise ArticleRefused(0, "video_file 缺失或上传地址无效")
    call.account = row["account"]
    return {"message": "success", "data": {}}
