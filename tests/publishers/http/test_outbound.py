"""Outgoing calls reach public addresses only, end in time, and tell no secret."""

import socket
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from publishers.http import outbound

#: What is sent at once, and what comes a bit at a time, for ever.
TRICKLING = {
    "/status": (b"HTTP/1.1 200 ", b"O"),
    "/headers": (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"),
    "/more-headers": (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "/continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "/body": (b"HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n", b"x"),
    "/until-closed": (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b"x"),
    "/chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"x"),
    "/trailer": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ", b"x"),
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.startswith("/redirect/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/redirect/"))
            self.end_headers()
        elif self.path.startswith("/large"):
            self.send_response(200)
            self.end_headers()
            with_size = b"x" * 65536
            for _ in range(outbound.ANSWER_BYTES // len(with_size) + 8):
                self.wfile.write(with_size)
        elif self.path in TRICKLING:
            once, again = TRICKLING[self.path]
            with suppress(OSError):
                self.wfile.write(once)
                while not self.server.over.wait(0.05):
                    self.wfile.write(again)
        elif self.path.startswith("/hang-up"):
            self.connection.shutdown(socket.SHUT_RDWR)
        else:
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            with suppress(OSError):  # who asked may have given up
                self.wfile.write(b"ok")

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.over = threading.Event()
    threading.Thread(target=served.serve_forever, daemon=True).start()
    yield f"http://localhost:{served.server_port}"
    served.over.set()
    served.shutdown()
    served.server_close()


@pytest.fixture
def only_localhost(settings):
    """The name may be called; the addresses behind it may not be named."""
    settings.PRIVATE_HOSTS_ALLOWED = ["localhost"]


def test_an_allowed_private_host_answers(server, only_localhost):
    assert outbound.session().get(server).text == "ok"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "127.1",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:7f00:1::]",
        "169.254.169.254",
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "100.64.0.1",
        "[fe80::1]",
        "[fd00::1]",
        "224.0.0.1",
    ],
)
def test_a_private_address_is_refused_however_it_is_written(host, settings):
    settings.PRIVATE_HOSTS_ALLOWED = []
    with pytest.raises(outbound.Forbidden):
        outbound.session().get(f"http://{host}/", timeout=1)


@pytest.mark.parametrize("target", ["http://127.0.0.1:{port}/", "http://169.254.169.254/latest/meta-data/"])
def test_a_redirect_to_a_private_address_is_refused(server, only_localhost, target):
    port = server.rsplit(":", 1)[1]
    with pytest.raises(outbound.Forbidden):
        outbound.session().get(f"{server}/redirect/{target.format(port=port)}", timeout=1)


