"""Whether what a plugin declares, or answers, is of the types and sizes that the interface names."""

import dataclasses
import datetime as dt
import json
import math
import re
import types
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

from django.utils.functional import Promise

from publishers.interface.declared import Platform

#: What numbers may be, each by its kind's and field's name; a field without one: any number from 0.
RANGES = {
    "Platform.edition_size": (1, 100),
    "Platform.concurrency": (1, 100),
    "Platform.figure_days": (0, 366),
    "Platform.waits": (0, 24 * 3600),
    "Quota.per_minute": (1, 10**9),
    "Quota.per_day": (1, 10**9),
    "PictureRules.max_bytes": (1, 10**9),
    "PictureRules.max_width": (1, 10**5),
    "PictureRules.covers": (1, 10**5),
    "Figure.value": (0, 2**63 - 1),
}
UPPER = 2**31 - 1
#: What texts must be, whole, each by its kind's and field's name, or by the method that answers it.
PATTERNS = {
    "Platform.slug": r"[a-z0-9][a-z0-9_-]{0,39}",
    "Platform.name": r".{1,100}",
    "Platform.colour": r"#[0-9a-fA-F]{6}",
    "Platform.base_url": r"(https?://\S+)?",
    "Platform.console": r"(https://\S+)?",
    "CredentialField.name": r"\w+",
    "Rendition.cover": r"[0-9a-f]{64}",
    "Rendition.assets": r"[0-9a-f]{64}",
    # What a platform wrote itself: it is made storable where it is kept.
    "Event.key": r"(?s:.+)",
    "Event.about": r"(?s:.*)",
    "Event.facts": r"(?s:.*)",
    "Received.once": r"[^\0\ud800-\udfff]{0,128}",
    "Grant.subject": r"[^\0\ud800-\udfff]{0,200}",
    "Grant.scope": r"[^\0\ud800-\udfff]{0,500}",
    "Figure.name": r"\w{1,40}",
    "Figure.url": r"\S{0,1000}",
    "authorize_url": r"https?://\S+",
}
#: Of these, what is not empty is an address as of ``is_page``, too.
ADDRESSES = ("Platform.base_url", "Platform.console", "authorize_url")
PAGE_CHARS = 1000
#: Any other text: whatever a database holds and somebody can write as UTF-8.
TEXT = r"[^\0\ud800-\udfff]*"
#: Moments that every database holds, in every time zone.
YEARS = range(1900, 9000)


def wrong(platform: Platform) -> tuple[str, object] | None:
    """Return the first field that is not as the interface says, with what it holds; None: all are."""
    return next(_wrong_fields(platform), None)


def wrong_answer(answer: object, hint: object, method: str) -> str | None:
    """Return what is not as ``hint`` says: a field's name, or the kind of the whole answer; None: all is."""
    if not _fits(answer, hint, method):
        return type(answer).__name__
    parts = answer if isinstance(answer, tuple | list) else (answer,)
    named = (_wrong_fields(part) for part in parts if dataclasses.is_dataclass(part))
    return next((field for fields in named for field, _value in fields), None)


def is_page(url: object) -> bool:
    """Return whether ``url`` can be a page that readers see, and a link on the hub's own."""
    if not isinstance(url, str) or len(url) > PAGE_CHARS or re.search(r"[\s\0-\x1f\x7f]", url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _wrong_fields(declared: object) -> Iterator[tuple[str, object]]:
    kind = type(declared)
    for name, hint in get_type_hints(kind).items():
        field, value = f"{kind.__name__}.{name}", getattr(declared, name)
        if not _fits(value, hint, field):
            yield field, value
        else:
            for part in value if isinstance(value, tuple | list) else (value,):
                if dataclasses.is_dataclass(part):
                    yield from _wrong_fields(part)


def _fits(value: object, hint: object, field: str) -> bool:
    """Return whether ``value``, of ``field`` or a part of it, is as ``hint`` and the tables say."""
    if isinstance(hint, types.UnionType):
        return any(_fits(value, each, field) for each in get_args(hint))
    match get_origin(hint), get_args(hint):
        case origin, (part, end) if origin is tuple and end is Ellipsis:
            return isinstance(value, tuple | list) and all(_fits(each, part, field) for each in value)
        case origin, parts if origin is tuple:
            if not isinstance(value, tuple | list) or len(value) != len(parts):
                return False
            return all(_fits(each, part, field) for each, part in zip(value, parts, strict=True))
        case origin, (part,) if origin is Sequence:
            return isinstance(value, tuple | list) and all(_fits(each, part, field) for each in value)
        case origin, (part,) if origin is frozenset:
            return isinstance(value, Set) and all(_fits(each, part, field) for each in value)
        case origin, (key, part) if origin is Mapping:
            if not isinstance(value, Mapping):
                return False
            return all(_fits(k, key, field) and _fits(v, part, field) for k, v in value.items())
    if hint is Any:
        return _is_json(value)
    if hint is str:
        fits = isinstance(value, str | Promise)
        fits = fits and re.fullmatch(PATTERNS.get(field, TEXT), str(value)) is not None
        return fits and (field not in ADDRESSES or not value or is_page(str(value)[:PAGE_CHARS]))
    if hint in (int, float):
        if isinstance(value, bool) or not isinstance(value, int if hint is int else (int, float)):
            return False
        least, most = RANGES.get(field, (0, UPPER))
        return math.isfinite(value) and least <= value <= most
    if isinstance(value, dt.datetime) and (value.tzinfo is None or value.year not in YEARS):
        return False
    return isinstance(hint, type) and isinstance(value, hint)


def _is_json(value: object) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        return False
    return True
