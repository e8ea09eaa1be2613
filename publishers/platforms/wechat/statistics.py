"""Figures of articles: docs/platforms/wechat.md, section 9.2."""

import datetime as dt

from publishers.interface import Figure, Json
from publishers.platforms.wechat.client import Client

SOURCE = "datacube/getarticletotaldetail"
#: WeChat follows an article for at most so many days.
DAYS = 30
NAMES = {
    "read_user": "read_users",
    "share_user": "shares",
    "zaikan_user": "wows",
    "like_user": "likes",
    "collection_user": "favourites",
    "comment_count": "comments",
}


def figures(client: Client, published_on: dt.date) -> list[Figure]:
    """Return the figures of what was published on that day: one row a day, cumulative, until yesterday."""
    rows, delayed = client.totals(published_on)
    days = [(row, detail) for row in rows for detail in row.get("detail_list") or ()]
    return [figure for row, detail in days for figure in _of(row, detail, not delayed)]


def _of(row: dict[str, Json], detail: dict[str, Json], is_final: bool) -> list[Figure]:
    """Return the figures of one day of an article; none where it cannot be read: the others stay."""
    msg_data_id, _underscore, index = str(row.get("msgid", "")).partition("_")
    about, url = {"msg_data_id": msg_data_id, "index": index}, str(row.get("content_url") or "")
    try:
        day = dt.date.fromisoformat(str(detail["stat_date"]))
        told = {ours: int(detail[theirs]) for theirs, ours in NAMES.items() if detail.get(theirs) is not None}
    except (KeyError, TypeError, ValueError):
        return []
    return [Figure(about, day, name, value, is_final, url) for name, value in told.items()]
