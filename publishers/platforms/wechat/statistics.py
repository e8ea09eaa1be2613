"""Figures of articles: docs/platforms/wechat.md, section 9.2."""

import datetime as dt
from collections.abc import Iterator

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
    return [figure for row in rows for figure in _of(row, not delayed)]


def _of(row: dict[str, Json], is_final: bool) -> Iterator[Figure]:
    msg_data_id, _underscore, index = str(row.get("msgid", "")).partition("_")
    about = {"msg_data_id": msg_data_id, "index": index}
    for detail in row.get("detail_list") or ():
        day = dt.date.fromisoformat(str(detail["stat_date"]))
        for theirs, ours in NAMES.items():
            if detail.get(theirs) is not None:
                url = str(row.get("content_url") or "")
                yield Figure(about, day, ours, int(detail[theirs]), is_final, url)
