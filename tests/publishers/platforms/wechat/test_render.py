"""What WeChat's rendering keeps of section 8 of docs/platforms/wechat.md."""

from pathlib import Path

import pytest

from cms.document.model import Asset, Cell, Cover, Focus, Paragraph, Section, Span, Table, VariantText
from publishers.interface import Rejected
from publishers.platforms.wechat.plugin import WeChat
from publishers.platforms.wechat.render import CONTENT_CHARS, body_length, crops, final_length, render_wechat
from publishers.rendering import fill
from publishers.testing.server import tags_of, text_of

PLAIN = VariantText()
GOLDEN = Path(__file__).with_name("golden") / "policy.html"
LOST = {
    "script",
    "style",
    "iframe",
    "form",
    "input",
    "object",
    "embed",
    "video",
    "audio",
    "a",
    "details",
    "svg",
}


def in_lines(html):
    return html.replace("><", ">\n<") + "\n"


def with_blocks(document, *blocks):
    return document.model_copy(update={"sections": (Section(role="body", blocks=blocks),)})


def test_an_article_with_every_block_is_rendered_to_the_byte_as_stored(document):
    html = in_lines(render_wechat(document, PLAIN).html)
    for picture, name in zip(document.assets, ("cover", "first", "second"), strict=False):
        html = html.replace(picture, name)
    assert html == GOLDEN.read_text(encoding="utf-8")


def test_nothing_that_wechat_strips_or_refuses_is_sent(document):
    for tag, attributes in tags_of(render_wechat(document, PLAIN).html):
        assert tag not in LOST
        assert set(attributes) <= {"style", "src", "alt", "colspan", "rowspan"}
        assert "position" not in (attributes.get("style") or "")
        assert "filter" not in (attributes.get("style") or "")


def test_a_foreign_link_becomes_text_with_its_address_below(document):
    shown = text_of(render_wechat(document, PLAIN).html)
    assert "预约页面[1]" in shown
    assert "[1]https://booking.example/?a=1&b=2" in shown


def test_a_table_of_many_columns_scrolls_instead_of_squeezing(document):
    row = tuple(Cell(text=f"第{number}季度的人次") for number in range(7))
    html = render_wechat(with_blocks(document, Table(rows=(row,))), PLAIN).html
    assert "overflow-x:auto" in html
    assert "min-width:42em" in html


def test_seven_columns_of_figures_fit_a_phone_as_they_are(document):
    row = tuple(Cell(text=str(number)) for number in range(120, 127))
    html = render_wechat(with_blocks(document, Table(rows=(row,))), PLAIN).html
    assert "<table" in html and "overflow" not in html


def wide_list(rows, **of_one_cell):
    head = tuple(Cell(text=f"第{number}栏的名称", header=True) for number in range(6))
    body = [tuple(Cell(text=f"第{row}行第{number}格") for number in range(6)) for row in range(rows)]
    body[0] = (body[0][0].model_copy(update=of_one_cell), *body[0][1:])
    return Table(rows=(head, *body))


@pytest.mark.parametrize("rows", [2, 12])
def test_a_wide_list_becomes_one_record_for_each_row(document, rows):
    html = render_wechat(with_blocks(document, wide_list(rows)), PLAIN).html
    shown = text_of(html)
    assert "<table" not in html
    assert "第0栏的名称：第1行第0格" in shown and "第5栏的名称：第1行第5格" in shown


@pytest.mark.parametrize("table", [wide_list(13), wide_list(2, rowspan=2)])
def test_a_long_list_and_merged_cells_stay_a_table_that_scrolls(document, table):
    html = render_wechat(with_blocks(document, table), PLAIN).html
    assert "<table" in html and "overflow-x:auto" in html


def test_merged_cells_stay_merged(document):
    html = render_wechat(document, PLAIN).html
    assert 'colspan="2"' in html
    assert 'rowspan="2"' in html


@pytest.mark.parametrize("extra", [0, 1])
def test_html_of_twenty_thousand_characters_is_refused_and_never_cut(document, extra):
    def with_text(length):
        return with_blocks(document, Paragraph(spans=(Span(text="字" * length),)))

    frame = len(render_wechat(with_text(1), PLAIN).html) - 1
    fits = CONTENT_CHARS - 1 - frame
    assert len(render_wechat(with_text(fits), PLAIN).html) == CONTENT_CHARS - 1
    with pytest.raises(Rejected, match=str(CONTENT_CHARS + extra)):
        render_wechat(with_text(fits + 1 + extra), PLAIN)


