"""Start a sandbox as a process of its own, for a test or a demonstration, and speak to its control.

::

    with start_sandbox() as sandbox:                 # or: sandbox = start_sandbox(); …; sandbox.stop()
        sandbox.url                                  # "http://127.0.0.1:41234"
        sandbox.base_url("wechat")                   # what an Account's base_url is: url + "/wechat"
        sandbox.settings(review_s=0)                 # names and defaults: sandbox/settings.py
        sandbox.add_account("wechat", "wx1", "s3cret", "清溪女声", capabilities=["draft"])
        sandbox.fault("lost_answer", platform="wechat", path="/cgi-bin/draft/add")
        sandbox.ledger("wechat", "wx1")              # {"accounts": [...], "articles": [...]}

Kinds of faults, each with ``platform``, ``path``, ``account``, ``method`` (any left out matches all),
``times`` (1; None: until cleared) and ``skip`` (so many matching calls pass first):

==================  ======================================================================
error               answers ``errcode`` (WeChat) or ``code`` (Penguin), optional ``msg``; no effect
http_500            HTTP 500, no effect
http_429, http_503  HTTP 429 or 503, with Retry-After where ``seconds`` are given, no effect
http_500_after      the work is done, the answer is HTTP 500
reset_before        the connection is dropped, no effect
lost_answer         the work is done, the connection is dropped
delay               the work is done at once, the answer comes after ``seconds`` (1)
token_expired       the account's tokens end now, then the call is answered
quota_used_up       WeChat: the day's quota of the called path is used up (45009 until midnight)
reject_review       submit is accepted, the review refuses: WeChat ``status`` 2, 3 or 4 (4), Penguin 失败
stall_review        submit is accepted, the review gives no result before ``finish_reviews()``
ban_later           published, then taken down by the platform ``seconds`` (0) later: WeChat status 6
event_lost          WeChat: an event is not sent
event_twice         WeChat: an event is sent twice
event_late          WeChat: an event is sent ``seconds`` (1) later
event_out_of_order  WeChat: an event is sent after the account's next one
callback_…          the signed push: a callback is _lost, _twice, _late or _out_of_order, as the events are
==================  ======================================================================

The shipped accounts and their secrets are in sandbox/accounts.py.
"""

import subprocess
import sys
import tempfile
import time
from os import PathLike
from pathlib import Path
from typing import IO, Any, Self

import requests

from .settings import Json

READY = "sandbox: ready "
START_S = 30
STOP_S = 10
ROOT = Path(__file__).resolve().parent.parent


class ControlRefused(ValueError):
    """The control refused what was asked; the message is its sentence."""


def start_sandbox(ledger: str | PathLike[str] | None = None) -> "Sandbox":
    """Start a sandbox on a free port and return it when it answers.

    ``ledger`` is a file that keeps the state over restarts, without it the state ends with the process.
    """
    arguments = [sys.executable, "-m", "sandbox", "--port", "0"]
    if ledger is not None:
        arguments += ["--ledger", str(Path(ledger).resolve())]
    log = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  (closed by stop)
    process = subprocess.Popen(  # noqa: S603  (our own arguments)
        arguments, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
    )
    sandbox = Sandbox(process, log)
    try:
        sandbox.url = _ready_url(process, log)
    except BaseException:
        sandbox.stop()
        raise
    return sandbox


def _ready_url(process: subprocess.Popen[bytes], log: IO[str]) -> str:
    end = time.monotonic() + START_S
    while True:
        ended = process.poll() is not None
        log.seek(0)
        output = log.read()
        for line in output.splitlines(keepends=True):
            if line.startswith(READY) and line.endswith("\n"):
                return line.removeprefix(READY).strip()
        if ended or time.monotonic() > end:
            raise RuntimeError(f"The sandbox did not start:\n{output}")
        time.sleep(0.02)


