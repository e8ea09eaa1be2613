"""House themes: each is WeChat's HTML to the byte, short enough, and readable by day and by night."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from cms.document.model import Cell, Paragraph, Section, Span, Table, VariantText
from publishers.platforms.wechat.plugin import WeChat
from publishers.platforms.wechat.render import body_length, render_wechat
from publishers.testing.documents import specimen
from publishers.testing.pictures import MemoryPicture
from publishers.testing.server import tags_of, text_of

PLAIN = VariantText()
THEMES = list(WeChat.platform.themes)
GOLDEN = Path(__file__).with_name("golden")
# (paper, ink) by day, and by night where nobody adapts a colour: the tokens of the hub's own look.
DAY, NIGHT = ("#ffffff", "#22262b"), ("#191614", "#ece7e1")
VOID = {"img", "br"}


@pytest.fixture(scope="module")
def document():
    made = specimen([MemoryPicture(colour) for colour in ("darkred", "teal", "olive")])
    wide = Table(
        rows=tuple(tuple(Cell(text="六个字的一格", header=row == 0) for _ in range(7)) for row in (0, 1))
    )
    sections = (*made.sections, Section(role="result", blocks=(wide,)))
    return made.model_copy(update={"sections": sections})


@pytest.mark.parametrize("theme", THEMES)
def test_each_theme_writes_to_the_byte_as_stored(document, theme):
    html = render_wechat(document, PLAIN, theme).html.replace("><", ">\n<") + "\n"
    for picture, name in zip(document.assets, ("cover", "first", "second"), strict=False):
        html = html.replace(picture, name)
    assert html == (GOLDEN / f"theme-{theme}.html").read_text(encoding="utf-8")


def test_the_first_theme_is_the_usual_one(document):
    assert render_wechat(document, PLAIN) == render_wechat(document, PLAIN, THEMES[0])
    assert len({render_wechat(document, PLAIN, theme).html for theme in THEMES}) == len(THEMES) == 4


@pytest.mark.parametrize("theme", THEMES)
def test_a_theme_changes_the_dress_and_no_word_or_picture(document, theme):
    plain, dressed = render_wechat(document, PLAIN), render_wechat(document, PLAIN, theme)
    assert text_of(dressed.html) == text_of(plain.html)
    assert (dressed.assets, dressed.extra) == (plain.assets, plain.extra)
    assert [tag for tag, _attributes in tags_of(dressed.html)] == [tag for tag, _ in tags_of(plain.html)]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("page", "least"), [(DAY, 4.5), (NIGHT, 3.0)])
def test_every_text_is_readable_by_day_and_where_a_dark_page_adapts_nothing(document, theme, page, least):
    ground, ink = page
    reader = Colours(ground, ink)
    reader.feed(render_wechat(document, PLAIN, theme).html)
    assert len(reader.seen) > 40
    assert {pair: ratio for pair in set(reader.seen) if (ratio := contrast(*pair)) < least} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_no_theme_costs_a_long_article_its_budget(document, theme):
    clauses = [Paragraph(spans=(Span(text="字" * 50),)) for _clause in range(100)]
    long = document.model_copy(update={"sections": (Section(role="body", blocks=tuple(clauses)),)})
    assert body_length(long, PLAIN, theme) < 10_000


@pytest.mark.parametrize("theme", THEMES)
def test_no_theme_uses_what_wechat_removes(document, theme):
    styles = " ".join(
        attributes.get("style") or ""
        for _tag, attributes in tags_of(render_wechat(document, PLAIN, theme).html)
    )
    assert not re.search(r"position|filter|url\(|@|!important", styles)


def test_contrast_is_that_of_wcag_2():
    assert contrast("#ffffff", "#000000") == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2, "contrast ratio")."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


class Colours(HTMLParser):
    """Collects (text colour, ground) of every text, as inline styles and inheritance give them."""

    def __init__(self, ground: str, ink: str):
        super().__init__()
        self.seen: list[tuple[str, str]] = []
        self._stack = [(ink, ground)]

    def handle_starttag(self, tag, attrs):
        if tag in VOID:
            return
        ink, ground = self._stack[-1]
        rules = dict(rule.split(":", 1) for rule in (dict(attrs).get("style") or "").split(";") if rule)
        self._stack.append((rules.get("color", ink), rules.get("background", ground)))

    def handle_endtag(self, tag):
        if tag not in VOID:
            self._stack.pop()

    def handle_data(self, data):
        if data.strip():
            self.seen.append(self._stack[-1])
