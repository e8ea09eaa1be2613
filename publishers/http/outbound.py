"""All outgoing HTTP: bounded in time and size, never to a private address, no secret in what it raises.

The guard sits in the transport adapter and works on the addresses that are really connected to, so redirects
and names that change their address between two look-ups pass it as well.
"""

import codecs
import functools
import http.client
import io
import ipaddress
import logging
import math
import os
import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
import urllib3
from django.conf import settings
from django.utils.translation import gettext as _
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.connection import create_connection

from publishers.interface import CredentialsInvalid, PermanentError

if TYPE_CHECKING:
    from urllib3._base_connection import BaseHTTPConnection  # a Protocol that is not there at run time

CONNECT_TIMEOUT_S = 10
READ_TIMEOUT_S = 60
# For the whole answer: a server that trickles may not outlast the lease of a delivery.
ANSWER_TIMEOUT_S = 180
ANSWER_BYTES = 10 * 1024 * 1024
# A server closes what is idle, often after five seconds: a call sent at that moment would be lost.
IDLE_S = 2
#: What Python alone calls an encoding: docs.python.org/3/library/codecs.html#python-specific-encodings.
PYTHONS_OWN = ("idna", "palmos", "punycode", "raw-unicode-escape", "undefined", "unicode-escape")

SECRET = re.compile(
    r"((?:access_token|refresh_token|token|secret|appsecret|client_secret|password|code|sign|signature)"
    r"[\"']?\s*[=:]\s*[\"']?)[^&\s\"',}]+",
    re.IGNORECASE,
)
#: Addresses of the hub's own that are secrets: feeds, callbacks, forgotten passwords.
ADDRESS = re.compile(
    r"(/feeds/\d+/|/callbacks/(?!\d+(?![-\w])|[-\w]+/\d)|/password_reset/confirm/[-\w]+/)[-\w]+"
)
NAT64 = ipaddress.ip_network("64:ff9b::/96")

# These write whole addresses and headers, with tokens, at level DEBUG.
for _name in ("urllib3", "oauthlib", "requests_oauthlib"):
    logging.getLogger(_name).setLevel(logging.INFO)


class NotSent(requests.exceptions.ConnectTimeout):
    """No connection was made, so nothing was sent: the call certainly had no effect.

    A ``ConnectTimeout``, which requests documents as safe to repeat.
    """


class Forbidden(PermanentError):
    """The address is private and not in PRIVATE_HOSTS_ALLOWED; nothing was sent."""


class NoAddress(CredentialsInvalid):
    """The account's own address is mistyped; nothing was sent."""


class TooLarge(requests.exceptions.ContentDecodingError):
    """The answer is larger than the hub reads; the call may have had its effect."""


class Session(requests.Session):
    """A session whose every call is first told to ``before``, with its address; that may refuse it.

    ``undone`` is told of each that certainly was not carried out: no connection was made, or it was asked to
    come later (429).
    ``longest_s`` is how long any call waits for a whole answer, whatever is said; None: as the caller says.
    ``own`` is the address that a person gave the account, or empty: mistyped, it is refused before any call.
    """

    def __init__(
        self, before: Callable[[str], None] | None = None, undone: Callable[[], None] | None = None
    ) -> None:
        super().__init__()
        self._before, self._undone = before, undone
        self.longest_s: float | None = None
        self.own = ""

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        require_own(self.own)
        return super().prepare_request(request)

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # as requests has
        if self.longest_s is not None:
            options["timeout"] = self.longest_s
        if self._before is not None:
            assert request.url is not None  # prepared
            self._before(request.url)
        try:
            answer = super().send(request, **options)
        except (requests.ConnectTimeout, Forbidden):
            self._note_undone()
            raise
        if answer.status_code == requests.codes.too_many_requests:
            self._note_undone()
        return answer

    def _note_undone(self) -> None:
        if self._undone is not None:
            self._undone()

    def close(self) -> None:
        """Leave the connections open: they are the process's, for the next job on the same host."""


