"""A small server that keeps CONTRACT.md, with faults to switch on: a publishers.testing.Server."""

import datetime as dt
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from publishers.testing import Seen

KEY, CHINA = "s3cret-key", dt.timezone(dt.timedelta(hours=8))
STATUS = {4001: 400, 4010: 401, 4030: 403, 4040: 404, 4290: 429}


class StandIn:
    """``clock`` is moved by ``pass_time`` and ``next_morning``: see time_machine.travel."""

    def __init__(self, clock=None):
        self._clock, self._lock = clock, threading.Lock()
        self._articles, self._calls = {}, []
        self._refusals, self._lost = {}, set()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self):
        self._http.shutdown()
        self._http.server_close()

    # what the suite asks

    def seen(self):
        return [
            Seen(
                url=article["url"],
                title=article["title"],
                html=article["html"],
                author=article["author"],
                digest=article["summary"],
                source_url=article["source_url"],
                has_cover=bool(article["cover"]),
            )
            for article in self._articles.values()
            if article["state"] == "published"
        ]

    def calls(self):
        return list(self._calls)

    def refuse(self, path, code):
        self._refusals[path] = code

    def lose_answer(self, path):
        self._lost.add(path)

    def expire_tokens(self):
        """Keys do not run out."""

    def pass_time(self, seconds):
        self._clock.shift(seconds)
        self.finish_reviews()

    def finish_reviews(self):
        for article in self._articles.values():
            if article["state"] == "review":
                article["state"], article["url"] = "published", f"{self.url}/a/{article['id']}"

    def take_down(self, url):
        [article] = [each for each in self._articles.values() if each["url"] == url]
        article["state"] = "removed"

    def next_morning(self):
        now = dt.datetime.now(CHINA)
        morning = (now + dt.timedelta(days=1)).replace(hour=10, minute=0, second=0)
        self.pass_time((morning - now).total_seconds())

    # what the newspaper does

    def answer(self, method, path, query, key, body):
        """Return (status, JSON), or None: the connection is closed without an answer."""
        with self._lock:
            self._calls.append(path)
            if key != f"Bearer {KEY}":
                return _refused(4010)
            if path in self._refusals:
                return _refused(self._refusals.pop(path))
            done = self._done(method, path, query, body)
            if path in self._lost:
                self._lost.remove(path)
                return None
            return done

    def _done(self, method, path, query, body):
        if (method, path) == ("POST", "/v1/articles"):
            article = {**body, "id": f"r{len(self._articles) + 1}", "state": "review", "url": ""}
            article["day"] = dt.datetime.now(CHINA).date()
            self._articles[article["id"]] = article
            return 200, {name: article[name] for name in ("id", "state", "url")}
        if path == "/v1/lookup":
            found = [each for each in self._articles.values() if each["external_id"] == query["external_id"]]
            return 200, {
                "articles": [{name: each[name] for name in ("id", "state", "url")} for each in found]
            }
        if path == "/v1/figures":
            return 200, {"rows": self._rows(dt.date.fromisoformat(query["published"]))}
        article = self._articles.get(path.rpartition("/")[2])
        if article is None:
            return _refused(4040)
        if method == "PUT":
            article.update(body)
        if method == "DELETE":
            article["state"] = "removed"
        return 200, {name: article[name] for name in ("id", "state", "url", "title", "html")}

    def _rows(self, published):
        days = (dt.datetime.now(CHINA).date() - published).days
        return [
            {"id": each["id"], "day": (published + dt.timedelta(at)).isoformat(), "readers": 9, "shares": 2}
            for each in self._articles.values()
            if each["day"] == published
            for at in range(days)
        ]


def _refused(code):
    return STATUS[code], {"code": code, "message": "标题里有不合适的词。"}


def _handler(stand_in):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            parts = urlsplit(self.path)
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "{}")
            key = self.headers.get("Authorization")
            answer = stand_in.answer(self.command, parts.path, query, key, body)
            if answer is None:
                self.close_connection = True
                return
            status, content = answer
            written = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

        do_POST = do_PUT = do_DELETE = do_GET

        def log_message(self, *_args):
            """The calls are in ``calls``."""

    return Handler