def test_five_thousand_characters_in_a_hundred_clauses_fit(document):
    clauses = [Paragraph(spans=(Span(text="字" * 50),)) for _clause in range(100)]
    assert len(render_wechat(with_blocks(document, *clauses), PLAIN).html) < 12_000


def test_without_a_cover_the_first_picture_stands_for_it_and_without_any_it_is_refused(document):
    bare = document.model_copy(update={"cover": None})
    assert render_wechat(bare, PLAIN).cover == render_wechat(document, PLAIN).assets[0]
    with pytest.raises(Rejected):
        render_wechat(with_blocks(bare, Paragraph(spans=(Span(text="无图"),))), PLAIN)


@pytest.mark.parametrize(
    ("size", "focus", "wide", "square"),
    [
        ((2350, 1000), (500, 500), "0_0_1_1", "0.287234_0_0.712766_1"),
        ((1000, 1000), (500, 0), "0_0_1_0.425532", "0_0_1_1"),
        ((1000, 1000), (500, 1000), "0_0.574468_1_1", "0_0_1_1"),
        ((2000, 1000), (1000, 500), "0_0.074468_1_0.925532", "0.5_0_1_1"),
    ],
)
def test_crops_keep_the_focal_point(size, focus, wide, square):
    cover = Cover(asset="a" * 64, focus=Focus(x=focus[0], y=focus[1]))
    asset = Asset(mime="image/png", size=1, width=size[0], height=size[1])
    assert crops(cover, asset) == {"pic_crop_235_1": wide, "pic_crop_1_1": square}


def test_the_preview_shows_the_very_parts_that_are_sent(document):
    rendition = render_wechat(document, PLAIN)  # 900 × 600 pixels, its focal point at 80 % and 30 %
    page = WeChat().preview(rendition, "南粤女声")
    assert rendition.extra["crops"] == {
        "pic_crop_235_1": "0_0_1_0.638298",
        "pic_crop_1_1": "0.333333_0_1_1",
    }
    assert "aspect-ratio: 940 / 400; object-position: 50% 0.0%" in page
    assert "aspect-ratio: 400 / 400; object-position: 100.0% 50%" in page


def test_a_text_without_a_body_is_refused(document):
    with pytest.raises(Rejected):
        render_wechat(with_blocks(document), PLAIN)


def test_the_budget_counts_the_html_as_it_is_sent_and_the_preview_shows_it(document):
    rendition = render_wechat(document, PLAIN)
    addresses = {sha256: "https://mmbiz.qpic.cn/".ljust(160, "x") for sha256 in rendition.assets}
    sent = fill(rendition.html, addresses.__getitem__)
    assert final_length(rendition.html) == body_length(document, PLAIN) == len(sent)
    page = WeChat().preview(rendition, "南粤女声")
    assert f"{len(sent)} / {CONTENT_CHARS}" in page or f"{len(sent)} of {CONTENT_CHARS}" in page


#: Section 8, row by row: what the writer makes of it. Nothing of the left side can reach WeChat.
FORBIDDEN = (
    "<style", "class=", "<script", "onclick", "<iframe", "<form", "<input", "<object", "<embed", "<video",
    "<audio", "<image", "<a ", "href=", "id=", "position:", "filter:", "<svg", "<details", "url(",
)  # fmt: skip


@pytest.mark.parametrize("forbidden", FORBIDDEN)
def test_section_8_each_row(document, forbidden):
    assert forbidden not in render_wechat(document, PLAIN).html


def test_section_8_a_video_is_named_and_its_address_is_below(document):
    shown = text_of(render_wechat(document, PLAIN).html)
    assert "视频：三分钟看懂办法[2]" in shown and "[2]https://video.example/v/9" in shown


def test_section_8_a_link_to_wechat_is_text_like_any_other(document):
    linked = Paragraph(spans=(Span(text="上一篇", href="https://mp.weixin.qq.com/s/abc"),))
    html = render_wechat(with_blocks(document, linked), PLAIN).html
    assert "<a" not in html and "https://mp.weixin.qq.com/s/abc" in text_of(html)


def test_section_8_emoji_and_rare_characters_are_kept(document):
    words = Paragraph(spans=(Span(text="🌸𠮷"),))
    assert "🌸𠮷" in render_wechat(with_blocks(document, words), PLAIN).html


@pytest.mark.parametrize(("field", "limit"), [("title", 32), ("digest", 120), ("author", 16)])
def test_each_line_may_be_as_long_as_wechat_says_in_characters_and_is_never_cut(document, field, limit):
    longest = "题" * limit
    assert getattr(render_wechat(document, VariantText(**{field: longest})), field) == longest
    with pytest.raises(Rejected, match=str(limit)):
        render_wechat(document, VariantText(**{field: longest + "题"}))
