"""Penguin's calls, one method each, with typed answers; raises only the engine's errors.

Sections are those of docs/platforms/penguin.md. Own accounts only: of each path its ``client`` form.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from publishers.interface import AccountSession, Json, PermanentError, Rejected
from publishers.penguin.envelope import TokenRefused, opened
from publishers.penguin.oauth import AUTH_URL, fetch_token
from publishers.remote import call

API_URL = "https://api.om.qq.com"
CHINA = ZoneInfo("Asia/Shanghai")
PAGE = 10


@dataclass(frozen=True)
class Article:
    """An article as transactions and the list show it; ``flag`` is a Chinese word such as 发布成功."""

    id: str
    title: str
    url: str
    flag: str
    published_at: dt.datetime | None


@dataclass(frozen=True)
class Transaction:
    """How a submission stands: ``status`` is 成功, 处理中 or 失败; ``message`` is the envelope's."""

    status: str
    message: str
    article: Article


class Client:
    def __init__(self, account: AccountSession):
        self._account = account
        self._api_url = account.base_url.rstrip("/")
        # Two hosts in the world; an account with an address of its own has both behind it.
        self._auth_url = AUTH_URL if self._api_url == API_URL else self._api_url

    def publish(self, fields: dict[str, str]) -> str:
        """Submit an article and return its transaction_id; accepted is not published (section 4).

        Sources disagree whether the fields belong in a form or in the query. They go in a form: an article
        fits no address, and a probe would publish something.
        """
        answer = self._call("POST", "/article/clientpubpic", fields)
        # A number of 19 digits or a text; only a text keeps it whole everywhere.
        return str(answer["data"]["transaction_id"])

    def transaction(self, transaction_id: str) -> Transaction:
        """Return how a submission stands (section 4, publish flow)."""
        answer = self._call("GET", "/transaction/infoclient", {"transaction_id": transaction_id})
        content = answer.get("data") or {}
        return Transaction(
            status=str(content.get("transaction_status", "")),
            message=str(answer.get("msg", "")),
            article=_article(content.get("article_info") or {}),
        )

    def articles(self) -> Iterator[Article]:
        """Yield every published article, ten a page; the order is not documented (section 4)."""
        page, total = 1, None
        while total is None or (page - 1) * PAGE < total:
            content = self._ask("/article/clientlist", {"page": page, "limit": PAGE})
            yield from (_article(each) for each in content.get("articles") or ())
            total, page = int(content.get("total") or 0), page + 1

    def account_name(self) -> str:
        """Return the account's name (section 4, account info)."""
        return str(self._ask("/media/basicinfoclient", {}).get("nick", ""))

    def _ask(self, path: str, fields: dict[str, Json]) -> dict[str, Json]:
        return self._call("GET", path, fields).get("data") or {}

    def _call(self, method: str, path: str, fields: dict[str, Json]) -> dict[str, Json]:
        """Make a call with the account's token and return the envelope; a refused token is replaced once."""
        token = self._account.token(self._token)
        try:
            return self._send(method, path, {**fields, "access_token": token})
        except TokenRefused:
            token = self._account.token(self._token, refused=token)
            return self._send(method, path, {**fields, "access_token": token})

    def _send(self, method: str, path: str, fields: dict[str, Json]) -> dict[str, Json]:
        changes = method == "POST"
        sent = {"data" if changes else "params": fields}
        answer = call(self._account.http, method, self._api_url + path, changes=changes, **sent)
        # What is refused of a question is nothing that an editor could change.
        opened(answer, Rejected if changes else PermanentError)
        return answer

    def _token(self) -> tuple[str, int]:
        return fetch_token(self._account, self._auth_url)


def _article(content: dict[str, Json]) -> Article:
    return Article(
        id=str(content.get("article_id", "")),
        title=str(content.get("article_title", "")),
        url=str(content.get("article_url", "")),
        flag=str(content.get("article_pub_flag", "")),
        published_at=_china_time(str(content.get("article_pub_time", ""))),
    )


def _china_time(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
    except ValueError:
        return None
