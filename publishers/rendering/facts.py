"""The facts of a policy, an event or a commentary as rows of label and text.

The labels are in the articles' own language, whatever language the operator works in: no gettext here, and
the same bytes everywhere.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from cms.document.china import CHINA
from cms.document.model import CommentaryFacts, EventFacts, PolicyFacts, StoryFacts

WEEKDAYS = "一二三四五六日"
STATUS = {
    "in_force": "现行有效",
    "not_yet": "尚未施行",
    "amended": "已修改",
    "expired": "已失效",
    "repealed": "已废止",
}

Row = tuple[str, str]


def known(facts: StoryFacts | CommentaryFacts | PolicyFacts | EventFacts) -> list[Row]:
    """Return (label, text) for each fact that is known."""
    return [(label, text) for label, text in _ROWS[facts.kind](facts) if text]


def _story(facts: StoryFacts) -> Iterator[Row]:
    yield from ()


def _commentary(facts: CommentaryFacts) -> Iterator[Row]:
    yield "作者简介", facts.author_title


def _policy(facts: PolicyFacts) -> Iterator[Row]:
    yield "文号", facts.document_number
    yield "发文机关", facts.issuing_body
    yield "主送", facts.addressee
    yield "成文日期", date(facts.issued_on)
    yield "施行日期", date(facts.effective_on)
    yield "失效日期", date(facts.expires_on)
    yield "时效", STATUS[facts.status]


def _event(facts: EventFacts) -> Iterator[Row]:
    yield "时间", span(facts.starts_at, facts.ends_at)
    yield "地点", " ".join(part for part in (facts.place, facts.address) if part)
    yield "面向", facts.audience
    yield "名额", f"{facts.capacity}人" if facts.capacity else ""
    yield "报名", facts.signup_url or ""


#: Any: each takes the facts of its own kind.
_ROWS: dict[str, Callable[[Any], Iterator[Row]]] = {
    "policy": _policy,
    "event": _event,
    "commentary": _commentary,
    "story": _story,
}


def date(day: dt.date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def moment(at: dt.datetime) -> str:
    """Return a time as China's clocks show it, 2026年11月24日（周二）14:30."""
    local = at.astimezone(CHINA)
    return f"{date(local)}（周{WEEKDAYS[local.weekday()]}）{local:%H:%M}"


def span(starts_at: dt.datetime, ends_at: dt.datetime | None) -> str:
    if ends_at is None:
        return moment(starts_at)
    same_day = starts_at.astimezone(CHINA).date() == ends_at.astimezone(CHINA).date()
    end = f"{ends_at.astimezone(CHINA):%H:%M}" if same_day else moment(ends_at)
    return f"{moment(starts_at)}—{end}"