class Sandbox:
    """A running sandbox. ``pid`` is its process; use it as a context manager or call ``stop()``."""

    url = ""

    def __init__(self, process: subprocess.Popen[bytes], log: IO[str]) -> None:
        self._process, self._log = process, log
        self._http = requests.Session()
        # A proxy from the environment has no business between two processes of one machine.
        self._http.trust_env = False
        # A connection that rested may be closed from the other side at the very moment it is used again.
        self._http.headers["Connection"] = "close"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        return self._process.pid

    def base_url(self, platform: str) -> str:
        return f"{self.url}/{platform}"

    def stop(self) -> None:
        """End this very process and wait for it. Stopping twice does no harm."""
        self._http.close()
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def control(self, path: str, body: Json = None, method: str = "POST") -> Json:
        """Call ``/_control/<path>`` and return its JSON; raises ControlRefused with its sentence."""
        return self._asked(method, f"/_control/{path}", json={} if body is None else body)

    # accounts and settings

    def accounts(self) -> list[dict[str, Json]]:
        return self.control("accounts", method="GET")

    def add_account(
        self, platform: str, account_id: str, secret: str, name: str, capabilities: list[str] | None = None
    ) -> dict[str, Json]:
        """Add or replace an account; ``capabilities`` None grants all that the platform has."""
        body = {"platform": platform, "id": account_id, "secret": secret, "name": name}
        return self.control("accounts", {**body, "capabilities": capabilities})

    def settings(self, **values: Json) -> dict[str, Json]:
        """Change the named settings and return all of them."""
        return self.control("settings", values)

    def reset(self, accounts: bool = False) -> dict[str, Json]:
        """Empty everything; accounts stay, unless ``accounts`` brings back only the shipped ones."""
        return self.control("reset", {"accounts": accounts})

    # faults and the hands of others

    def fault(
        self,
        kind: str,
        *,
        times: int | None = 1,
        skip: int = 0,
        platform: str | None = None,
        path: str | None = None,
        account: str | None = None,
        method: str | None = None,
        **more: Json,
    ) -> int:
        """Switch a fault on and return its id. ``more``: errcode, code, msg, seconds, status."""
        asked = {"platform": platform, "path": path, "account": account, "method": method}
        match = {name: value for name, value in asked.items() if value is not None}
        spec = {"kind": kind, "match": match, "times": times, "skip": skip, **more}
        return self.control("faults", spec)[-1]["id"]

    def faults(self) -> list[dict[str, Json]]:
        """Return the faults, those used up too; ``times_left`` tells how often each still strikes."""
        return self.control("faults", method="GET")

    def remove_fault(self, fault_id: int) -> int:
        return self.control("faults/remove", {"id": fault_id})["removed"]

    def clear_faults(self) -> list[dict[str, Json]]:
        return self.control("faults/clear")

    def expire_tokens(self, account: str | None = None, kind: str | None = None) -> int:
        """End the tokens of an account (or of all); ``kind`` "refresh" ends refresh tokens and only those."""
        return self.control("tokens/expire", {"account": account, "kind": kind})["expired"]

    def revoke_consent(self, platform: str, account: str, app: str) -> dict[str, Json]:
        """Take back what the holder of ``account`` let the application ``app`` do."""
        return self.control("consents/revoke", {"platform": platform, "account": account, "app": app})

    def finish_reviews(self, account: str | None = None) -> dict[str, Json]:
        """End the running reviews of an account (or of all) now, also those that a fault keeps open."""
        return self.control("reviews/finish", {"account": account})

    def console_publish(self, account: str, media_id: str, how: str = "publish") -> dict[str, Json]:
        """Publish a WeChat draft as a person in the console does; ``how`` publish or mass."""
        return self.control("console/publish", {"account": account, "media_id": media_id, "how": how})

    def publish_older(
        self, platform: str, account: str, count: int, order: str = "none", drafts: int = 0
    ) -> dict[str, Json]:
        """Let an account have published one article a day before now, and have ``drafts`` of then.

        ``order`` is that of its lists: newest (first), oldest (first) or none.
        """
        asked = {"platform": platform, "account": account, "count": count, "order": order, "drafts": drafts}
        return self.control("older", asked)

    def callback(
        self,
        account: str,
        url: str,
        token: str,
        *,
        aes_key: str = "",
        mode: str = "plain",
        format: str = "xml",
        verify: bool = True,
    ) -> dict[str, Json]:
        """Enter where a WeChat account's events go; ``mode`` plain, compatible, safe; ``format`` xml, json.

        The address is asked for its echo first; raises ControlRefused when it does not give it back.
        """
        body = {"account": account, "url": url, "token": token, "aes_key": aes_key}
        return self.control("callbacks", {**body, "mode": mode, "format": format, "verify": verify})

    def send_events(self) -> int:
        """Send every event that is due now, and wait; return how many deliveries were tried."""
        return self.control("events/send")["tried"]

    def events(self, account: str | None = None) -> list[dict[str, Json]]:
        """Return WeChat's events, oldest first: account, name, message, left, answers."""
        return self._asked("GET", "/_ledger/events", params={"account": account})

    def send_push_callbacks(self) -> int:
        """Send every callback of the signed push that is due now, and wait; return how many were tried."""
        return self.control("push/send")["tried"]

    def push_callbacks(self) -> list[dict[str, Json]]:
        """Return the signed push's callbacks, oldest first: platform, account, message, left, answers."""
        return self._asked("GET", "/_ledger/push")

    def edit_draft(
        self, account: str, media_id: str, index: int = 0, changes: dict[str, Json] | None = None
    ) -> dict[str, Json]:
        """Change an article of a WeChat draft as a person in the console does; None deletes the article."""
        body = {"account": account, "media_id": media_id, "index": index, "changes": changes}
        return self.control("drafts/edit", body)

    def delete_draft(self, account: str, media_id: str) -> dict[str, Json]:
        """Delete a WeChat draft as a person in the console does."""
        return self.control("drafts/delete", {"account": account, "media_id": media_id})

    def take_down(self, platform: str, account: str, article_id: str, by: str = "platform") -> int:
        """Take an article down outside the API; ``by`` platform (a ban) or operator (in the console)."""
        body = {"platform": platform, "account": account, "article_id": article_id, "by": by}
        return self.control("takedown", body)["withdrawn"]

    def subscribe(self, platform: str, account: str, url: str, callback_url: str = "") -> dict[str, Json]:
        """Let the account's partner read the feed at ``url``, and call back where that is wanted."""
        body = {"platform": platform, "account": account, "url": url, "callback_url": callback_url}
        return self.control("feeds", body)

    def read_feeds(self) -> list[dict[str, Json]]:
        """Read every feed once; return platform, account, answer (an HTTP status) and changed of each."""
        return self.control("feeds/read")

    def feeds(self) -> dict[str, Json]:
        """Return ``{"feeds": [...], "entries": [...], "callbacks": [...]}``: what partners read and told."""
        return self._asked("GET", "/_ledger/feeds")

    # what happened

    def ledger(self, platform: str | None = None, account: str | None = None) -> dict[str, Json]:
        """Return ``{"accounts": [...], "articles": [...]}``: all that readers ever saw, oldest first.

        An account has ``ever_visible``, ``live`` and ``duplicates`` ({title: times} where more than once).
        An article has title, author, digest, content, source_url, cover_url, url, via, status (live or
        withdrawn), published_at, withdrawn_at, withdrawn_by and remote_ids.
        """
        return self._asked("GET", "/_ledger", params={"platform": platform, "account": account})

    def articles(self, platform: str | None = None, account: str | None = None) -> list[dict[str, Json]]:
        return self.ledger(platform, account)["articles"]

    def calls(
        self, platform: str | None = None, account: str | None = None, path: str | None = None
    ) -> list[dict[str, Json]]:
        """Return the calls of the platforms' APIs, oldest first: request and answer with secrets masked."""
        asked = {"platform": platform, "account": account, "path": path}
        return self._asked("GET", "/_ledger/calls", params=asked)

    def drafts(self, account: str | None = None) -> list[dict[str, Json]]:
        """Return WeChat's draft boxes: account, media_id, articles, updated_at."""
        return self._asked("GET", "/_ledger/drafts", params={"account": account})

    def quotas(self, account: str | None = None) -> list[dict[str, Json]]:
        """Return how often WeChat's calls were made per day and minute: account, path, window, used, limit.

        Refused calls are counted under ``refused <path>``: whoever stays inside the quotas has none.
        """
        return self._asked("GET", "/_ledger/quotas", params={"account": account})

    def _asked(self, method: str, path: str, **options: Any) -> Json:  # as requests takes them
        answer = self._http.request(method, self.url + path, timeout=30, **options)
        if answer.status_code == 400:
            raise ControlRefused(answer.json()["error"])
        answer.raise_for_status()
        return answer.json()
