"""Runs of text, lists and telephone numbers as HTML; everything that came from a person is escaped."""

import re
from collections.abc import Iterable, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from cms.document.model import ListItem, Span

TAGS = {"bold": "strong", "italic": "em", "sub": "sub", "sup": "sup"}
BREAK = mark_safe("<br>")
PHONE = re.compile(r"\+?\d[\d\- ]{1,18}\d")


def spans(runs: Iterable[Span]) -> SafeString:
    """Return runs of text with their marks and links. A link is a Document's Url, never a script."""
    return format_html_join("", "{}", ((_span(run),) for run in runs))


def nested_list(items: Sequence[ListItem], ordered: bool) -> SafeString:
    """Return the flat items as lists inside lists; an item holds those of a deeper level that follow it."""
    entries = []
    position = 0
    while position < len(items):
        head, end = items[position], position + 1
        while end < len(items) and items[end].level > head.level:
            end += 1
        inner = nested_list(items[position + 1 : end], ordered) if end > position + 1 else ""
        entries.append((spans(head.spans), inner))
        position = end
    return format_html(
        "<{0}>{1}</{0}>", "ol" if ordered else "ul", format_html_join("", "<li>{}{}</li>", entries)
    )


def first_phone(text: str) -> SafeString | None:
    """Return the first telephone number in the text as a link that dials."""
    match = PHONE.search(text)
    return _phone(match[0], "call") if match else None


def phones(text: str) -> SafeString:
    """Return the text with every telephone number in it as a link that dials."""
    parts, end = [], 0
    for match in PHONE.finditer(text):
        parts.append((text[end : match.start()],))
        parts.append((_phone(match[0], "phone"),))
        end = match.end()
    return format_html_join("", "{}", [*parts, (text[end:],)])


def _phone(number: str, style: str) -> SafeString:
    digits = re.sub(r"[^\d+]", "", number)
    return format_html('<a class="{}" href="tel:{}">{}</a>', style, digits, number)


def _span(run: Span) -> SafeString:
    html = format_html_join(BREAK, "{}", ((line,) for line in run.text.split("\n")))
    for mark in reversed(run.marks):
        html = format_html("<{0}>{1}</{0}>", TAGS[mark], html)
    return format_html('<a href="{}">{}</a>', run.href, html) if run.href else html
