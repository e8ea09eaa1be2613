"""Looking for our own article on Penguin after an answer was lost: docs/platforms/penguin.md, section 6.

Penguin lists titles, times and addresses. The page that readers see at the address may show the link to the
original, and with it our token; where it does not, title and time must do.
"""

import datetime as dt
import re
from collections.abc import Sequence

from publishers.interface import Item
from publishers.platforms.penguin.client import Article, Client

#: The end of a link to the original, as the hub makes them.
MARK = re.compile(r"/r/([0-9a-f]{32})\b")


def submitted(client: Client, item: Item, title: str, since: dt.datetime) -> Sequence[Article]:
    """Return the new articles that may be ``item``: those with its token, else those without any.

    An article with the token of another one is never ours, whatever its title.
    """
    candidates = {article.id: article for article in client.articles() if _may_be(article, title, since)}
    marks = {article: set(MARK.findall(client.page(article.url))) for article in candidates.values()}
    ours = [article for article, found in marks.items() if item.token in found]
    return ours or [article for article, found in marks.items() if not found]


def _may_be(article: Article, title: str, since: dt.datetime) -> bool:
    same_title = " ".join(article.title.split()) == " ".join(title.split())
    return (
        same_title and article.is_live and article.published_at is not None and article.published_at >= since
    )
