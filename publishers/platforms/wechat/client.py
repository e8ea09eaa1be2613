"""WeChat's calls, one method each, with typed answers; raises only the engine's errors.

The sections named are those of docs/platforms/wechat.md.
"""

import datetime as dt
import json
from dataclasses import dataclass
from typing import TypedDict, Unpack

from publishers.http import call, promised
from publishers.interface import AccountSession, Json
from publishers.platforms.wechat.errors import TOKEN_PATH, UNDONE, TokenRefused, error

PAGE = 20
#: Before this moment (August 2012) there was no account; 1000 times as much is milliseconds.
BEGAN = 1_344_000_000
# The first bytes of the one other kind of picture that Picture.jpeg gives.
PNG = b"\x89PNG"
#: The name that the picture travels by, its bytes and its kind.
_File = tuple[str, bytes, str]


@dataclass(frozen=True)
class Submitted:
    """A publish job; WeChat may leave ``msg_data_id`` out."""

    publish_id: str
    msg_data_id: str


@dataclass(frozen=True)
class Publication:
    """How a publish job stands. ``urls`` are in the order of the articles; ``failed`` counts from 1."""

    status: int
    article_id: str
    urls: tuple[str, ...]
    failed: tuple[int, ...]


@dataclass(frozen=True)
class Entry:
    """A draft or a publication in a list: its id and the articles as WeChat shows them.

    ``updated`` is as WeChat tells it: its unit is not known (section 12).
    """

    id: str
    articles: tuple[dict[str, Json], ...]
    updated: int = 0

    @property
    def moment(self) -> float | None:
        """Return when it was last changed, in seconds since 1970, where its unit can be told by its size."""
        return next((told for told in (self.updated, self.updated / 1000) if BEGAN < told < 5 * BEGAN), None)


class _Options(TypedDict, total=False):
    """How a call is sent where not by POST, with JSON alone, changing nothing; see ``Client._send``."""

    method: str
    files: dict[str, _File]
    changes: bool


