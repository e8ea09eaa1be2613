"""What WeChat makes of submitted HTML: docs/platforms/wechat.md, section 8.

Official is only that scripts and foreign pictures go; the rest of the table is measured by client projects.
"""

import re
from urllib.parse import urlsplit

from ..html import UNWRAPPED, Cleaner
from ..store import Store
from .answers import Refusal
from .media import is_own_picture

_LOST_CSS = ("position", "filter", "-webkit-filter", "backdrop-filter")
_CSS_URL = re.compile(r"url\(\s*['\"]?([^'\")]*)")


class WeChatCleaner(Cleaner):
    """Keeps inline styles; loses style sheets, classes, ids, foreign pictures and foreign links."""

    unwrapped = UNWRAPPED | {"details", "summary"}

    def __init__(self, store: Store, account: str) -> None:
        super().__init__()
        self._store, self._account = store, account
        self._foreign_links = store.setting("wechat_foreign_links")

    def picture(self, url: str) -> str | None:
        return url if is_own_picture(self._store, self._account, url) else None

    def link(self, url: str) -> str | None:
        if url.strip().startswith("#"):
            raise Refusal(45166, "href")
        parts = urlsplit(url)
        if parts.netloc == "mp.weixin.qq.com" or parts.path.startswith("/wechat/s/"):
            return url
        if self._foreign_links == "refuse":
            raise Refusal(45166, "href")
        return None

    def attribute(self, tag: str, name: str, value: str) -> str | None:
        if name in ("class", "id"):
            return None
        kept = super().attribute(tag, name, value)
        if name == "style" and kept is not None:
            kept = ";".join(rule for rule in _declarations(kept) if self._keeps(rule))
        return kept

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # Links inside inline SVG are removed, pictures in it are asked about like any other.
        in_svg = any(name == "svg" for name, _ in self._open)
        super().handle_starttag(tag, [] if tag == "a" and in_svg else attrs)

    def _keeps(self, declaration: str) -> bool:
        if declaration.partition(":")[0].strip().lower() in _LOST_CSS:
            return False
        return all(is_own_picture(self._store, self._account, url) for url in _CSS_URL.findall(declaration))


def _declarations(style: str) -> list[str]:
    return [part.strip() for part in style.split(";") if part.strip()]


def cleaned(store: Store, account: str, html: str) -> tuple[str, str]:
    """Return ``(stored html, plain text)``; an empty body is refused with 45166."""
    result = WeChatCleaner.clean(html, store, account)
    if not result.text and not result.pictures:
        raise Refusal(45166, "empty content")
    return result.html, result.text
