"""Looking for our own article on WeChat by the token in its source link.

docs/platforms/wechat.md, sections 4.1, 5.1 and 13: the lists are long, and a day's calls are few.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial

from publishers.http import lists
from publishers.interface import AccountSession, CapabilityMissing, Item, Json, QuotaExceeded
from publishers.platforms.wechat.client import PAGE, Client, Entry

#: So many pages are read for one look: of the box, whose day has 1000 calls, and of what is published.
BOX_PAGES, PAGES, PAGES_IN_ORDER = 25, 10, 3
#: WeChat's clock and ours, and whatever else its times may mean, differ by less.
MARGIN = dt.timedelta(days=1)


@dataclass(frozen=True)
class Sought:
    """What was found; ``decides`` says that what was not found is not there."""

    found: Json = None
    decides: bool = True


def in_draft_box(
    account: AccountSession, client: Client, items: Sequence[Item], since: dt.datetime
) -> Sought:
    """Return the media_id of the draft that holds exactly our items; it was made after ``since``."""
    try:
        with account.sparing():
            reading = lists.read(
                client.page_of_drafts,
                size=PAGE,
                most=BOX_PAGES,
                identity=lambda entry: entry.id,
                moment=lambda entry: entry.moment,
                since=(since - MARGIN).timestamp(),
                wanted=partial(is_ours, items=items),
            )
    except QuotaExceeded as error:
        return used_up(account, error)
    return _sought(reading, items, lambda entry: entry.id)


def published(
    account: AccountSession, client: Client, items: Sequence[Item], since: dt.datetime | None = None
) -> Sought:
    """Return {"article_id", "urls"} of our publication, which was published after ``since``.

    Without it a person asks, who may have all calls that the day has left. An account that may not publish
    over the API has no list. What a person sent to followers by hand is in no list that WeChat gives.
    """
    try:
        with account.sparing() if since else nullcontext():
            reading = lists.read(
                partial(client.page_of_publications, with_texts=has_no_link(items)),
                size=PAGE,
                most=PAGES,
                most_in_order=PAGES if since else PAGES_IN_ORDER,
                identity=lambda entry: entry.id,
                moment=lambda entry: entry.moment,
                since=(since - MARGIN).timestamp() if since else None,
                wanted=partial(is_ours, items=items),
            )
    except CapabilityMissing:
        return Sought()
    except QuotaExceeded as error:
        return used_up(account, error)
    return _sought(reading, items, _result)


def has_no_link(items: Sequence[Item]) -> bool:
    """Return whether the mark of an item is perhaps in its text alone: that of a picture message [?]."""
    return any((item.payload or {}).get("article_type") == "newspic" for item in items)


def is_ours(entry: Entry, items: Sequence[Item]) -> bool:
    """Tell whether ``entry`` holds our items in their order, by the random token of each."""
    return len(entry.articles) == len(items) and all(
        item.token in f"{article.get('content_source_url', '')} {article.get('content', '')}"
        for article, item in zip(entry.articles, items, strict=True)
    )


def wait_s(passed_s: float, review_s: float) -> float | None:
    """Return after how long is looked again for what was begun so long ago; None when a person looks.

    Twice the time that has passed: eight looks in half an hour. Of a call that was begun by a clock that is
    ahead, that time is not known.
    """
    if passed_s >= review_s:
        return None
    return min(max(5, 2 * passed_s) if passed_s >= 0 else review_s, review_s - passed_s)


def used_up(account: AccountSession, error: QuotaExceeded) -> Sought:
    """Return that nothing could be read: a person is told in the time of a look, not after days."""
    if error.status is not None:
        account.note_used_up()
    return Sought(decides=False)


def _sought(reading: lists.Reading[Entry], items: Sequence[Item], result: Callable[[Entry], Json]) -> Sought:
    ours = (result(entry) for entry in reading.entries if is_ours(entry, items))
    return Sought(next(ours, None), reading.decides)


def _result(entry: Entry) -> dict[str, Json]:
    return {"article_id": entry.id, "urls": [article.get("url", "") for article in entry.articles]}