def test_a_name_with_one_private_address_among_public_ones_is_refused(settings, monkeypatch):
    settings.PRIVATE_HOSTS_ALLOWED = []
    answers = [(2, 1, 6, "", ("93.184.216.34", 80)), (2, 1, 6, "", ("127.0.0.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: answers)
    with pytest.raises(outbound.Forbidden):
        outbound.session().get("http://rebinding.example/", timeout=1)


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822", "2001:0:4136:e378:8000:63bf:a247:27dd"],
)
def test_public_addresses_are_public(address):
    assert outbound.is_public(address)


def test_an_answer_that_is_too_large_is_not_read(server, only_localhost):
    with pytest.raises(outbound.TooLarge):
        outbound.session().get(f"{server}/large")


def test_an_answer_that_does_not_end_in_time_is_given_up(server, only_localhost, monkeypatch):
    monkeypatch.setattr(outbound, "ANSWER_TIMEOUT_S", 1e-9)
    with pytest.raises(requests.exceptions.ReadTimeout):
        outbound.session().get(server)


@pytest.mark.parametrize("longest_s", [None, 0.2])
@pytest.mark.parametrize("part", TRICKLING)
def test_an_answer_that_trickles_in_is_not_waited_for_beyond_its_time(
    server, only_localhost, monkeypatch, part, longest_s
):
    monkeypatch.setattr(outbound, "ANSWER_TIMEOUT_S", 0.2)
    session = outbound.session()
    session.longest_s = longest_s
    with pytest.raises(requests.exceptions.ReadTimeout):
        session.get(f"{server}{part}")


def test_a_call_that_never_connected_is_told_from_one_that_was_cut(server, only_localhost):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(outbound.NotSent):
        outbound.session().get(f"http://localhost:{port}/")
    with pytest.raises(requests.exceptions.ConnectionError) as cut:
        outbound.session().get(f"{server}/hang-up")
    assert not isinstance(cut.value, outbound.NotSent)


def test_an_unknown_name_counts_as_not_sent():
    with pytest.raises(outbound.NotSent):
        outbound.session().get("http://no-such-name.invalid/")


def test_errors_do_not_show_tokens_or_secrets(server, only_localhost):
    address = server.replace("http:", "https:") + "/draft/add?access_token=TOKEN-1&secret=SECRET-1&appid=wx1"
    with pytest.raises(requests.exceptions.SSLError) as error:
        outbound.session().get(address)
    shown = repr(error.value) + str(error.value) + repr(error.value.__cause__) + repr(error.value.request)
    assert "appid=wx1" in shown
    assert "TOKEN-1" not in shown and "SECRET-1" not in shown


@pytest.mark.parametrize(
    "text",
    [
        *(
            f"{name}=X-1&b=2"
            for name in ("code", "password", "sign", "signature", "refresh_token", "appsecret")
        ),
        "a?access_token=X-1&b=2",
        '{"secret": "X-1"}',
        "client_secret=X-1",
        "{'access_token': 'X-1', 'a': 1}",
    ],
)
def test_scrubbing_takes_the_value_and_leaves_the_name(text):
    assert "X-1" not in outbound.scrub(text)
    assert "***" in outbound.scrub(text)


@pytest.mark.parametrize(
    "address",
    ["/feeds/3/X-1.xml", "/callbacks/X-1/", "/callbacks/X-1", "/admin/password_reset/confirm/Mg/X-1/"],
)
def test_scrubbing_takes_what_is_secret_of_an_address_of_the_hub(address):
    shown = outbound.scrub(f"Not Found: {address}")
    assert "X-1" not in shown and "***" in shown


@pytest.mark.parametrize("address", ["/callbacks/12", "/callbacks/toutiao/12"])
def test_scrubbing_leaves_an_address_without_a_secret(address):
    assert outbound.scrub(f"Not Found: {address}").endswith(address)


class Noting(requests.adapters.BaseAdapter):
    """Keeps what a session would send, and answers."""

    def send(self, request, timeout=None, **_options):
        self.request, self.timeout = request, timeout
        answer = requests.Response()
        answer.status_code, answer.request = 200, request
        return answer

    def close(self):
        pass


@pytest.fixture
def noting():
    session, adapter = outbound.session(), Noting()
    session.mount("https://", adapter)
    return session, adapter


@pytest.mark.parametrize(("longest_s", "waits"), [(None, (10, 60)), (7, 7)])
def test_a_session_that_has_little_time_gives_no_call_more(noting, longest_s, waits):
    session, adapter = noting
    session.longest_s = longest_s
    session.get("https://p.example/", timeout=(10, 60))
    assert adapter.timeout == waits


def test_no_password_of_the_machine_goes_along(noting, tmp_path, monkeypatch):
    session, adapter = noting
    (tmp_path / "netrc").write_text("machine p.example login somebody password s3cret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    session.get("https://p.example/")
    assert "Authorization" not in adapter.request.headers


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://no-such-name.invalid/"])
def test_a_call_that_nobody_carried_out_is_told_once(settings, url):
    settings.PRIVATE_HOSTS_ALLOWED, told = [], []
    with pytest.raises((outbound.Forbidden, outbound.NotSent)):
        outbound.session(undone=lambda: told.append(url)).get(url)
    assert told == [url]


class Keeping(Handler):
    """Keeps connections open, and says by which one a call came."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        port = str(self.client_address[1]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(port)))
        self.end_headers()
        self.wfile.write(port)


@pytest.fixture
def keeping(only_localhost):
    served = ThreadingHTTPServer(("127.0.0.1", 0), Keeping)
    served.daemon_threads, served.block_on_close = True, False
    threading.Thread(target=served.serve_forever, daemon=True).start()
    yield f"http://localhost:{served.server_port}"
    served.shutdown()
    served.server_close()


def test_the_next_job_goes_on_with_the_connection_and_not_with_the_cookies(keeping):
    with outbound.session() as first:
        first.cookies.set("who", "first")
        connection = first.get(keeping).text
    with outbound.session() as second:
        assert second.get(keeping).text == connection and not second.cookies


def test_a_connection_that_was_idle_for_long_is_not_trusted(keeping, monkeypatch):
    connection = outbound.session().get(keeping).text
    monkeypatch.setattr(outbound, "IDLE_S", -1)
    assert outbound.session().get(keeping).text != connection
