"""What a machine notices before review: sentences for the editor and her reviewers. Nothing here refuses.

What sign-off would refuse is said as well, by those who refuse it: ``cms.document.build`` and
``cms.checks.limits``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from wagtail.blocks import StreamValue
from wagtail.models import Page

from cms import channels
from cms.channels import Channel
from cms.checks import limits
from cms.document.build import PARTS, Built, Unbuildable, build
from cms.document.model import Document, ItemList, VariantText
from cms.document.phone import is_wider_than_a_phone
from cms.document.rich_text import blocks_of
from cms.document.tables import table_of
from cms.media.crops import is_large_enough
from cms.models import Office
from cms.refusals import Refused

#: Words that tell nobody where a link leads: on platforms it is a number, and a screen reader reads it alone.
EMPTY_LINK = re.compile(
    r"(请|欢迎)?(点击|点|戳|猛戳|见|查看|了解)?(这里|此处|链接|详情|更多|原文|查看|进入|下载)?(查看|了解|阅读|下载)?(详情|更多|全文)?"
    r"|(https?://|www\.)\S*|(click )?here|more",
    re.IGNORECASE,
)
#: Under a part's own title, or the article's, headings begin at this level.
FIRST_LEVEL = 2


@dataclass(frozen=True)
class Note:
    """``sentence`` says what is wrong and what helps; ``anchor`` is where in the editor, "" for nowhere."""

    sentence: str
    anchor: str = ""


def notes(page: Page, built: Built | None = None) -> list[Note]:
    """Return what is to be noticed of ``page`` as its revision gives it; ``built``: what it was built to."""
    try:
        built = built or build(page)
    except Unbuildable as error:
        return [*(Note(sentence) for sentence in error.sentences), *_of_blocks(page)]
    except Office.DoesNotExist:
        return [Note(_("The page stands in no office's branch: move it into a section first."))]
    return [*_of_limits(built), *_of_blocks(page), *_of_covers(built)]


def _of_limits(built: Built) -> Iterator[Note]:
    for problem in limits.problems(built):
        yield Note(problem.sentence, "#id_title" if problem.field == "title" else "")
    title = built.document.title
    for channel in channels.all_channels():
        limit = channel.limits.title_chars
        if channel.slug not in built.variants and limit is not None:
            try:
                over = channel.count(title) - limit
            except Refused as refusal:
                yield Note(refusal.sentence)
                continue
            if over > 0:
                sentence = _(
                    "The title is {over} characters too long for {channel} (limit {limit}): before it goes "
                    "there it needs a variant."
                )
                yield Note(sentence.format(over=over, channel=channel.name, limit=limit), "#id_title")


def _of_blocks(page: Page) -> Iterator[Note]:
    for _role, field, _title in PARTS[page.kind]:
        level = FIRST_LEVEL - 1
        for child in getattr(page, field):
            if child.value is None:
                continue
            anchor = f"#block-{child.id}-section"
            if child.block_type == "heading" and str(child.value["level"]).isdecimal():
                own = int(child.value["level"])
                if own > level + 1:
                    yield Note(_skipped(child.value["text"], own, level), anchor)
                level = own
            elif child.block_type == "table":
                yield from _of_table(child.value, anchor)
            yield from _of_links(child, anchor)


def _skipped(text: str, own: int, above: int) -> str:
    return _("The heading “{text}” is of level {own}, and there is none of level {missing} above it.").format(
        text=text, own=own, missing=above + 1
    )


def _of_table(value: dict, anchor: str) -> Iterator[Note]:
    table = table_of(value)
    if table and is_wider_than_a_phone(table):
        columns = max(len(row) for row in table.rows)
        sentence = _(
            "A table of {columns} columns is wider than a phone: there it is shown row by row, or has to be "
            "moved sideways. Fewer columns, or two tables, read better."
        )
        yield Note(sentence.format(columns=columns), anchor)


def _of_links(child: StreamValue.StreamChild, anchor: str) -> Iterator[Note]:
    for text in _linked(child):
        if EMPTY_LINK.fullmatch(text.strip(" 　：:>》→。，")):
            sentence = _("The link on “{text}” does not say where it leads: put it on words that do.")
            yield Note(sentence.format(text=text), anchor)


def _linked(child: StreamValue.StreamChild) -> Iterator[str]:
    """Yield the texts that links of one block stand on."""
    value = child.value
    sources = [value] if hasattr(value, "source") else []
    if hasattr(value, "values"):
        sources += [part for part in value.values() if hasattr(part, "source")]
    texts: list[str] = []

    def address(_attributes: dict[str, str], text: str) -> str:
        # By its number: an address takes no blanks, and words may be longer than any.
        texts.append(text)
        return f"https://link.invalid/{len(texts) - 1}"

    for rich in sources:
        for block in blocks_of(rich.source, address):
            groups = [item.spans for item in block.items] if isinstance(block, ItemList) else [block.spans]
            for spans in groups:
                numbers = (int(span.href.rpartition("/")[2]) for span in spans if span.href)
                yield from dict.fromkeys(texts[number] for number in numbers)


def _of_covers(built: Built) -> Iterator[Note]:
    """Say once for each cover where it will be blurred: its cut has fewer pixels than the channel shows."""
    small: dict[str, list[str]] = {}
    for channel in channels.all_channels():
        cover = built.variants.get(channel.slug, VariantText()).cover or built.document.cover
        if channel.slug != limits.SITE and cover and _is_small(built.document, cover.asset, channel):
            small.setdefault(cover.asset, []).append(channel.name)
    for sha256, names in small.items():
        asset = built.document.assets[sha256]
        sentence = _(
            "The cover of {width} × {height} pixels is too small for {channels}: it will be blurred."
        )
        size = {"width": asset.width, "height": asset.height}
        yield Note(sentence.format(**size, channels="、".join(names)), "#id_cover-chooser")


def _is_small(document: Document, sha256: str, channel: Channel) -> bool:
    asset = document.assets[sha256]
    if not asset.width or not asset.height:
        return False
    return not all(is_large_enough(asset.width, asset.height, shape) for shape in channel.covers)
