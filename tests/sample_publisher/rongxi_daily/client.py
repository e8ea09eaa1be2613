"""The newspaper's calls, one method each: CONTRACT.md. Raises only the engine's errors."""

from collections.abc import Mapping

from publishers.interface import AccountSession, Json
from publishers.remote import CONNECT_S, READ_S, guarded, promised, read

from rongxi_daily.errors import refusal_of

ARTICLES = "/v1/articles"


class Client:
    def __init__(self, account: AccountSession):
        self._account = account

    def submit(self, fields: Mapping[str, Json]) -> str:
        """Submit an article and return its id (section 2)."""
        return str(promised(self._call("POST", ARTICLES, json=dict(fields)), "id", changes=True))

    def lookup(self, external_id: str) -> list[dict[str, Json]]:
        """Return the account's articles with this id of ours, whatever their state (section 3)."""
        return self._call("GET", "/v1/lookup", params={"external_id": external_id}).get("articles") or []

    def article(self, article_id: str) -> dict[str, Json]:
        return self._call("GET", f"{ARTICLES}/{article_id}")

    def replace(self, article_id: str, fields: Mapping[str, Json]) -> None:
        self._call("PUT", f"{ARTICLES}/{article_id}", json=dict(fields))

    def remove(self, article_id: str) -> None:
        self._call("DELETE", f"{ARTICLES}/{article_id}")

    def figures(self, published: str) -> list[dict[str, Json]]:
        """Return a row for each article of that day and each day since (section 5)."""
        return self._call("GET", "/v1/figures", params={"published": published}).get("rows") or []

    def _call(self, method: str, path: str, **request) -> dict[str, Json]:
        changes = method != "GET"
        answer = guarded(
            lambda: self._account.http.request(
                method,
                self._account.base_url + path,
                headers={"Authorization": f"Bearer {self._account.credentials['key']}"},
                timeout=(CONNECT_S, READ_S),
                allow_redirects=False,
                **request,
            ),
            changes=changes,
        )
        if refusal := refusal_of(answer):
            raise refusal
        return read(answer, changes=changes)
