"""A small typed writer of HTML: text is always escaped, and only ``Html`` is taken as it stands."""

import re
from collections.abc import Callable
from html import escape

from markupsafe import Markup

_ASSET = re.compile(r'src="asset:([0-9a-f]{64})"')
_VOID = {"br", "img", "hr"}


class Html(Markup):
    """Markup that is complete and escaped; its methods escape what is put into it."""

    __slots__ = ()

    @classmethod
    def escape(cls, value: object) -> "Html":
        """Return ``value`` as it reads. Quotes are escaped too, so that no text can look like an attribute.

        As ``&quot;`` and ``&#x27;``, not with markupsafe's numbers: stored renditions have these bytes.
        """
        return cls(value if hasattr(value, "__html__") else escape(str(value)))


NOTHING = Html()
BREAK = Html("<br>")
join = NOTHING.join
#: Each part on a line of its own.
rows = BREAK.join


def lines(value: str) -> Html:
    """Return ``value`` with its line breaks kept."""
    return Html(escape(value)).replace("\n", BREAK)


def tag(name: str, *children: str, **attributes: str | int | None) -> Html:
    """Return the element; an attribute that is None or empty is left out."""
    opened = "".join(f' {key}="{escape(str(value))}"' for key, value in attributes.items() if value)
    if name in _VOID:
        return Html(f"<{name}{opened}>")
    return Html(f"<{name}{opened}>{join(children)}</{name}>")


def fill(html: str, address: Callable[[str], str]) -> str:
    """Return ``html`` with each picture's placeholder replaced by ``address(sha256)``."""
    return _ASSET.sub(lambda found: f'src="{escape(address(found[1]))}"', html)
