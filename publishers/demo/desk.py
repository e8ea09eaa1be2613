"""One person at the desk: a browser's session without a browser."""

import re
from urllib.parse import urljoin

import requests

# Sentences that the desk shows at a field or above the page.
MESSAGES = re.compile(r'class="(?:error-message|messages?)[^>]*>(.*?)</', re.S)
TAGS = re.compile(r"<[^>]+>")


class Unexpected(Exception):
    """The desk answered otherwise than the walk needs."""


class Person:
    """Somebody who is logged in."""

    def __init__(self, url: str, username: str, password: str):
        self._url, self._http = url, requests.Session()
        self.post("/admin/login/", {"username": username, "password": password, "next": "/admin/"})

    def get(self, path: str) -> requests.Response:
        """Open a page or a file. Raises Unexpected when the desk does not show it."""
        answer = self._http.get(urljoin(self._url, path), timeout=60)
        if not answer.ok or answer.history:
            raise Unexpected(f"{path}: {answer.status_code} {_sentences(answer.text)}")
        return answer

    def post(self, path: str, data: dict, files: dict | None = None) -> requests.Response:
        """Open the page at ``path``, send its form, and return the answer after redirects.

        Raises Unexpected when the same form comes back, with the sentences that it shows.
        """
        answer = self._send(path, data, files)
        if not answer.history:
            raise Unexpected(f"{path}: {answer.status_code} {_sentences(answer.text)}")
        return answer

    def decide(self, path: str, data: dict) -> None:
        """Open the dialog at ``path`` and send it. Raises Unexpected when it does not close."""
        answer = self._send(path, data, headers={"X-Requested-With": "XMLHttpRequest"})
        if answer.json().get("step") != "success":
            raise Unexpected(f"{path}: {_sentences(answer.json().get('html', ''))}")

    def _send(self, path: str, data: dict, files=None, headers=None) -> requests.Response:
        address = urljoin(self._url, path)
        self._http.get(address, timeout=60).raise_for_status()
        answer = self._http.post(
            address,
            data={**data, "csrfmiddlewaretoken": self._http.cookies["csrftoken"]},
            files=files,
            headers={"Referer": address} | (headers or {}),
            timeout=60,
        )
        if not answer.ok:
            raise Unexpected(f"{path}: {answer.status_code} {_sentences(answer.text)}")
        return answer


def _sentences(html: str) -> str:
    return TAGS.sub("", " ".join(MESSAGES.findall(html))).strip()