def session(before: Callable[[str], None] | None = None, undone: Callable[[], None] | None = None) -> Session:
    """Return a session that is guarded; one per job. Connections are kept open from one to the next.

    ``before`` is called with the address of each call before it is made; what it raises is passed on.
    ``undone`` is called after one that nobody carried out.
    """
    made = Session(before, undone)
    made.trust_env = False  # neither proxies nor .netrc from the environment
    made.headers["User-Agent"] = "nusheng-hub"
    for scheme in ("https://", "http://"):
        made.mount(scheme, _adapter())
    return made


@functools.cache
def _adapter() -> "GuardedAdapter":
    return GuardedAdapter()


# A child of this process must not write where its parent does.
os.register_at_fork(after_in_child=_adapter.cache_clear)


def scrub(text: str) -> str:
    """Return ``text`` without the values of parameters and fields that hold secrets, and feeds' addresses."""
    return ADDRESS.sub(r"\1***", SECRET.sub(r"\1***", text))


def is_public(address: str) -> bool:
    """Return whether ``address`` (numeric) is one of the public internet, whatever it is wrapped in."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner:
            ip = inner
    return ip.is_global and not ip.is_multicast


def is_address(url: str) -> bool:
    """Return whether ``url`` is http or https, with a host and a port that a call could be made to."""
    try:
        # As it would be sent: what stops a call is found out by making one, all but sending it.
        sent = requests.Request("GET", url).prepare().url or ""
        parts = urlsplit(sent)
        host = (parts.hostname or "").encode("idna")
        return parts.scheme in ("http", "https") and bool(host)
    except (requests.RequestException, ValueError):
        return False


def host_of(url: str) -> str:
    """Return the host of ``url``; empty where it is no address."""
    return (urlsplit(url).hostname or "") if is_address(url) else ""


def may_call(url: str) -> bool:
    """Return whether ``url`` is https, or http of a host that the settings allow (the sandbox)."""
    if not is_address(url):
        return False
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in settings.PRIVATE_HOSTS_ALLOWED


def mistyped() -> str:
    """Return the sentence about the address that a person gave an account for the platform's interface."""
    return _("The address of the interface is mistyped: it is written like https://api.example.com.")


def require_own(url: str) -> None:
    """Raise NoAddress for an account's own address, where it has one, that no call can be made to."""
    if url and not is_address(url):
        raise NoAddress(mistyped())


def _addresses(host: str, port: int) -> list[str]:
    """Return where ``host`` is, or refuse it when any of its addresses is private."""
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if host not in settings.PRIVATE_HOSTS_ALLOWED and not all(is_public(address) for address in found):
        raise Forbidden(_("{host} has a private address; the hub does not call it.").format(host=host))
    return found


class _InTime(io.RawIOBase):
    """What a server sends, status line and headers as well, until ``until`` (``time.monotonic``).

    The time of a socket is for each wait: one that gets a byte now and then would be read for ever.
    """

    def __init__(self, raw: io.RawIOBase, connection: socket.socket, until: float) -> None:
        self._raw, self._connection, self._until = raw, connection, until
        self._patience_s = connection.gettimeout() or math.inf

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # Any: whatever bytes can be written into
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("The answer took too long.")
        self._connection.settimeout(min(left, self._patience_s))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Guarded(HTTPConnection):
    """Connects to the very addresses that were looked at, and reads until ``until``."""

    until = math.inf
    #: By ``time.monotonic``, since the last call; of one that never was put back: never.
    idle_since = math.inf

    def response_class(  # type: ignore[override]  # what http.client makes its answers by
        self, sock: socket.socket, *arguments: Any, **options: Any
    ) -> http.client.HTTPResponse:
        response = http.client.HTTPResponse(sock, *arguments, **options)
        response.fp = io.BufferedReader(_InTime(response.fp.detach(), sock, self.until))
        return response

    def _new_conn(self) -> socket.socket:
        try:
            return self._connect(_addresses(self._dns_host, self.port))
        except OSError as error:  # an unknown name is one, too
            message = f"No connection was made: {error}"
            raise urllib3.exceptions.NewConnectionError(self, message) from error

    def _connect(self, addresses: list[str]) -> socket.socket:
        *others, last = addresses
        for address in others:
            with suppress(OSError):
                return self._connect_to(address)
        return self._connect_to(last)

    def _connect_to(self, address: str) -> socket.socket:
        return create_connection((address, self.port), self.timeout, self.source_address, self.socket_options)


