"""A small typed writer of HTML: text is always escaped, and only ``Html`` is taken as it stands."""

import re
from collections.abc import Callable
from html import escape

_ASSET = re.compile(r'src="asset:([0-9a-f]{64})"')
_VOID = {"br", "img", "hr"}


class Html(str):
    """Markup that is complete and escaped."""

    __slots__ = ()


NOTHING = Html()
BREAK = Html("<br>")


def text(value: str) -> Html:
    """Return ``value`` as it reads. Quotes are escaped too, so that no text can look like an attribute."""
    return value if isinstance(value, Html) else Html(escape(value))


def join(parts) -> Html:
    return Html("".join(text(part) for part in parts))


def lines(value: str) -> Html:
    """Return ``value`` with its line breaks kept."""
    return Html(escape(value).replace("\n", BREAK))


def rows(parts) -> Html:
    """Return each part on a line of its own."""
    return Html(BREAK.join(text(part) for part in parts))


def tag(name: str, *children: str, **attributes: str | int | None) -> Html:
    """Return the element; an attribute that is None or empty is left out."""
    opened = "".join(f' {key}="{escape(str(value))}"' for key, value in attributes.items() if value)
    if name in _VOID:
        return Html(f"<{name}{opened}>")
    return Html(f"<{name}{opened}>{join(children)}</{name}>")


def fill(html: str, address: Callable[[str], str]) -> str:
    """Return ``html`` with each picture's placeholder replaced by ``address(sha256)``."""
    return _ASSET.sub(lambda found: f'src="{escape(address(found[1]))}"', html)
