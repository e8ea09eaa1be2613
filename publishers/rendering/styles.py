"""Inline styles out of style sheets: ``.role { … }`` per role, worked out once by css-inline."""

import re
from html.parser import HTMLParser
from pathlib import Path

import css_inline


def inline_styles(*sheets: Path) -> dict[str, str]:
    """Return the style of each role that a sheet has a rule for, as short as css-inline writes it.

    Later sheets go before earlier ones. A specimen of every role is inlined, not each article: rules name one
    class and nothing else.
    """
    css = "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
    roles = dict.fromkeys(re.findall(r"\.([a-z][a-z0-9-]*)", css))
    specimen = "".join(f'<i class="{role}"></i>' for role in roles)
    inliner = css_inline.CSSInliner(load_remote_stylesheets=False, minify_css=True)
    reader = _Specimen()
    reader.feed(inliner.inline_fragment(specimen, css))
    return reader.styles


class _Specimen(HTMLParser):
    def __init__(self):
        super().__init__()
        self.styles: dict[str, str] = {}

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if given.get("style"):
            self.styles[given["class"]] = given["style"].rstrip(";")
