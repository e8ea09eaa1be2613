"""The sandbox as the conformance suite's server, and a server that answers what a test tells it to."""

import datetime as dt
import uuid

import pytest
import time_machine

from publishers.testing.job import MemoryAccount
from publishers.testing.server import Seen
from publishers.testing.stand_in import StandIn

CHINA = dt.timezone(dt.timedelta(hours=8))


class SandboxServer:
    """Implements ``publishers.testing.server.Server`` for one new account of a platform."""

    def __init__(self, sandbox, clock, platform, code_name):
        self.sandbox, self._clock = sandbox, clock
        self.platform, self._code_name = platform, code_name
        self._ahead_s = 0.0
        self.account_id = f"{platform}-{uuid.uuid4().hex[:12]}"
        sandbox.add_account(platform, self.account_id, "s3cret", "榕溪县女声")

    def account(self, id_field, secret_field, capabilities):
        return MemoryAccount(
            "榕溪县女声",
            self.sandbox.base_url(self.platform),
            {id_field: self.account_id, secret_field: "s3cret"},
            frozenset(capabilities),
        )

    def seen(self):
        return [
            Seen(
                url=article["url"],
                title=article["title"],
                html=article["content"],
                author=article["author"],
                digest=article["digest"],
                source_url=article["source_url"],
                has_cover=bool(article["cover_url"]),
            )
            for article in self.sandbox.articles(self.platform, self.account_id)
            if article["status"] == "live"
        ]

    def calls(self):
        return [call["path"] for call in self.sandbox.calls(self.platform, self.account_id)]

    def refuse(self, path, code):
        # Not by account: a call for a token names it in another way.
        self.sandbox.fault("error", platform=self.platform, path=path, **{self._code_name: code})

    def lose_answer(self, path):
        self.sandbox.fault("lost_answer", platform=self.platform, path=path)

    def ask_to_wait(self, path, status, seconds):
        said = {} if seconds is None else {"seconds": seconds}
        self.sandbox.fault(f"http_{status}", platform=self.platform, path=path, **said)

    def expire_tokens(self):
        self.sandbox.expire_tokens(self.account_id)

    def pass_time(self, seconds):
        self._clock.shift(seconds)
        self._ahead_s += seconds
        self.sandbox.settings(clock_offset_s=self._ahead_s)
        self.sandbox.finish_reviews()

    def take_down(self, url):
        articles = self.sandbox.articles(self.platform, self.account_id)
        [ids] = [article["remote_ids"] for article in articles if article["url"] == url]
        self.sandbox.take_down(self.platform, self.account_id, ids["article_id"])

    def next_morning(self):
        now = dt.datetime.now(CHINA)
        morning = (now + dt.timedelta(days=1)).replace(hour=10, minute=0, second=0)
        self.pass_time((morning - now).total_seconds())


@pytest.fixture
def make_server(sandbox):
    """Return a maker of servers; our own clock is moved by their ``pass_time``."""
    with time_machine.travel(dt.datetime.now(dt.UTC), tick=True) as clock:

        def make(platform, code_name):
            return SandboxServer(sandbox, clock, platform, code_name)

        yield make


class ScriptedServer(StandIn):
    """Answers over real HTTP: per path, what ``answers`` holds; remembers every request."""

    def __init__(self):
        self.answers = {}
        self.requests = []
        super().__init__()

    def answer(self, path, *bodies, status=200):
        """Let calls of ``path`` be answered with each of ``bodies`` in turn, the last for ever.

        A body is JSON, bytes as they are, what a callable returns, or None: the connection is closed without
        an answer.
        """
        self.answers[path] = [(status, body) for body in bodies]

    def respond(self, call):
        self.requests.append((call.method, call.path, call.query, call.body))
        answers = self.answers[call.path]
        status, content = answers.pop(0) if len(answers) > 1 else answers[0]
        content = content() if callable(content) else content
        # As WeChat does it.
        return None if content is None else (status, content, {"Content-Type": "text/plain"})


@pytest.fixture
def script():
    server = ScriptedServer()
    yield server
    server.stop()
