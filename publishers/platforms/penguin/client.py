"""Penguin's calls, one method each, with typed answers; raises only the engine's errors.

Sections are those of docs/platforms/penguin.md.
"""

import datetime as dt
from dataclasses import dataclass

import requests

from cms.document.china import CHINA
from publishers.http import CONNECT_S, READ_S, call, guarded, promised
from publishers.interface import (
    AccountSession,
    ConsentInvalid,
    Json,
    PermanentError,
    PublisherError,
    Rejected,
)
from publishers.platforms.penguin.envelope import TokenRefused, opened
from publishers.platforms.penguin.oauth import fetch_token, is_third_party

PAGE = 10
PUBLISHED = "发布成功"
#: Who sends the later version of the call always sends these (section 4).
V2_FIELDS = {"category", "cover_type"}

#: The account's credential that says where the article's fields stand, and its choices.
FIELDS, FORM, QUERY = "fields", "form", "query"


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
        self._is_third_party = is_third_party(account.credentials)
        #: What stands for X in the sheet's paths.
        self._infix = "auth" if self._is_third_party else "client"

    def publish(self, fields: dict[str, str]) -> str:
        """Submit an article and return its transaction_id; accepted is not published (section 4).

        Sources disagree whether the fields belong in a form or in the query, and no answer says for certain
        that they were not read: so the account says it, and they are posted in one place only.
        """
        version = "articlev2" if fields.keys() >= V2_FIELDS else "article"
        answer = self._call("POST", f"/{version}/{self._infix}pubpic", fields)
        # A number of 19 digits or a text; only a text keeps it whole everywhere.
        return str(promised(answer.get("data") or {}, "transaction_id", changes=True))

    def transaction(self, transaction_id: str) -> Transaction:
        """Return how a submission stands (section 4, publish flow)."""
        answer = self._call("GET", f"/transaction/info{self._infix}", {"transaction_id": transaction_id})
        content = answer.get("data") or {}
        return Transaction(
            status=str(content.get("transaction_status", "")),
            message=str(answer.get("msg", "")),
            article=_article(content.get("article_info") or {}),
        )

    def page_of_articles(self, number: int) -> tuple[list[Article], int]:
        """Return ten published articles, page ``number`` (from 0), and how many there are (section 4).

        The order is not documented. One that moves on while the pages are read comes twice or not at all.
        """
        content = self._ask(f"/article/{self._infix}list", {"page": number + 1, "limit": PAGE})
        articles = [_article(each) for each in content.get("articles") or ()]
        return articles, int(content.get("total") or 0)

    def page(self, url: str) -> str:
        """Return the HTML that readers get at an article's address; empty when it cannot be read."""
        try:
            answer = guarded(lambda: self._account.http.get(url, timeout=(CONNECT_S, READ_S)), changes=False)
        except (PublisherError, requests.RequestException):
            return ""
        return answer.text if answer.ok else ""

    def account_name(self) -> str:
        """Return the account's name (section 4, account info)."""
        return str(self._ask(f"/media/basicinfo{self._infix}", {}).get("nick", ""))

    def _ask(self, path: str, fields: dict[str, Json]) -> dict[str, Json]:
        return self._call("GET", path, fields).get("data") or {}

    def _call(self, method: str, path: str, fields: dict[str, Json]) -> dict[str, Json]:
        """Make a call with the account's token and return the envelope; a refused token is replaced once."""
        identity = self._identity()
        try:
            return self._answer(method, path, identity, fields)
        except TokenRefused:
            identity = self._identity(refused=identity["access_token"])
            return self._answer(method, path, identity, fields)

    def _answer(
        self, method: str, path: str, identity: dict[str, str], fields: dict[str, Json]
    ) -> dict[str, Json]:
        changes = method == "POST"
        if changes and self._account.credentials.get(FIELDS) != QUERY:
            # Who calls was seen in either place.
            request = {"params": identity, "data": {**fields, **identity}}
        else:
            request = {"params": {**fields, **identity}}
        answer = call(self._account.http, method, self._api_url + path, changes=changes, **request)
        # What is refused of a question is nothing that an editor could change.
        opened(answer, Rejected if changes else PermanentError)
        return answer

    def _identity(self, refused: str | None = None) -> dict[str, str]:
        """Return who calls: of a third-party service also for whom, on each call (section 1)."""
        token = self._account.token(lambda: fetch_token(self._account), refused=refused)
        if not self._is_third_party:
            return {"access_token": token}
        if self._account.grant is None:
            raise ConsentInvalid("Nobody has connected the account.")
        return {"access_token": token, "openid": self._account.grant.subject}


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
