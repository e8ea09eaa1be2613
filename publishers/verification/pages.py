"""What readers find at an article's public address, and the form in which texts are compared."""

import hashlib
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import lxml.etree
import lxml.html
import requests
from django.utils.translation import gettext as _

from publishers.http import outbound

#: For a whole page: a look is not worth more of a worker's time.
PAGE_S = 10
REDIRECTS = 5
UNREAD = ("script", "style", "noscript", "template")


@dataclass(frozen=True)
class Page:
    """The answer of ``url`` after redirects. Without ``status`` there was none, and ``problem`` says why."""

    url: str
    status: int | None = None
    content: bytes = b""
    charset: str = "utf-8"
    problem: str = ""

    @property
    def html(self) -> str:
        return self.content.decode(self.charset, "replace")

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest() if self.status else ""


def fetch(url: str, hosts: Collection[str]) -> Page:
    """Return what ``url`` answers to a reader; redirects are followed within ``hosts`` only.

    No credentials go out; ``outbound`` bounds time and size and refuses private addresses. Never raises for
    what a server does.
    """
    with outbound.session() as http:
        for _redirect in range(REDIRECTS + 1):
            try:
                if urlsplit(url).hostname not in hosts:
                    return Page(url, problem=_("The address leads to another host."))
                answer = http.get(url, timeout=PAGE_S, allow_redirects=False)
                if not answer.is_redirect:
                    return Page(url, answer.status_code, answer.content, _charset(answer))
                url = urljoin(url, answer.headers["location"])
            except outbound.Forbidden:
                return Page(url, problem=_("The address is private; the hub does not call it."))
            except (requests.RequestException, ValueError) as error:
                return Page(url, problem=_("No answer ({error}).").format(error=type(error).__name__))
    return Page(url, problem=_("The address leads on and on."))


def _charset(answer: requests.Response) -> str:
    # Without a declared charset requests assumes Latin-1; the platforms mean UTF-8.
    declared = "charset" in answer.headers.get("Content-Type", "").lower()
    return (declared and answer.encoding) or "utf-8"


def plain(html: str) -> str:
    """Return the normal form in which what is shown is compared with what was sent.

    The text content as lxml reads it (no markup, scripts, styles or comments), in Unicode's NFC, without any
    white space. Pictures, sizes and colours are left out. Whatever a platform does to the markup changes
    nothing in it; one changed, added or missing character does.
    """
    parser = lxml.html.HTMLParser(encoding="utf-8")
    try:
        # In an element, so that a text without any markup is read as well.
        tree = lxml.html.document_fromstring(f"<div>{html}</div>".encode(), parser=parser)
    except lxml.etree.ParserError:
        return ""
    assert isinstance(tree, lxml.html.HtmlElement)  # as the parser makes them
    lxml.etree.strip_elements(tree, *UNREAD, with_tail=False)
    return "".join(unicodedata.normalize("NFC", tree.text_content()).split())
