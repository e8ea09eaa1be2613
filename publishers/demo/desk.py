"""One person at the desk: a browser's session without a browser."""

import re
from urllib.parse import urljoin

import requests

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
# Sentences that the desk shows at a field or above the page.
MESSAGES = re.compile(r'class="(?:error-message|messages?)[^>]*>(.*?)</', re.S)


class Unexpected(Exception):
    """The desk answered otherwise than the walk needs."""


class Person:
    """Somebody who is logged in."""

    def __init__(self, url: str, username: str, password: str):
        self._url, self._http = url, requests.Session()
        self.post("/admin/login/", {"username": username, "password": password, "next": "/admin/"})

    def post(self, path: str, data: dict, files: dict | None = None) -> requests.Response:
        """Open the page at ``path``, send its form, and return the answer after redirects.

        Raises Unexpected when the same form comes back, with the sentences that it shows.
        """
        address = urljoin(self._url, path)
        token = TOKEN.search(self._get(address).text)
        if token is None:
            raise Unexpected(f"{path} shows no form.")
        answer = self._http.post(
            address,
            data={**data, "csrfmiddlewaretoken": token[1]},
            files=files,
            headers={"Referer": address},
            timeout=60,
        )
        if not answer.ok or not answer.history:
            said = " ".join(MESSAGES.findall(answer.text))
            raise Unexpected(f"{path}: {answer.status_code} {re.sub('<[^>]+>', '', said).strip()}")
        return answer

    def _get(self, address: str) -> requests.Response:
        answer = self._http.get(address, timeout=60)
        answer.raise_for_status()
        return answer
