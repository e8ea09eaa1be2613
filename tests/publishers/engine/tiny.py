"""A small platform: a server with drafts that are submitted and then go live, and the plugin for it."""

import os
import signal
import threading
from collections import Counter

import requests

from cms.channels import Limits
from publishers.interface import (
    Absent,
    CapabilityMissing,
    ConsentInvalid,
    CredentialField,
    CredentialsInvalid,
    Found,
    Live,
    OutcomeUnknown,
    PermanentError,
    Platform,
    Publisher,
    QuotaExceeded,
    Rejected,
    Rendition,
    Retry,
    Undecided,
)
from publishers.testing.stand_in import StandIn
from tests.publishers.engine.clock import in_an_hour

ERRORS = {
    "retry": lambda: Retry("busy"),
    "asked": lambda: Retry("later", after=7),
    "busy": lambda: Retry("busy", after=600),
    "quota": lambda: QuotaExceeded("used up", until=in_an_hour()),
    "credentials": lambda: CredentialsInvalid("bad secret", code="40125"),
    "consent": lambda: ConsentInvalid("no consent"),
    "capability": lambda: CapabilityMissing("publish", code="48001"),
    "rejected": lambda: Rejected("标题里有不允许的词。", code="45166"),
    "undocumented": lambda: Rejected("系统异常。", code="-7", certain=False),
    "permanent": lambda: PermanentError("no", code="99999", body='{"access_token": "tok-1"}'),
    "surprise": lambda: KeyError("media_id"),
}


class TinyServer(StandIn):
    """Counts and applies calls. ``faults[path]`` is used up call by call: an error's name, or

    ``"lost"`` (applied, answer lost), ``"cut"`` (not applied, connection cut), ``None`` (nothing). After an
    error, ``", taken"`` says that the call is applied all the same.
    """

    def __init__(self):
        self.calls: Counter[str] = Counter()
        self.bodies: list[tuple[str, dict]] = []
        self.drafts: dict[str, dict] = {}
        self.articles: dict[str, dict] = {}
        self.faults: dict[str, list[str | None]] = {}
        self.kill: tuple[int, str] | None = None  # (number of the call, "before" or "after" it is applied)
        self.worker: int | None = None
        self.polls_until_live = 0
        self.pages: dict[str, tuple[int, str]] = {}  # what readers get: (status, HTML or Location)
        self.undecided: float | str | None = "decided"
        self._lock = threading.Lock()
        super().__init__()

    @property
    def total(self) -> int:
        return sum(self.calls.values())

    def answer(self, path: str, body: dict) -> dict | None:
        """Apply one call and return the answer; None cuts the connection."""
        with self._lock:
            self.calls[path] += 1
            self.bodies.append((path, body))
            waiting = self.faults.get(path) or []
            fault = waiting.pop(0) if waiting else None
            self._maybe_kill("before")
            if fault == "cut":
                return None
            error, _comma, taken = (fault or "").partition(", ")
            if error not in ("", "lost") and not taken:
                return {"error": error}
            answer = getattr(self, path.strip("/"))(body)
            self._maybe_kill("after")
            if taken:
                return {"error": error}
            return None if fault == "lost" else answer

    def token(self, body):
        return {"access_token": "tok-1", "lives": 7200}

    def upload(self, body):
        return {"url": f"tiny:{self.calls['/upload']}"}

    def draft(self, body):
        number = f"draft-{self.calls['/draft']}"
        self.drafts[number] = body
        return {"id": number}

    def find(self, body):
        if self.undecided != "decided":
            return {"undecided": self.undecided}
        everything = {**self.drafts, **self.articles} if body["what"] == "draft" else self.articles
        found = [key for key, value in everything.items() if value["mark"] == body["mark"]]
        return {"found": found[0] if found else None}

    def submit(self, body):
        self.articles[body["id"]] = self.drafts.pop(body["id"])
        return {"id": body["id"]}

    def state(self, body):
        self.polls_until_live -= 1
        return {"live": self.polls_until_live < 0}

    def _maybe_kill(self, when: str) -> None:
        if self.kill == (self.total, when) and self.worker:
            os.kill(self.worker, signal.SIGKILL)
            self.worker = None

    def respond(self, call):
        if call.method == "GET":
            status, html = self.pages.get(call.target, (404, ""))
            headers = {"Location": html} if status in (301, 302) else {"Content-Type": "text/html"}
            return status, html.encode(), headers
        answer = self.answer(call.path, call.json())
        return None if answer is None else (200, answer)


class TinyClient:
    def __init__(self, account):
        self.account = account

    def call(self, path: str, body: dict) -> dict:
        token = self.account.token(lambda: self._fetch())
        return self._post(path, body | {"access_token": token})

    def _fetch(self):
        answer = self._post("/token", {"secret": self.account.credentials["secret"]})
        return answer["access_token"], answer["lives"]

    def _post(self, path: str, body: dict) -> dict:
        try:
            answer = self.account.http.post(f"{self.account.base_url}{path}", json=body).json()
        except requests.exceptions.ConnectTimeout as error:
            raise Retry("not reached", after=7) from error
        except requests.RequestException as error:
            raise OutcomeUnknown("answer lost") from error
        if "error" in answer:
            raise ERRORS[answer["error"]]()
        return answer


class Tiny(Publisher):
    platform = Platform(
        slug="tiny",
        name="小平台",
        colour="#123456",
        base_url="http://127.0.0.1:1",
        limits=Limits(title_chars=30),
        credentials=(CredentialField("appid", "AppID", secret=False), CredentialField("secret", "Secret")),
        edition_size=2,
    )
    #: The steps of one delivery with one picture, in order.
    STEPS = ("upload body", "draft", "submit")

    def render(self, document, variant, theme=""):
        pictures = tuple(sorted(document.named_assets()))
        return Rendition(variant.title or document.title, "", document.byline, "<p></p>", None, pictures)

    def preview(self, rendition, account_name):
        return f"<title>{rendition.title}</title>{rendition.html}"

    def check(self, account):
        TinyClient(account).call("/find", {"what": "draft", "mark": ""})
        return frozenset({"draft", "publish"})

    def publish(self, job):
        client, mark = TinyClient(job.account), job.items[0].token

        def find(what):
            answer = client.call("/find", {"what": what, "mark": mark})
            if "undecided" in answer:
                return Undecided("平台还没有说。", answer["undecided"])
            return Found({"id": answer["found"]}) if answer["found"] else Absent()

        articles = [job.store_payload(item, self._payload(job, client, item)) for item in job.items]
        draft = job.step(
            "draft",
            lambda: client.call("/draft", {"mark": mark, "articles": articles}),
            given=articles,
            find=lambda: find("draft"),
        )
        done = job.step(
            "submit", lambda: client.call("/submit", draft), given=draft, find=lambda: find("article")
        )
        job.poll("state", lambda: client.call("/state", done)["live"] or None, delays=(20, 60))
        return [Live(f"{job.account.base_url}/{done['id']}/{item.position}", done) for item in job.items]

    def _payload(self, job, client, item):
        urls = [self._upload(job, client, job.picture(sha256)) for sha256 in item.rendition.assets]
        return {"title": item.rendition.title, "pictures": urls, "source": item.source_url}

    def _upload(self, job, client, picture):
        body = {"sha256": picture.sha256}
        return job.uploaded("body", picture, lambda: client.call("/upload", body))["url"]
