"""What every platform does to submitted HTML, as one rewriting parser; platforms refine it by subclass."""

import re
from collections.abc import Set
from html import escape
from html.parser import HTMLParser
from typing import Any, Self

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
#: Gone with everything inside.
DROPPED = {"script", "style", "iframe", "object", "embed", "video", "audio", "head", "noscript", "template"}
#: Gone, but what is inside stays.
UNWRAPPED = {"html", "body", "form", "button", "input", "select", "textarea", "link", "meta", "base"}


class Cleaner(HTMLParser):
    """Rewrites HTML: scripts, event attributes and embedded documents go, pictures and links are asked about.

    Subclasses answer ``picture(url)`` (the address to keep, or None to drop the picture), ``link(url)``
    (the address, or None to unwrap the link) and may refine ``attribute``.
    """

    dropped: Set[str] = DROPPED
    unwrapped: Set[str] = UNWRAPPED

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[str] = []
        self._text: list[str] = []
        self._dropping: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self.pictures = 0

    @classmethod
    # Any: what the subclass is made of.
    def clean(cls, html: str, *context: Any) -> Self:
        """Return the finished cleaner: read ``html``, ``text`` and ``pictures`` from it."""
        cleaner = cls(*context)
        cleaner.feed(html)
        cleaner.close()
        return cleaner

    @property
    def html(self) -> str:
        return "".join(self._out + [f"</{tag}>" for tag, kept in reversed(self._open) if kept])

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self._text)).strip()

    def picture(self, url: str) -> str | None:
        return url

    def link(self, url: str) -> str | None:
        return url

    def attribute(self, tag: str, name: str, value: str) -> str | None:
        """Return the value to keep, or None to drop the attribute."""
        if name.startswith("on") or re.match(r"\s*(javascript|vbscript|data):", value, re.I):
            return None
        return value

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.dropped:
            if tag not in VOID:
                self._dropping.append(tag)
            return
        if self._dropping:
            return
        kept = self._kept_attributes(tag, attrs)
        if tag not in VOID:
            self._open.append((tag, kept is not None))
        if kept is not None:
            self._out.append(f"<{tag}{kept}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._dropping:
            if tag == self._dropping[-1]:
                self._dropping.pop()
            return
        if tag not in (name for name, _ in self._open):
            return
        while self._open:
            name, kept = self._open.pop()
            if kept:
                self._out.append(f"</{name}>")
            if name == tag:
                break

    def handle_data(self, data: str) -> None:
        if not self._dropping:
            self._out.append(escape(data, quote=False))
            self._text.append(data)

    def _kept_attributes(self, tag: str, attrs: list[tuple[str, str | None]]) -> str | None:
        """Return the attributes as text, or None when the tag itself goes."""
        attributes = {name: value or "" for name, value in attrs}
        if tag in self.unwrapped or not self._settle_address(tag, attributes):
            return None
        kept = ((name, self.attribute(tag, name, value)) for name, value in attributes.items())
        return "".join(f' {name}="{escape(value)}"' for name, value in kept if value is not None)

    def _settle_address(self, tag: str, attributes: dict[str, str]) -> bool:
        if tag in ("img", "image"):
            name = "src" if tag == "img" else next((n for n in ("href", "xlink:href") if n in attributes), "")
            url = self.picture(attributes.get(name, ""))
            if url:
                attributes[name] = url
                self.pictures += 1
            return bool(url)
        if tag == "a" and "href" in attributes:
            target = self.link(attributes["href"])
            attributes["href"] = target or ""
            return target is not None
        return True
