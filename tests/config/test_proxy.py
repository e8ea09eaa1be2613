"""nginx takes the example, and none of its logs holds what is secret of an address of the hub."""

import http.client
import re
import shutil
import ssl
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from django.urls import get_resolver

from publishers.demo.services import free_port

EXAMPLE = Path(__file__).resolve().parents[2] / "deploy" / "nginx.conf"
SECRET = "s3cretS3cret"
#: What names a part of an address that may be a secret.
NAMES = {"code", "key", "seal", "stem", "token", "uidb64"}
#: The addresses of which one is, and those of which none is: for readers, or only for who is logged in.
SECRETS = {
    "feeds/(number)/(key).(form)": f"/feeds/1/{SECRET}.xml",
    "callbacks/(key)/": f"/callbacks/{SECRET}/",
    "admin/password_reset/confirm/(uidb64)/(token)/": f"/admin/password_reset/confirm/Mg/{SECRET}/",
    # Those in the query are in no pattern.
    "admin/accounts/connected/": f"/admin/accounts/connected/?state=x&code={SECRET}",
    "callbacks/(number)": f"/callbacks/1?signature={SECRET}",
}
OPEN = {
    "r/(token)",
    "o/(code)/",
    "b/(sha256)/(cut)/(seal)",
    "admin/preview-picture/(token)/",
    "admin/deliveries/(pk)/pictures/(position)/(stem)/",
}
needs_nginx = pytest.mark.skipif(shutil.which("nginx") is None, reason="There is no nginx on this machine.")


class Hub(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.send_header("Referrer-Policy", "same-origin")
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def hub():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture
def example(tmp_path):
    """Return what writes the example with ports and files of this test, and the ports."""
    made = tmp_path / "cert.pem"
    subject = ["-subj", "/CN=hub.example.cn", "-days", "1"]
    key = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject]
    subprocess.run(
        [*key, "-keyout", made.with_name("key.pem"), "-out", made], check=True, capture_output=True
    )
    plain, tls = free_port(), free_port()

    def write(upstream):
        text = EXAMPLE.read_text()
        for told, here in {
            "/etc/ssl/hub/fullchain.pem": str(made),
            "/etc/ssl/hub/privkey.pem": str(made.with_name("key.pem")),
            "/var/log/nginx": str(tmp_path),
            "127.0.0.1:8000": f"127.0.0.1:{upstream}",
            "listen 80;": f"listen 127.0.0.1:{plain};",
            "listen 443 ssl;": f"listen 127.0.0.1:{tls} ssl;",
        }.items():
            assert told in text
            text = text.replace(told, here)
        kinds = ("client_body", "proxy", "fastcgi", "scgi", "uwsgi")
        places = "".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in kinds)
        whole = tmp_path / "nginx.conf"
        whole.write_text(
            f"pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}} http {{ {places} "
            f"access_log {tmp_path}/access.log; {text} }}"
        )
        return ["nginx", "-p", str(tmp_path), "-c", str(whole), "-g", "daemon off;"]

    return write, plain, tls


@needs_nginx
def test_nginx_takes_the_example(example):
    write, _plain, _tls = example
    ran = subprocess.run([*write(8000), "-t"], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def addresses(resolver, before=""):
    for each in resolver.url_patterns:
        if hasattr(each, "url_patterns"):
            yield from addresses(each, before + str(each.pattern))
        else:
            plain = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"(\1)", before + str(each.pattern))
            yield re.sub(r"<(?:\w+:)?(\w+)>", r"(\1)", plain).translate(str.maketrans("", "", "^$\\"))


def test_of_every_address_that_may_hold_a_secret_it_is_known_whether_it_does():
    found = set(addresses(get_resolver()))
    assert {each for each in found if NAMES.intersection(re.findall(r"\((\w+)\)", each))} == OPEN | {
        each for each in SECRETS if NAMES.intersection(re.findall(r"\((\w+)\)", each))
    }
    assert found.issuperset(SECRETS)


def ask(plain, tls):
    """Ask for each address as it is and as somebody may write it; return how often."""
    unchecked = ssl.create_default_context()
    unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE
    count = 0
    for address in SECRETS.values():
        for written in (address, f"/{address}", f"/%{ord(address[1]):x}{address[2:]}"):
            for connection in (
                http.client.HTTPConnection("127.0.0.1", plain),
                http.client.HTTPSConnection("127.0.0.1", tls, context=unchecked),
                http.client.HTTPConnection("127.0.0.1", tls),  # no TLS where it should be
            ):
                connection.request("GET", written, headers={"Host": "hub.example.cn"})
                answer = connection.getresponse()
                answer.read()
                if answer.status in (200, 502):
                    # So that no browser tells the address with its next call, which an error log would hold.
                    assert answer.headers.get_all("Referrer-Policy") == ["strict-origin"]
                connection.close()
                count += 1
    return count


def test_the_log_of_calls_holds_no_query_and_no_address_that_was_left():
    formats = re.findall(r"log_format \w+ (.+);", EXAMPLE.read_text())
    assert formats and not [
        each for each in formats if re.search(r"referer|args|\$request\b|request_uri", each)
    ]


@needs_nginx
@pytest.mark.parametrize("answers", [True, False], ids=["the hub answers", "the hub is away"])
def test_no_secret_of_an_address_is_in_a_log(answers, example, hub, tmp_path):
    write, plain, tls = example
    command = write(hub if answers else free_port())
    # Its workers take up what the master has opened: it listens when it has written its number.
    with subprocess.Popen(command, stderr=subprocess.PIPE) as nginx:
        try:
            while not (tmp_path / "pid").exists():
                assert nginx.poll() is None, nginx.stderr.read()
            count = ask(plain, tls)
        finally:
            nginx.terminate()
    logs = {file.name: file.read_text() for file in tmp_path.glob("*.log")}
    assert len(logs["hub.log"].splitlines()) == count and "/feeds/***" in logs["hub.log"]
    assert not [name for name, text in logs.items() if SECRET in text], logs
