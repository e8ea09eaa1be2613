"""Penguin's calls, one method each, with typed answers; raises only the engine's errors.

Sections are those of docs/platforms/penguin.md. Own accounts only: of each path its ``client`` form.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import requests

from publishers.interface import AccountSession, Json, PermanentError, PublisherError, Rejected
from publishers.penguin.envelope import NotRead, TokenRefused, opened
from publishers.penguin.oauth import AUTH_URL, fetch_token
from publishers.remote import CONNECT_S, READ_S, call, guarded, promised

API_URL = "https://api.om.qq.com"
CHINA = ZoneInfo("Asia/Shanghai")
PAGE = 10
PUBLISH = "/article/clientpubpic"
PUBLISHED = "发布成功"


@dataclass(frozen=True)
class Article:
    """An article as transactions and the list show it; ``flag`` is a Chinese word, or left out."""

    id: str
    title: str
    url: str
    flag: str
    published_at: dt.datetime | None

    @property
    def is_live(self) -> bool:
        """Return whether readers can see it, as far as Penguin says."""
        return bool(self.url) and self.flag in (PUBLISHED, "")


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

        Sources disagree whether the fields belong in a form or in the query. They go in a form, since an
        article hardly fits an address, and elsewhere when Penguin says that it misses what was sent.
        """
        try:
            answer = self._call("POST", PUBLISH, fields)
        except (NotRead, TokenRefused) as refusal:
            answer = self._publish_elsewhere(fields, refusal)
        # A number of 19 digits or a text; only a text keeps it whole everywhere.
        return str(promised(answer.get("data") or {}, "transaction_id", changes=True))

    def _publish_elsewhere(self, fields: dict[str, str], refusal: PublisherError) -> dict[str, Json]:
        """Submit with the fields in the other places; raises ``refusal`` when none of them is read."""
        token = {"access_token": self._account.token(self._token)}
        for place in ({"params": token, "data": fields}, {"params": {**fields, **token}}):
            try:
                return self._answer("POST", PUBLISH, **place)
            except (NotRead, TokenRefused, PermanentError):
                continue
        raise refusal

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
        """Yield every published article, ten a page; the order is not documented (section 4).

        One that moves on while the pages are read comes twice or not at all.
        """
        page, total = 1, None
        while total is None or (page - 1) * PAGE < total:
            content = self._ask("/article/clientlist", {"page": page, "limit": PAGE})
            articles = content.get("articles") or ()
            yield from (_article(each) for each in articles)
            total, page = int(content.get("total") or 0) if articles else 0, page + 1

    def page(self, url: str) -> str:
        """Return the HTML that readers get at an article's address; empty when it cannot be read."""
        try:
            answer = guarded(lambda: self._account.http.get(url, timeout=(CONNECT_S, READ_S)), changes=False)
        except (PublisherError, requests.RequestException):
            return ""
        return answer.text if answer.ok else ""

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
        return self._answer(method, path, **{"data" if method == "POST" else "params": fields})

    def _answer(self, method: str, path: str, **request) -> dict[str, Json]:
        changes = method == "POST"
        answer = call(self._account.http, method, self._api_url + path, changes=changes, **request)
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
