"""The table of differences in docs/platforms/README.md says what the platforms declare and render."""

import re
from pathlib import Path

import pytest

from cms.document.model import VariantText
from publishers import registry
from publishers.interface import API, Publisher, Rejected
from publishers.platforms.built_in import BUILT_IN
from publishers.testing.server import tags_of, text_of

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "platforms" / "README.md"
PLAIN = VariantText()
#: Rows that no declaration knows: a person keeps them.
TOLD = {"not known"}
PICTURES = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif"}
KB, MB = 1024, 1024 * 1024


def table() -> dict[str, dict[str, str]]:
    """Return the table's rows by their names, each with its cells by column."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    first = next(at for at, line in enumerate(lines) if line.startswith("| what differs"))
    head, _rule, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[first:]]
    return {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rows}


def built_in() -> dict[str, Publisher]:
    """Return the platforms that have a sheet, by slug."""
    slugs = [kind.platform.slug for kind in BUILT_IN]
    return {slug: registry.get(slug) for slug in slugs if slug != "partner"}


def title(publisher, _document) -> str:
    limits = publisher.platform.limits
    if limits.title_chars_advised:
        return f"advised ≤ {limits.title_chars_advised}"
    least = f"{limits.title_chars_min}–" if limits.title_chars_min else "≤ "
    return f"{least}{limits.title_chars}" if limits.title_chars else "no limit known"


def digest(publisher, document) -> str:
    if document.digest in text_of(publisher.render(document, PLAIN).html):
        return "in the text"
    return f"its own place, ≤ {publisher.platform.limits.digest_chars}"


def author(publisher, document) -> str:
    if f"作者：{document.byline}" in text_of(publisher.render(document, PLAIN).html):
        return "under the text"
    return f"its own place, ≤ {publisher.platform.limits.author_chars}"


def cover(publisher, document) -> str:
    bare = document.model_copy(update={"cover": None, "sections": document.sections[1:]})
    try:
        publisher.render(bare, PLAIN)
    except Rejected:
        return "needed"
    return "may be absent"


def covers(publisher, document) -> str:
    shown = publisher.render(document, PLAIN).extra.get("covers")
    return "1 or 3" if shown and len(shown) == 3 else "1"


def headings(publisher, document) -> str:
    found = {tag for tag, _attributes in tags_of(publisher.render(document, PLAIN).html)}
    kept = sorted(found & {"h2", "h3", "h4", "h5"})
    return "all become " + kept[0] if len(kept) == 1 else "keep their levels"


def styles(publisher, document) -> str:
    named = [attributes for _tag, attributes in tags_of(publisher.render(document, PLAIN).html)]
    paragraphs = sum("style" in attributes for attributes in named)
    return "inline styles" if paragraphs > len(named) / 2 else "plain"


def links(publisher, document) -> str:
    html = publisher.render(document, PLAIN).html
    assert "a" not in {tag for tag, _attributes in tags_of(html)}
    assert "[1]https://booking.example/?a=1&b=2" in text_of(html)
    return "footnotes"


def pictures(publisher, _document) -> str:
    rules = publisher.platform.pictures
    kinds = ", ".join(PICTURES[mime] for mime in rules.mimes)
    size = f"{rules.max_bytes // MB} MB" if rules.max_bytes >= MB else f"{(rules.max_bytes + 1) // 1000} KB"
    return f"{kinds}; {size}"


def ways(publisher, _document) -> str:
    platform = publisher.platform
    contract = " (contract)" if platform.contract else ""
    return ", ".join(way + contract if way == API else way for way in platform.transports)


def consent(publisher, _document) -> str:
    return "OAuth" if publisher.platform.can_connect else "–"


def edition(publisher, _document) -> str:
    return str(publisher.platform.edition_size)


def hosts(publisher, _document) -> str:
    return ", ".join(publisher.platform.article_hosts) or "not known"


def console(publisher, _document) -> str:
    return publisher.platform.console.removeprefix("https://").rstrip("/") or "not known"


def over_the_interface(field):
    """Return how a row is read that only the platform's own interface has."""

    def said(publisher, _document) -> str:
        return "by call" if getattr(publisher.platform, field) else "–"

    return said


ROWS = {
    "ways, the usual one first": ways,
    "title, characters": title,
    "digest": digest,
    "author": author,
    "cover": cover,
    "covers in its list": covers,
    "headings": headings,
    "look": styles,
    "foreign links": links,
    "pictures": pictures,
    "articles at once": edition,
    "hosts of its articles": hosts,
    "console": console,
    "connected by": consent,
    "interface: correct": over_the_interface("can_correct"),
    "interface: withdraw": over_the_interface("can_withdraw"),
    "interface: ask what became of it": over_the_interface("can_look"),
    "interface: figures": over_the_interface("figure_days"),
    "interface: callbacks": over_the_interface("can_receive"),
}


def test_the_table_has_every_built_in_platform_and_every_row():
    rows = table()
    assert set(rows) == {*ROWS, *TOLD}
    for cells in rows.values():
        assert list(cells) == [*built_in(), "test"]
        assert all(cells.values())


@pytest.mark.parametrize("slug", built_in())
@pytest.mark.parametrize("row", ROWS)
def test_the_cell_says_what_the_platform_declares(document, row, slug):
    assert table()[row][slug] == ROWS[row](built_in()[slug], document)


@pytest.mark.parametrize("row", [*ROWS, *TOLD])
def test_the_tests_that_a_row_names_exist(row):
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", table()[row]["test"])
    assert named
    for path, name in named:
        assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8")
