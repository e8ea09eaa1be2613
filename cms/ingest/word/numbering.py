"""Automatic numbers: what Word would print before each paragraph (ECMA-376 part 1, 17.9)."""

import re
from collections import defaultdict
from dataclasses import dataclass, replace

from docx.oxml.ns import qn

from cms.ingest.word.counting import printed
from cms.ingest.word.styles import Styles, is_on, path, value

PLACE = re.compile(r"%([1-9])")
LEVELS = range(9)


@dataclass(frozen=True)
class Label:
    """The number before a paragraph as printed; a bullet has no text that matters."""

    text: str
    level: int
    bullet: bool = False


@dataclass(frozen=True)
class Level:
    """One level of a list."""

    start: int = 1
    number_format: str = "decimal"
    text: str = ""
    legal: bool = False  # every number of this level in decimal digits
    restart_after: int | None = None  # the level that restarts this one; None: any above it
    style: str | None = None


class Numbering:
    """Counts through one document; ask for the labels in the order of its paragraphs."""

    def __init__(self, element, styles: Styles):
        self._styles = styles
        holders = list(element) if element is not None else []
        self._abstracts = {h.get(qn("w:abstractNumId")): h for h in holders if h.tag == qn("w:abstractNum")}
        self._nums = {h.get(qn("w:numId")): h for h in holders if h.tag == qn("w:num")}
        self._counters: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self._begun: set[tuple[str, int]] = set()
        self._levels: dict[str, dict[int, Level]] = {}

    def label(self, paragraph) -> Label | None:
        """Return the paragraph's label and count it, or None when it has none."""
        num_id, level = self._place(paragraph)
        levels = self.levels(num_id)
        if num_id is None or level not in levels:
            return None
        values = self._count(num_id, level, levels)
        definition = levels[level]
        if definition.number_format == "bullet":
            return Label("", level, bullet=True)
        return Label(
            PLACE.sub(lambda m: _number(int(m[1]) - 1, definition, levels, values), definition.text), level
        )

    def levels(self, num_id: str | None) -> dict[int, Level]:
        """Return the levels of a list with its own overrides; empty when the file does not define it."""
        if num_id is None or num_id not in self._nums:
            return {}
        if num_id not in self._levels:
            self._levels[num_id] = self._read_levels(num_id)
        return self._levels[num_id]

    def _read_levels(self, num_id: str) -> dict[int, Level]:
        abstract = self._abstract(num_id)
        found = {} if abstract is None else {_ilvl(e): _level(e) for e in abstract.findall(qn("w:lvl"))}
        for override in self._nums[num_id].findall(qn("w:lvlOverride")):
            level = _ilvl(override)
            if (own := override.find(qn("w:lvl"))) is not None:
                found[level] = _level(own)
            if (start := value(override, "w:startOverride")) is not None and level in found:
                found[level] = replace(found[level], start=int(start))
        return found

    def _place(self, paragraph) -> tuple[str | None, int]:
        """Return the list and level of a paragraph, from itself or through its style."""
        direct = paragraph.find(path("w:pPr/w:numPr"))
        level = value(direct, "w:ilvl") if direct is not None else None
        if direct is not None and (num_id := value(direct, "w:numId")) is not None:
            return num_id, int(level or 0)
        for style in self._styles.of_paragraph(paragraph):
            numbered = style.find(path("w:pPr/w:numPr"))
            if numbered is not None and (num_id := value(numbered, "w:numId")) is not None:
                own = self._level_of_style(num_id, style.get(qn("w:styleId")))
                return num_id, int(level or (own if own is not None else value(numbered, "w:ilvl") or 0))
        return None, 0

    def _level_of_style(self, num_id: str, style_id: str) -> int | None:
        return next((n for n, level in self.levels(num_id).items() if level.style == style_id), None)

    def _abstract(self, num_id: str, seen: frozenset = frozenset()):
        """Return the definition of a list, followed through list styles."""
        abstract = self._abstracts.get(value(self._nums[num_id], "w:abstractNumId"))
        if abstract is None or (link := value(abstract, "w:numStyleLink")) is None or num_id in seen:
            return abstract
        for style in self._styles.chain(link):
            linked = value(style, "w:pPr/w:numPr/w:numId")
            if linked is not None and linked in self._nums:
                return self._abstract(linked, seen | {num_id})
        return abstract

    def _count(self, num_id: str, level: int, levels: dict[int, Level]) -> dict[int, int]:
        """Count one paragraph. Lists with one definition share their counters, as in Word."""
        abstract = self._abstract(num_id)
        key = num_id if abstract is None else abstract.get(qn("w:abstractNumId"))
        counters = self._counters[key]
        if self._begins(num_id, level) or level not in counters:
            counters[level] = levels[level].start
        else:
            counters[level] += 1
        for above in range(level):
            counters.setdefault(above, levels[above].start if above in levels else 1)
        for below in LEVELS[level + 1 :]:
            after = levels[below].restart_after if below in levels else None
            if after is None or level < after:
                counters.pop(below, None)
        return counters

    def _begins(self, num_id: str, level: int) -> bool:
        """Whether the list counts anew here: where it is first used at a level whose start it overrides."""
        if (num_id, level) in self._begun:
            return False
        self._begun.add((num_id, level))
        overrides = self._nums[num_id].findall(qn("w:lvlOverride"))
        return any(_ilvl(o) == level and o.find(qn("w:startOverride")) is not None for o in overrides)


def _ilvl(element) -> int:
    return int(element.get(qn("w:ilvl"), "0"))


def _level(element) -> Level:
    restart = value(element, "w:lvlRestart")
    return Level(
        start=int(value(element, "w:start") or 1),
        number_format=_format(element),
        text=value(element, "w:lvlText") or "",
        legal=is_on(element.find(qn("w:isLgl"))),
        restart_after=None if restart is None else int(restart),
        style=value(element, "w:pStyle"),
    )


def _format(element) -> str:
    """Return the level's number format; newer formats stand in a choice with an older one to fall back on."""
    found = element.find(qn("w:numFmt"))
    if found is None:
        found = next(element.iter(qn("w:numFmt")), None)
    return "decimal" if found is None else found.get(qn("w:val"), "decimal")


def _number(place: int, definition: Level, levels: dict[int, Level], values: dict[int, int]) -> str:
    number_format = levels[place].number_format if place in levels else "decimal"
    if definition.legal:
        number_format = "decimal"
    return printed(values.get(place, 1), number_format)
