"""The clause levels of official documents: 一、 · （一） · 1. · （1）, typed or automatic."""

import re
from typing import Literal

from cms.document.model import Clause, Heading, Span
from cms.ingest.draft import Line
from cms.ingest.spans import cut

COUNT = "[一二三四五六七八九十百零〇]{1,5}"
Level = Literal[1, 2, 3, 4]
LEVELS: tuple[tuple[Level, re.Pattern[str]], ...] = (
    (1, re.compile(rf"(?:{COUNT}、|第{COUNT}条(?=[\s　]|$))")),
    (2, re.compile(rf"[（(]\s*{COUNT}\s*[）)]、?")),
    (3, re.compile(r"[0-9０-９]{1,3}(?:[．、]|\.(?![0-9０-９]))")),
    (4, re.compile(r"[（(]\s*[0-9０-９]{1,3}\s*[）)]")),
)
# An automatic number may lack the mark that a typed one needs to be told from a quantity.
AUTOMATIC: tuple[tuple[Level, re.Pattern[str]], ...] = (
    (1, re.compile(rf"(?:第{COUNT}条|{COUNT})")),
    (3, re.compile(r"[0-9]{1,3}[.)）]?")),
    (4, re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3})+[.、]?")),
)
CHAPTER = re.compile(rf"第{COUNT}(?P<unit>[编章节])[\s　]*")
# 一、二季度… and 三、五年… count time, they number no clause.
QUANTITY = re.compile(rf"{COUNT}、{COUNT}(?:季度|月|年|线|级|类|次|天|个)")


def clause_of(line: Line) -> Clause | None:
    """Return the clause that the line is, number as printed and text apart, or None."""
    if line.number:
        level = _level_of_automatic(line.number.strip())
        return Clause(number=line.number.strip(), level=level, spans=line.spans) if level else None
    if QUANTITY.match(line.text):
        return None
    for level, pattern in LEVELS:
        if match := pattern.match(line.text):
            spans = cut(line.spans, match.end())
            return Clause(number=match[0].strip(), level=level, spans=spans) if spans else None
    return None


def chapter_of(line: Line) -> Heading | None:
    """Return the heading that 第一章 总则 is, or None."""
    match = CHAPTER.match(line.number + line.text)
    if match is None or len(line.text) > 60:
        return None
    words = " ".join(
        part for part in (match[0].strip(" 　"), (line.number + line.text)[match.end() :]) if part
    )
    return Heading(level=3 if match["unit"] == "节" else 2, text=words)


def numbered(line: Line) -> Line:
    """Return the line with its automatic number as the first words of its text."""
    if not line.number:
        return line
    blank = "" if line.number[-1] in "、）．" else " "
    return Line((Span(text=line.number + blank), *line.spans), align=line.align, heading=line.heading)


def _level_of_automatic(number: str) -> Level | None:
    for level, pattern in (*LEVELS, *AUTOMATIC):
        if pattern.fullmatch(number):
            return level
    return None
