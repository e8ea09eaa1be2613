"""The HTTP of a server that stands for a platform, a partner or a web site, on a free port."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from publishers.interface import Json

#: (status, body) or (status, body, headers). A body of bytes goes out as it is, any other as JSON.
Answer = tuple[int, Json | bytes] | tuple[int, Json | bytes, Mapping[str, str]]


@dataclass(frozen=True)
class Call:
    """One request. ``headers`` are found however they are written; ``target`` is path and query, as sent."""

    method: str
    target: str
    headers: Message
    body: bytes

    @cached_property
    def path(self) -> str:
        return urlsplit(self.target).path

    @cached_property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    def json(self) -> Any:  # of any shape, and read where it is used, by plugins that check types, too
        """Return what the body says as JSON; {} for an empty one."""
        return json.loads(self.body or b"{}")


class StandIn:
    """A server that answers over HTTP what ``respond`` says; it runs from when it is made until ``stop``.

    A subclass has ``respond``. It is asked in a thread for each connection: what it counts needs a lock.
    """

    def __init__(self) -> None:
        self._waits: dict[str, Answer] = {}
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()

    def respond(self, call: Call) -> Answer | None:
        """Return the answer to one call; None closes the connection without any."""
        raise NotImplementedError

    def ask_to_wait(self, path: str, status: int, seconds: float | None) -> None:
        """Answer the next call of ``path`` with this status, and with ``seconds`` as Retry-After, at once."""
        self._waits[path] = status, b"", {} if seconds is None else {"Retry-After": str(seconds)}

    def answer_to(self, call: Call) -> Answer | None:
        return self._waits.pop(call.path, None) or self.respond(call)

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()


def _handler(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # or the asker waits 40 ms for the second packet of an answer

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answered = stand_in.answer_to(Call(self.command, self.path, self.headers, body))
            if answered is None:
                self.close_connection = True
                return
            status, content, headers = (*answered, {})[:3]
            written = content if isinstance(content, bytes) else json.dumps(content).encode()
            kind = {} if isinstance(content, bytes) else {"Content-Type": "application/json"}
            self.send_response(status)
            for name, value in {"Content-Length": str(len(written)), **kind, **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(written)

        do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

        def log_message(self, *_args: object) -> None:
            """Tests print nothing about calls: a stand-in keeps those that it is asked about."""

    return Handler