class Client:
    def __init__(self, account: AccountSession) -> None:
        self._account = account

    def stable_token(self) -> tuple[str, int]:
        """Return (token, seconds it lives), in normal mode: the same token while it lives (section 2.1)."""
        credentials = self._account.credentials
        answer = self._send(
            TOKEN_PATH,
            {
                "grant_type": "client_credential",
                "appid": credentials["appid"],
                "secret": credentials["secret"],
            },
        )
        return promised(answer, "access_token", changes=False), int(answer["expires_in"])

    def upload_image(self, picture: bytes) -> str:
        """Return the address of a picture for the body: JPEG or PNG under 1 MB (section 3)."""
        return promised(self._call("/cgi-bin/media/uploadimg", files=_file(picture)), "url", changes=False)

    def add_image(self, picture: bytes) -> str:
        """Return the media_id of a permanent picture, for covers: up to 10 MB (section 3)."""
        answer = self._call("/cgi-bin/material/add_material", query={"type": "image"}, files=_file(picture))
        return promised(answer, "media_id", changes=False)

    def add_draft(self, articles: list[dict[str, Json]]) -> str:
        """Return the media_id of a new draft; there is no idempotency key (section 4.1)."""
        answer = self._call("/cgi-bin/draft/add", {"articles": articles}, changes=True)
        return promised(answer, "media_id", changes=True)

    def count_drafts(self) -> int:
        """Return how many drafts the box holds (section 4.2)."""
        return int(self._call("/cgi-bin/draft/count", method="GET")["total_count"])

    def page_of_drafts(self, number: int) -> tuple[list[Entry], int]:
        """Return page ``number`` (from 0) of the box, and how many drafts it holds in all (section 4.2)."""
        return self._page("/cgi-bin/draft/batchget", "media_id", number * PAGE)

    def draft(self, media_id: str) -> Entry:
        """Return the articles of one draft. Raises MediaUnknown when it is not in the box (section 4.2)."""
        answer = self._call("/cgi-bin/draft/get", {"media_id": media_id})
        return Entry(media_id, tuple(answer["news_item"]))

    def update_draft(self, media_id: str, index: int, article: dict[str, Json]) -> None:
        """Replace one article of a draft; ``index`` counts from 0 (section 4.2)."""
        body = {"media_id": media_id, "index": index, "articles": article}
        self._call("/cgi-bin/draft/update", body, changes=True)

    def submit(self, media_id: str) -> Submitted:
        """Submit a draft for publishing; accepted is not published (section 5.1)."""
        answer = self._call("/cgi-bin/freepublish/submit", {"media_id": media_id}, changes=True)
        publish_id = promised(answer, "publish_id", changes=True)
        return Submitted(str(publish_id), str(answer.get("msg_data_id") or ""))

    def publication(self, publish_id: str) -> Publication:
        """Return how a publish job stands; 100 calls a day (section 5.2)."""
        answer = self._call("/cgi-bin/freepublish/get", {"publish_id": publish_id})
        items = (answer.get("article_detail") or {}).get("item") or []
        return Publication(
            status=int(answer["publish_status"]),
            # The vendor's own sample has a line break in it.
            article_id=str(answer.get("article_id") or "").strip(),
            urls=tuple(item["article_url"] for item in sorted(items, key=lambda item: int(item["idx"]))),
            failed=tuple(int(idx) for idx in answer.get("fail_idx") or ()),
        )

    def page_of_publications(self, number: int, *, with_texts: bool = False) -> tuple[list[Entry], int]:
        """Return page ``number`` (from 0) of what was published, and how many there are (section 5.4).

        Over the API or in the console, never what was mass-sent; 100 calls a day.
        """
        path, no_content = "/cgi-bin/freepublish/batchget", 0 if with_texts else 1
        return self._page(path, "article_id", number * PAGE, no_content)

    def probe_publishing(self) -> None:
        """Ask for one publication. Raises CapabilityMissing when the account may not publish (section 1)."""
        self._call("/cgi-bin/freepublish/batchget", {"offset": 0, "count": 1, "no_content": 1})

    def article(self, article_id: str) -> Entry:
        """Return the articles of one publication, each with ``is_deleted`` (section 5.4)."""
        answer = self._call("/cgi-bin/freepublish/getarticle", {"article_id": article_id})
        return Entry(article_id, tuple(answer["news_item"]))

    def delete(self, article_id: str, index: int) -> None:
        """Take one article down for ever; ``index`` counts from 1; 10 calls a day (section 5.4)."""
        if index < 1:
            raise ValueError("An index below 1 would delete every article of the publication.")
        body = {"article_id": article_id, "index": index}
        self._call("/cgi-bin/freepublish/delete", body, changes=True)

    def probe_mass(self) -> None:
        """Ask how fast messages go out. Raises CapabilityMissing without the right to send (section 6)."""
        self._call("/cgi-bin/message/mass/speed/get", {})

    def send_to_all(self, media_id: str, clientmsgid: str) -> dict[str, Json]:
        """Send a draft to all followers; return {"msg_id", "msg_data_id"} (section 6).

        A text that is judged a reprint stops the job. Raises AlreadySent for a clientmsgid that was used.
        """
        body = {
            "filter": {"is_to_all": True},
            "msgtype": "mpnews",
            "mpnews": {"media_id": media_id},
            "send_ignore_reprint": 0,
            "clientmsgid": clientmsgid,
        }
        answer = self._call("/cgi-bin/message/mass/sendall", body, changes=True)
        msg_id = promised(answer, "msg_id", changes=True)
        return {"msg_id": str(msg_id), "msg_data_id": str(answer.get("msg_data_id") or "")}

    def mass_status(self, msg_id: str) -> str:
        """Return SENDING, SEND_SUCCESS, SEND_FAIL or DELETE (section 6)."""
        return str(self._call("/cgi-bin/message/mass/get", {"msg_id": msg_id})["msg_status"])

    def delete_sent(self, msg_id: str, index: int) -> None:
        """Take the page of one sent article down; cards stay with the followers (section 6)."""
        if index < 1:
            raise ValueError("An index below 1 would delete every article of the message.")
        body = {"msg_id": int(msg_id), "article_idx": index}
        self._call("/cgi-bin/message/mass/delete", body, changes=True)

    def totals(self, published_on: dt.date) -> tuple[list[dict[str, Json]], bool]:
        """Return (an entry per article published that day, whether the figures may change) (section 9.2)."""
        day = published_on.isoformat()
        body = {"begin_date": day, "end_date": day}
        answer = self._call("/datacube/getarticletotaldetail", body)
        return list(answer.get("list") or ()), bool(answer.get("is_delay"))

    def _page(self, path: str, id_name: str, offset: int, no_content: int = 0) -> tuple[list[Entry], int]:
        page = self._call(path, {"offset": offset, "count": PAGE, "no_content": no_content})
        items = page.get("item") or ()
        entries = [Entry(item[id_name], _articles(item), int(item.get("update_time") or 0)) for item in items]
        return entries, int(page["total_count"])

    def _call(
        self,
        path: str,
        body: dict[str, Json] | None = None,
        *,
        query: dict[str, str] | None = None,
        **options: Unpack[_Options],
    ) -> dict[str, Json]:
        """Make a call with the account's token; a refused token is replaced once (section 2.3)."""
        token = self._account.token(self.stable_token)
        try:
            return self._send(path, body, query={"access_token": token, **(query or {})}, **options)
        except TokenRefused:
            token = self._account.token(self.stable_token, refused=token)
            return self._send(path, body, query={"access_token": token, **(query or {})}, **options)

    def _send(
        self,
        path: str,
        body: dict[str, Json] | None = None,
        *,
        method: str = "POST",
        query: dict[str, str] | None = None,
        files: dict[str, _File] | None = None,
        changes: bool = False,
    ) -> dict[str, Json]:
        request: dict[str, Json] = {"params": query, "files": files}
        if body is not None:
            # Characters as they are: WeChat shows \\u escapes as text (section 4).
            request["data"] = json.dumps(body, ensure_ascii=False).encode()
            request["headers"] = {"Content-Type": "application/json; charset=utf-8"}
        url = self._account.base_url.rstrip("/") + path
        answer = call(self._account.http, method, url, changes=changes, **request)
        code = int(answer.get("errcode") or 0)
        if code in UNDONE:
            self._account.note_undone()
        if code:
            now = dt.datetime.now(dt.UTC)
            raise error(code, answer, path, changes=changes, now=now)
        return answer


def _articles(item: dict[str, Json]) -> tuple[dict[str, Json], ...]:
    return tuple((item.get("content") or {}).get("news_item") or ())


def _file(picture: bytes) -> dict[str, _File]:
    # A plain ASCII name: others are mangled on the way.
    kind = ("picture.png", "image/png") if picture.startswith(PNG) else ("picture.jpg", "image/jpeg")
    return {"media": (kind[0], picture, kind[1])}
