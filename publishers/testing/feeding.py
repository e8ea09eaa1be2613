"""A partner that reads the account's feed and tells, over its callback, what became of each article."""

import datetime as dt
from collections.abc import Callable, Iterator

from publishers.interface import Json
from publishers.testing.job import MemoryAccount
from publishers.testing.server import Seen
from publishers.transports import results


class FeedReader:
    """Implements ``Server``: shows what stands in the feed, and makes no call that could be refused.

    ``shift`` moves the clock by so many seconds.
    """

    def __init__(self, account: MemoryAccount, shift: Callable[[float], None]):
        self._account, self._shift = account, shift
        self._down: set[str] = set()

    def seen(self) -> list[Seen]:
        return [
            Seen(
                url=_address(article_id),
                title=content["title"],
                html=content["content_html"],
                author=content["author"],
                digest=content["summary"],
                source_url=content["source_url"],
                has_cover=bool(content["cover_images"]),
            )
            for article_id, content in self._shown()
        ]

    def calls(self) -> list[str]:
        return []

    def pass_time(self, seconds: float) -> None:
        self._shift(seconds)
        for article_id, (version, content) in self._account.feed.items():
            if content is None:
                # Of the text that was taken down; the tombstone has a version of its own.
                self._tell(article_id, version - 1, results.WITHDRAWN)
            elif article_id not in self._down:
                self._tell(article_id, version, results.PUBLISHED)

    def take_down(self, url: str) -> None:
        [article_id] = [each for each, _content in self._shown() if _address(each) == url]
        self._down.add(article_id)
        self._tell(article_id, self._account.feed[article_id][0], results.WITHDRAWN)

    def _shown(self) -> Iterator[tuple[str, dict[str, Json]]]:
        for article_id, (_version, content) in self._account.feed.items():
            if content is not None and article_id not in self._down:
                yield article_id, content

    def _tell(self, article_id: str, version: int, status: str) -> None:
        told = {"article_id": article_id, "version": version, "status": status, "url": _address(article_id)}
        told["occurred_at"] = dt.datetime.now(dt.UTC).isoformat()
        self._account.told[results.key_of(article_id, version)] = vars(results.result_of(told))


def _address(article_id: str) -> str:
    return f"https://partner.example/{article_id}"
