"""Stories, events and commentaries: title, subtitle, byline, text."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from cms.document.model import Block, Heading
from cms.ingest.anatomy.blocks import (
    SENTENCE_ENDS,
    blocks_of,
    heading_of,
    list_of,
    paragraph_of,
    shift_of,
)
from cms.ingest.draft import Draft, Line

MAX_TITLE_CHARS, MAX_BYLINE_CHARS, MAX_BOLD_HEADING_CHARS = 64, 60, 30
SUBTITLE = re.compile(r"(?:——|—|--)\s*(?=\S)")
BYLINE = re.compile(
    r"(?:作者|撰文|撰稿|文字|文|图文|文图|文/图)\s*[:：/|｜]\s*\S.*|(?:本报|本网|本刊)?(?:记者|通讯员|特约撰稿人)\s*[:：]?\s*\S.*"
)
BYLINE_LABEL = re.compile(r"(?:作者|撰文|撰稿)\s*[:：/|｜]\s*")
SOURCE = re.compile(r"(?:文章)?(?:来源|稿源)\s*[:：]\s*(?P<name>\S.{0,80})")
AUTOMATIC_LIST = re.compile(r"(\d{1,3})[.．、)）]?")


def read_article(items: Sequence[Line | Block]) -> Draft:
    """Return the article; what is not surely title, byline or source stays in its text."""
    draft = Draft()
    rest = _take_title(draft, list(items))
    rest = _take_credits(draft, rest)
    shift = shift_of(rest)
    draft.blocks = list(_blocks(rest, shift))
    return draft


def _take_title(draft: Draft, items: list[Line | Block]) -> list[Line | Block]:
    first = items[0]
    if not isinstance(first, Line) or not _may_be_title(first):
        return items
    draft.title = " ".join(first.text.split())
    rest = items[1:]
    while first.heading == 0 and rest and isinstance(rest[0], Line) and rest[0].heading == 0:
        draft.title += " ".join(rest[0].text.split())  # a title that was broken into two paragraphs
        rest.pop(0)
    if rest and isinstance(rest[0], Line) and (match := SUBTITLE.match(rest[0].text)):
        draft.subtitle = rest[0].text[match.end() :].strip()
        rest.pop(0)
    return rest


def _may_be_title(line: Line) -> bool:
    if line.number or line.bullet:
        return False
    is_short = len(line.text) <= MAX_TITLE_CHARS and not line.text.endswith(("。", "；", "：", "，"))
    return line.heading in (0, 1) or is_short


def _take_credits(draft: Draft, items: list[Line | Block]) -> list[Line | Block]:
    """Take byline and source from the first lines after the title, one line each at most."""
    rest = list(items)
    while rest and isinstance(rest[0], Line) and len(rest[0].text) <= MAX_BYLINE_CHARS:
        text = " ".join(rest[0].text.split())
        if not draft.byline and BYLINE.fullmatch(text) and not text.endswith(("。", "：")):
            draft.byline = BYLINE_LABEL.sub("", text)
        elif not draft.source_name and (match := SOURCE.fullmatch(text)):
            draft.source_name = match["name"]
        else:
            break
        rest.pop(0)
    return rest


def _blocks(items: Sequence[Line | Block], shift: int) -> Iterator[Block]:
    for counted, group in groupby(items, key=_is_counted):
        alike = list(group)
        lines = [item for item in alike if isinstance(item, Line)]
        if counted and _runs_from_one(lines):
            yield list_of(lines, ordered=True)
        else:
            yield from blocks_of(alike, lambda line: _block(line, shift))


def _is_counted(item: Line | Block) -> bool:
    return isinstance(item, Line) and not item.heading and bool(AUTOMATIC_LIST.fullmatch(item.number))


def _runs_from_one(lines: Sequence[Line]) -> bool:
    """Whether a list would print the same numbers; one that a picture interrupts would begin again at 1."""
    numbers = [int(match[1]) for line in lines if (match := AUTOMATIC_LIST.fullmatch(line.number))]
    return (
        len(lines) > 1 and len({line.level for line in lines}) == 1 and numbers == [*range(1, len(lines) + 1)]
    )


def _block(line: Line, shift: int) -> Block:
    if line.heading is not None:
        return heading_of(line, shift)
    if _is_bold_heading(line):
        return Heading(level=2, text=" ".join(line.text.split()))
    return paragraph_of(line)


def _is_bold_heading(line: Line) -> bool:
    bold = all("bold" in span.marks for span in line.spans)
    is_short = len(line.text) <= MAX_BOLD_HEADING_CHARS and "\n" not in line.text
    return bold and is_short and line.text[-1] not in SENTENCE_ENDS
