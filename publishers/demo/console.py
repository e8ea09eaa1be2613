"""Who publishes by hand: she takes what she needs from the desk, and uses it in the platform's console."""

import hashlib
import io
import json
import time
import zipfile
from urllib.parse import urljoin, urlsplit

import lxml.html
import requests
from django.urls import reverse

from publishers.demo.desk import Person, Unexpected
from publishers.models import Delivery

#: How long the console's review may take.
REVIEW_S = 30


class Operator:
    """Somebody with the right to send, at the sandbox's consoles; ``accounts`` are the sandbox's ids."""

    def __init__(self, person: Person, sandbox_url: str, accounts: dict[int, str]):
        self._person, self._sandbox_url, self._accounts = person, sandbox_url, accounts

    def publish(self, delivery: Delivery) -> None:
        """Publish what the task shows and record where it is. Raises Unexpected, requests' errors."""
        desk = reverse("hub_delivery", args=[delivery.pk])
        page = lxml.html.fromstring(self._person.get(desk).text)
        [body] = _values(page, "//iframe[@srcdoc]/@srcdoc")
        package = self._package(delivery)
        [article] = package.facts["articles"]
        sent = {
            "title": article["title"],
            "digest": article["digest"],
            "author": article["author"],
            "source_url": article["source_link"],
            "html": body,
        }
        covers = [("cover", each) for each in package.covers()]
        answer = requests.post(
            self._console(delivery), data=sent, files=covers, allow_redirects=False, timeout=60
        )
        if answer.status_code != 303:
            raise Unexpected(f"{self._console(delivery)}: {answer.status_code}")
        url = urljoin(self._sandbox_url, answer.headers["Location"])
        _wait_for_review(url)
        named = {
            name: _values(page, f"//form//input[@name='{name}']/@value")[0] for name in ("item", "release")
        }
        self._person.post(desk, {**named, "action": "record", "url": url})

    def take_down(self, delivery: Delivery) -> None:
        """Take the article down in the console and say so on the desk."""
        article = urlsplit(delivery.items.get().url).path.rpartition("/")[2]
        answer = requests.post(
            self._console(delivery), data={"action": "withdraw", "article": article}, timeout=60
        )
        answer.raise_for_status()
        self._person.post(reverse("hub_delivery", args=[delivery.pk]), {"action": "gone"})

    def _console(self, delivery: Delivery) -> str:
        account = delivery.account
        return f"{self._sandbox_url}/{account.platform}/console/{self._accounts[account.pk]}"

    def _package(self, delivery: Delivery) -> "Package":
        answer = self._person.get(reverse("hub_package", args=[delivery.pk]))
        return Package(zipfile.ZipFile(io.BytesIO(answer.content)))


class Package:
    """An export package, whose files are what its list says. Raises Unexpected otherwise."""

    def __init__(self, opened: zipfile.ZipFile):
        self._zip = opened
        self.facts = json.loads(opened.read("meta.json"))
        listed = self.facts["files"]
        found = {name: hashlib.sha256(opened.read(name)).hexdigest() for name in opened.namelist()}
        if {name: digest for name, digest in found.items() if name != "meta.json"} != listed:
            raise Unexpected("The package does not hold the files that it lists.")

    def covers(self) -> list[tuple[str, bytes]]:
        """Return (name, content) of the cover in the platform's foremost shape; none without a cover."""
        names = [name for name in self.facts["files"] if "/cover" in name]
        return [(name.rpartition("/")[2], self._zip.read(name)) for name in names[:1]]


def _values(page: lxml.html.HtmlElement, attributes: str) -> list[str]:
    """Return the values of the ``attributes`` that an XPath names."""
    found = page.xpath(attributes)
    assert isinstance(found, list)
    return [str(each) for each in found]


def _wait_for_review(url: str) -> None:
    end = time.monotonic() + REVIEW_S
    while not (answer := requests.get(url, timeout=20)).ok:
        if time.monotonic() > end:
            raise Unexpected(f"{url}: {answer.status_code}")
        time.sleep(0.2)
