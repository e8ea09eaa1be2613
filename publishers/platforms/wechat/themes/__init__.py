"""House themes: how an article is dressed for WeChat, chosen per account.

Each is ``base.css`` and a sheet of its own, written into every element, because the platform drops
``<style>`` and ``class`` (docs/platforms/wechat.md, section 8).
"""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from publishers.rendering import Manner
from publishers.rendering.styles import inline_styles

#: By slug, the usual one first.
THEMES = {
    "kapok": _("Kapok"),
    "coast": _("Coast"),
    "banyan": _("Banyan"),
    "paper": _("Letter paper"),
}
_FOLDER = Path(__file__).parent
_MANNERS = {
    theme: Manner(styles=inline_styles(_FOLDER / "base.css", _FOLDER / f"{theme}.css"), group="section")
    for theme in THEMES
}


def manner(theme: str) -> Manner:
    """Return how ``theme`` writes; empty: the usual one."""
    return _MANNERS[theme or next(iter(THEMES))]