class _GuardedHTTPS(_Guarded, HTTPSConnection):
    pass


class _Fresh(HTTPConnectionPool):
    """A pool that opens a connection anew when nobody used it for IDLE_S, and ends each call in its time."""

    # Any: passed on as they come.
    def _make_request(self, conn: Any, *arguments: Any, **options: Any) -> Any:
        conn.until = time.monotonic() + options["timeout"].total  # the adapter's
        return super()._make_request(conn, *arguments, **options)

    def _put_conn(self, conn: "BaseHTTPConnection | None") -> None:
        if isinstance(conn, _Guarded):
            conn.idle_since = time.monotonic()
        super()._put_conn(conn)

    def _get_conn(self, timeout: float | None = None) -> "BaseHTTPConnection":
        conn = super()._get_conn(timeout)
        if isinstance(conn, _Guarded) and time.monotonic() - conn.idle_since > IDLE_S:
            conn.close()
        return conn


class _HTTPPool(_Fresh):
    ConnectionCls = _Guarded


class _HTTPSPool(_Fresh, HTTPSConnectionPool):
    ConnectionCls = _GuardedHTTPS


class GuardedAdapter(HTTPAdapter):
    """The guard, for whoever has a session of another kind (OAuth) and mounts it there."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # passed on as they come
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        if not is_address(request.url or ""):
            # Else a name that cannot be asked for is met in the middle of the call, as another error.
            raise requests.exceptions.InvalidURL("No host is called so.")
        try:
            response = super().send(
                request,
                stream=True,
                timeout=_for_all(timeout or (CONNECT_TIMEOUT_S, READ_TIMEOUT_S)),
                verify=verify,
                cert=cert,
                proxies=None,
            )
            _read(response)
        except requests.RequestException as error:
            raise _clean(error) from None
        return response


def _for_all(timeout: float | tuple[float, float] | tuple[float, None]) -> Any:
    """Return the time for a whole call; requests hands it on, and its types do not know that.

    One number is for all of it; of two the second is for each wait only.
    """
    if isinstance(timeout, int | float):
        return urllib3.Timeout(connect=timeout, read=timeout, total=timeout)
    connect_s, read_s = timeout
    return urllib3.Timeout(connect=connect_s, read=read_s, total=ANSWER_TIMEOUT_S)


def _read(response: requests.Response) -> None:
    """Read the whole answer within bounds, so that nobody reads it without."""
    parts, size = [], 0
    # As it comes: a whole piece of an answer that trickles in would be waited for beyond all bounds.
    as_it_comes = functools.partial(_as_it_comes, response.raw)
    response.raw.stream = as_it_comes  # type: ignore[method-assign]  # this answer's, which requests reads
    with response:
        for part in response.iter_content(64 * 1024):
            parts.append(part)
            size += len(part)
            if size > ANSWER_BYTES:
                raise TooLarge(f"The answer is larger than {ANSWER_BYTES} bytes.")
    response._content = b"".join(parts)
    response.encoding = response.encoding and _charset(response.encoding)


def _charset(named: str) -> str:
    """Return the charset that an answer names; UTF-8 for what no text is written in."""
    try:
        b" ".decode(named, "replace")
        name = codecs.lookup(named).name
    except (LookupError, ValueError):
        return "utf-8"
    return "utf-8" if name in PYTHONS_OWN else named


def _as_it_comes(raw: urllib3.BaseHTTPResponse, size: int, decode_content: bool) -> Iterator[bytes]:
    while piece := raw.read1(size, decode_content=decode_content):
        yield piece


def _clean(error: requests.RequestException) -> requests.RequestException:
    """Return the error as the hub raises it: NotSent when that is certain, and without secrets."""
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    if isinstance(reason, urllib3.exceptions.NewConnectionError):
        return NotSent(reason)  # names host and port, not the address
    if isinstance(reason, urllib3.exceptions.ReadTimeoutError):
        # In the middle of the answer requests calls it a ConnectionError.
        return requests.exceptions.ReadTimeout("The answer took too long.")
    return type(error)(scrub(str(error)), response=error.response)
