"""What every platform does to submitted HTML, as one rewriting parser; platforms refine it by subclass."""

import re
from html import escape
from html.parser import HTMLParser

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

    dropped = DROPPED
    unwrapped = UNWRAPPED

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self._out, self._text = [], []
        self._dropping = []
        self._open = []
        self.pictures = 0

    @classmethod
    def clean(cls, html, *context):
        """Return the finished cleaner: read ``html``, ``text`` and ``pictures`` from it."""
        cleaner = cls(*context)
        cleaner.feed(html)
        cleaner.close()
        return cleaner

    @property
    def html(self):
        return "".join(self._out + [f"</{tag}>" for tag, kept in reversed(self._open) if kept])

    @property
    def text(self):
        return re.sub(r"\s+", " ", "".join(self._text)).strip()

    def picture(self, url):
        return url

    def link(self, url):
        return url

    def attribute(self, tag, name, value):
        """Return the value to keep, or None to drop the attribute."""
        if name.startswith("on") or re.match(r"\s*(javascript|vbscript|data):", value, re.I):
            return None
        return value

    def handle_starttag(self, tag, attrs):
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

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
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

    def handle_data(self, data):
        if not self._dropping:
            self._out.append(escape(data, quote=False))
            self._text.append(data)

    def _kept_attributes(self, tag, attrs):
        """Return the attributes as text, or None when the tag itself goes."""
        attributes = {name: value or "" for name, value in attrs}
        if tag in self.unwrapped or not self._settle_address(tag, attributes):
            return None
        kept = ((name, self.attribute(tag, name, value)) for name, value in attributes.items())
        return "".join(f' {name}="{escape(value)}"' for name, value in kept if value is not None)

    def _settle_address(self, tag, attributes):
        if tag in ("img", "image"):
            name = "src" if tag == "img" else next((n for n in ("href", "xlink:href") if n in attributes), "")
            url = self.picture(attributes.get(name, ""))
            if url:
                attributes[name] = url
                self.pictures += 1
            return bool(url)
        if tag == "a" and "href" in attributes:
            url = self.link(attributes["href"])
            attributes["href"] = url
            return url is not None
        return True
