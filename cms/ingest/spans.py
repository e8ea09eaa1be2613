"""Runs of text: joined, trimmed and cut without losing their marks."""

import re
from collections.abc import Iterable
from typing import Literal

from cms.document.model import Span, Spans

Mark = Literal["bold", "italic", "sub", "sup"]
# Control characters (a database refuses NUL), zero-width characters and byte order marks.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u2060\ufeff\ufffe\uffff\ud800-\udfff]")
BLANK = " \t\r\n\u00a0\u3000"


def text_of(spans: Iterable[Span]) -> str:
    return "".join(span.text for span in spans)


def tidy(spans: Iterable[Span]) -> Spans:
    """Return the spans without unprintable characters and outer blanks, equal neighbours joined."""
    joined: list[Span] = []
    for span in spans:
        text = UNPRINTABLE.sub("", span.text.replace("\u00a0", " "))
        if joined and _alike(joined[-1], span):
            text = joined.pop().text + text
        if text:
            joined.append(span.model_copy(update={"text": text}))
    return _trimmed(joined)


def cut(spans: Spans, chars: int) -> Spans:
    """Return the spans without their first ``chars`` characters and the blanks after them."""
    left: list[Span] = []
    for span in spans:
        text, chars = span.text[chars:], max(0, chars - len(span.text))
        if text:
            left.append(span.model_copy(update={"text": text}))
    return _trimmed(left)


def plain(text: str) -> Spans:
    return tidy([Span(text=text)]) if text else ()


def _alike(one: Span, other: Span) -> bool:
    return one.marks == other.marks and one.href == other.href


def _trimmed(spans: list[Span]) -> Spans:
    spans = list(spans)
    while spans and not (text := spans[0].text.lstrip(BLANK)):
        spans.pop(0)
    if spans:
        spans[0] = spans[0].model_copy(update={"text": text})
    while spans and not (text := spans[-1].text.rstrip(BLANK)):
        spans.pop()
    if spans:
        spans[-1] = spans[-1].model_copy(update={"text": text})
    return tuple(spans)
