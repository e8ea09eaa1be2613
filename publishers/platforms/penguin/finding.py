"""Looking for our own article on Penguin after an answer was lost: docs/platforms/penguin.md, section 6.

Penguin lists titles, times and addresses. The page that readers see at the address may show the link to the
original, and with it our token; where it does not, title and time must do.
"""

import datetime as dt
import re
from collections.abc import Sequence
from functools import partial

from publishers.http import lists
from publishers.interface import AccountSession, Item, Json
from publishers.platforms.penguin.client import PAGE, Article, Client

#: The end of a link to the original, as the hub makes them.
MARK = re.compile(r"/r/([0-9a-f]{32})\b")
#: So many pages of the list are read, which serve all looks of the account for so long each.
PAGES, PAGE_SERVES_S = 20, 30


def submitted(
    account: AccountSession, client: Client, item: Item, title: str, since: dt.datetime
) -> tuple[Sequence[Article], bool]:
    """Return the new articles that may be ``item``, and whether the newest of the list were read.

    Those with its token, else those without any. An article with the token of another one is never ours,
    whatever its title.
    """
    articles, is_read = _newest(account, client, since)
    candidates = {article.id: article for article in articles if _may_be(article, title, since)}
    marks = {article: set(MARK.findall(client.page(article.url))) for article in candidates.values()}
    ours = [article for article, found in marks.items() if item.token in found]
    return ours or [article for article, found in marks.items() if not found], is_read


def listed(account: AccountSession, client: Client) -> tuple[list[Article], bool]:
    """Return the articles that the first pages list, and whether the newest are among them."""
    told = account.shared("listed", lambda _before: _read(client))
    return [_as_article(*each) for each in told["articles"]], told["tells_newest"]


def _newest(account: AccountSession, client: Client, since: dt.datetime) -> tuple[list[Article], bool]:
    """Return what was published after ``since``, and more: one page, where its order shows that it does."""
    first = _pages(client, most=1, since=since.timestamp())
    if first.decides:
        return first.entries, True
    articles, is_read = listed(account, client)
    return [*first.entries, *articles], is_read


def _read(client: Client) -> tuple[Json, float]:
    reading = _pages(client, most=PAGES)
    told = [
        [each.id, each.title, each.url, each.flag, each.published_at and each.published_at.isoformat()]
        for each in reading.entries
    ]
    answer = {"articles": told, "tells_newest": reading.is_complete or reading.in_order}
    return answer, PAGE_SERVES_S * reading.pages


def _pages(client: Client, *, most: int, since: float | None = None) -> lists.Reading[Article]:
    read = partial(lists.read, size=PAGE, identity=lambda article: article.id, moment=_moment)
    return read(client.page_of_articles, most=most, since=since)


def _moment(article: Article) -> float | None:
    return article.published_at.timestamp() if article.published_at else None


def _as_article(id: str, title: str, url: str, flag: str, published_at: str | None) -> Article:
    return Article(id, title, url, flag, dt.datetime.fromisoformat(published_at) if published_at else None)


def _may_be(article: Article, title: str, since: dt.datetime) -> bool:
    same_title = " ".join(article.title.split()) == " ".join(title.split())
    return (
        same_title and article.is_live and article.published_at is not None and article.published_at >= since
    )
