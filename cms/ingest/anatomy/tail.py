"""The end of an official document: who signed it, and when."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cms.document.model import Block
from cms.ingest.anatomy.clauses import clause_of
from cms.ingest.anatomy.dates import date_alone, dates_in
from cms.ingest.anatomy.head import ORG_NAME
from cms.ingest.draft import Line

MAX_SIGNATORIES, MAX_NAME_CHARS = 8, 42
SEAL = re.compile(r"[（(](?:盖章|章|印章|公章|代章)[）)]")
# What stands below the date or beside it and is no signature.
OTHER = re.compile(
    r"(?:附件|联系人|联系电话|联系方式|电话|地址|邮箱|抄送|主送|主题词|注|备注|校对)\s*[0-9]*\s*[:：]"
)


@dataclass(frozen=True)
class Signature:
    """``places`` are where its lines stand, to be taken out of the text."""

    issuing_body: str = ""
    issued_on: dt.date | None = None
    places: frozenset[int] = frozenset()


def find_signature(items: Sequence[Line | Block]) -> Signature:
    """Return the signature with its date; of several the first with a name, else the last."""
    found = [
        signature
        for place, item in enumerate(items)
        if isinstance(item, Line) and (signature := _at(items, place, item))
    ]
    signed = [signature for signature in found if signature.issuing_body]
    return signed[0] if signed else found[-1] if found else Signature()


def _at(items: Sequence[Line | Block], place: int, line: Line) -> Signature | None:
    text = SEAL.sub("", line.text).strip()
    if "\n" in text:
        return _in_one_paragraph(place, text)
    if day := date_alone(text):
        names = _names_above(items, place)
        return Signature("、".join(names.values()), day, frozenset({place, *names}))
    found = dates_in(text)
    if len(found) == 1 and found[0][2] == len(text) and (name := _name(text[: found[0][1]])):
        return Signature(name, found[0][0], frozenset({place}))
    return None


def _in_one_paragraph(place: int, text: str) -> Signature | None:
    """Names and date parted by line breaks inside one paragraph."""
    *above, last = (part.strip() for part in text.split("\n") if part.strip())
    day, names = date_alone(last), [_name(part) for part in above]
    return Signature("、".join(names), day, frozenset({place})) if day and all(names) else None


def _names_above(items: Sequence[Line | Block], place: int) -> dict[int, str]:
    """Return the signing bodies right above the date by their places, in order."""
    names: dict[int, str] = {}
    for above in range(place - 1, max(-1, place - 1 - MAX_SIGNATORIES), -1):
        item = items[above]
        name = _name(item.text) if isinstance(item, Line) and not clause_of(item) and not item.bullet else ""
        if not name:
            break
        names[above] = name
    return dict(sorted(names.items()))


def _name(text: str) -> str:
    """Return the organisation when the text is the name of one (or of several in one line)."""
    plain = SEAL.sub("", text).strip(" 　")
    if len(plain) > MAX_NAME_CHARS or OTHER.match(plain):
        return ""
    parts = [part for part in re.split(r"\s{2,}|　{1,}|、", plain) if part]
    joined = ["".join(part.split()) for part in parts]
    if joined and all(ORG_NAME.fullmatch(part) for part in joined):
        return "、".join(joined)
    whole = "".join(plain.split())  # 广 东 省 妇 联, spread over the line
    return whole if ORG_NAME.fullmatch(whole) else ""
