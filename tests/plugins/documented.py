"""What docs/plugins.md says of the code, read from both. Run it to write the lists that are marked anew."""

import re
from pathlib import Path

from publishers.interface import bounds
from publishers.testing import (
    PROMISES,
    ByHandConformance,
    Conformance,
    FeedConformance,
)
from publishers.testing.scenarios import of_class

PAGE = Path(__file__).parents[2] / "docs" / "plugins.md"
CLASSES = (Conformance, FeedConformance, ByHandConformance)


def scenarios() -> str:
    """Return the list of all scenarios, by their numbers."""
    found = {number: made for kind in CLASSES for number, made in of_class(kind).items()}
    lines = []
    for number, promise in enumerate(PROMISES, start=1):
        lines.append(f"\n**{number} {promise}**\n")
        for each in sorted((each for each in found if each.startswith(f"{number}.")), key=_order):
            name, scenario = found[each]
            needs = "".join(f" · `{need}`" for need in scenario.needs)
            lines.append(f"- {each} {name.removeprefix('test_').replace('_', ' ')}{needs}")
    return "\n".join(lines).lstrip() + "\n"


def numbers() -> str:
    """Return the table of what numbers may be."""
    ranges = {name: f"{least:,} to {most:,}" for name, (least, most) in bounds.RANGES.items()}
    return _table(("number", "from, to"), ranges)


def texts() -> str:
    """Return the table of what texts may be."""
    return _table(("text", "expression"), {name: f"`{form}`" for name, form in bounds.PATTERNS.items()})


def _table(heading: tuple[str, str], cells: dict[str, str]) -> str:
    lines = [f"| {heading[0]} | {heading[1]} |", "|---|---|"]
    return "\n".join([*lines, *(f"| `{name}` | {cell} |" for name, cell in cells.items())]) + "\n"


#: What stands between two marks of the page, by the marks' name.
WRITTEN = {"scenarios": scenarios, "numbers": numbers, "texts": texts}


def marked(name: str) -> str:
    """Return what stands on the page between the marks of this name."""
    [found] = _between(name).findall(PAGE.read_text())
    return found


def _between(name: str) -> re.Pattern[str]:
    return re.compile(f"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.DOTALL)


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the first table under the heading that begins so."""
    section = PAGE.read_text().split(f"\n## {heading}", 1)[1].split("\n## ", 1)[0]
    table = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def names(heading: str) -> list[str]:
    """Return what stands in backticks in the first column there."""
    return [row[0].strip("`") for row in rows(heading)]


def _order(number: str) -> tuple[int, ...]:
    return tuple(int(part) for part in number.split("."))


if __name__ == "__main__":
    page = PAGE.read_text()
    for name, made in WRITTEN.items():
        page = _between(name).sub(lambda _found, made=made: made(), page)
    PAGE.write_text(page)
