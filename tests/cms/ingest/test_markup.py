"""Pages and Markdown from anybody."""

import base64
from io import BytesIO
from urllib.parse import quote

import lxml.html
import pytest
from django.utils import translation

from cms.ingest.html import cleaned
from cms.ingest.pictures import Pictures
from cms.ingest.reading import read_manuscript
from cms.refusals import Refused
from tests.cms.ingest.importing import grid
from tests.factories import picture_bytes

PNG = base64.b64encode(picture_bytes((40, 30), kind="PNG")).decode()


def manuscript(markup: str | bytes, name="a.html"):
    content = markup.encode() if isinstance(markup, str) else markup
    with Pictures() as pictures, translation.override("en"):
        return read_manuscript(BytesIO(content), name, pictures)


def texts(markup, name="a.html") -> list[str]:
    return [item.text for item in manuscript(markup, name).items]


def test_a_page_that_states_its_encoding_as_xml_does_is_read():
    head = '<?xml version="1.0" encoding="gb2312"?><html><head><title> 题\n目 </title></head>'
    found = manuscript(f"{head}<body>文字</body></html>".encode("gb18030"))
    assert (found.title, [item.text for item in found.items]) == ("题 目", ["文字"])


def test_a_page_in_utf_16_is_read_with_its_pictures():
    found = manuscript(f'<p>文字<img src="data:image/png;base64,{PNG}">'.encode("utf-16"))
    assert [item.text if hasattr(item, "text") else item.type for item in found.items] == ["文字", "image"]


@pytest.mark.parametrize("hidden", ["<span hidden>暗号</span>", '<i style="display:none">暗号</i>'])
def test_what_is_hidden_goes_and_the_words_around_it_stay(hidden):
    assert texts(f"<p>请于{hidden}九点入场。</p>{hidden}<p>谢谢。</p>") == ["请于九点入场。", "谢谢。"]


@pytest.mark.parametrize(
    "hostile",
    [
        '<a href="javascript:alert(1)">字</a>',
        '<a href="jAvAsCrIpT:alert(1)">字</a>',
        '<a href="vbscript:alert(1)">字</a>',
        '<img src="javascript:alert(1)">字',
        '<p onclick="alert(1)">字</p>',
        '<p style="background:url(javascript:alert(1))">字</p>',
        "<p>字<script>alert(1)</script></p>",
        '<p>字<iframe srcdoc="alert(1)"></iframe></p>',
        '<p>字<svg onload="alert(1)"><text>alert(1)</text></svg></p>',
    ],
)
def test_what_is_cleaned_carries_nothing_that_a_browser_would_carry_out(hostile):
    kept = cleaned(lxml.html.document_fromstring(f"<html><body>{hostile}</body></html>"))
    assert "字" in kept and "alert" not in kept and "script" not in kept.lower()


def test_addresses_that_a_reader_may_follow_survive_the_cleaning():
    addresses = ("http://a.example/", "https://a.example/", "mailto:a@a.example", "tel:12338")
    links = "".join(f'<a href="{address}">字</a>' for address in addresses)
    kept = cleaned(lxml.html.document_fromstring(f"<html><body>{links}</body></html>"))
    assert [element.get("href") for element in lxml.html.fromstring(kept).iter("a")] == list(addresses)


def test_a_line_break_in_the_source_is_no_blank_between_chinese_words():
    assert texts("<p>灯\n  亮了，and\nso on</p>") == ["灯亮了，and so on"]


def test_words_outside_any_paragraph_keep_their_place():
    assert texts("开头<div>中间<p>里面</p>后面</div>结尾") == ["开头", "中间", "里面", "后面", "结尾"]


def test_marks_and_links_within_each_other_are_kept():
    [line] = manuscript('<p><b>重<i>点</i></b><a href="https://example.org/"><b>看</b>这里</a></p>').items
    assert [(span.text, span.marks, span.href) for span in line.spans] == [
        ("重", ("bold",), None),
        ("点", ("bold", "italic"), None),
        ("看", ("bold",), "https://example.org/"),
        ("这里", (), "https://example.org/"),
    ]


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "#top", "/about", "data:text/html,1", "file:///x", "ftp://x"]
)
@pytest.mark.parametrize(("name", "form"), [("a.html", '<a href="{}">看</a>'), ("a.md", "[看]({})")])
def test_links_that_readers_cannot_or_must_not_follow_are_words(name, form, address):
    [line] = manuscript(form.format(address), name).items
    assert (line.text, line.spans[0].href) == ("看", None)


@pytest.mark.parametrize(
    "source",
    ["https://192.0.2.1/a.png", "//192.0.2.1/a.png", "a.png", "cid:1", "data:,1", ""],
)
@pytest.mark.parametrize(("name", "form"), [("a.html", '<p>字<img src="{}">'), ("a.md", "字\n\n![x](<{}>)")])
def test_a_picture_that_is_not_in_the_file_is_counted_and_left_out(name, form, source):
    found = manuscript(form.format(source), name)
    assert [item.text for item in found.items] == ["字"]
    assert found.warnings == ["1 picture is not in the file and was left out. Add it yourself."]


def test_a_picture_may_be_written_in_percent_signs():
    content = quote(picture_bytes((40, 30), kind="PNG"))
    assert [item.type for item in manuscript(f'<img src="data:image/png,{content}">').items] == ["image"]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        *(("a.html", f"<p>旧<{tag}>作废</{tag}>新</p>") for tag in ("del", "s", "strike")),
        ("a.md", "旧~~作废~~新"),
    ],
)
def test_struck_out_words_are_kept_and_said_to_be_plain(name, written):
    found = manuscript(written, name)
    assert [item.text for item in found.items] == ["旧作废新"]
    assert found.warnings == [
        "Words that are struck out in the file are plain here. Delete those that no longer hold."
    ]


def test_a_table_in_a_table_and_a_picture_in_a_list_come_after_them():
    inner = "<table><tr><td>内<td>部</table>"
    found = manuscript(
        f'<table><tr><td>外<td>{inner}</table><ul><li>灯<img src="data:image/png;base64,{PNG}"></ul>'
    )
    assert [item.type for item in found.items] == ["table", "table", "list", "image"]
    assert [grid(table) for table in found.items[:2]] == [[["外", ""]], [["内", "部"]]]


def test_a_cell_that_spans_beyond_its_table_ends_with_it():
    [table] = manuscript('<table><tr><td rowspan="9">甲<td>乙<tr><td>丙</table>').items
    assert grid(table) == [["甲 1x2", "乙"], ["丙"]]


@pytest.mark.parametrize(
    "tag",
    [
        *("p", "div", "pre", "section", "article", "main", "header", "footer", "figure", "figcaption"),
        *("center", "dl", "dt", "dd", "aside", "address"),
    ],
)
def test_what_stands_for_itself_on_a_page_is_a_line_of_its_own(tag):
    assert texts(f"前<{tag}>中</{tag}>后") == ["前", "中", "后"]


@pytest.mark.parametrize(
    "tag", ["script", "style", "noscript", "template", "iframe", "object", "select", "textarea", "nav"]
)
def test_what_is_no_text_of_the_article_is_left_out(tag):
    assert texts(f"<p>前</p><{tag}>不是正文</{tag}><p>后</p>") == ["前", "后"]


@pytest.mark.parametrize(
    ("written", "align"),
    [
        ('<p align="CENTER">字', "center"),
        ('<p align="justify">字', "left"),
        ('<p style="text-align : right">字', "right"),
        ('<p align="right" style="text-align:center">字', "center"),
        ("<center>字</center>", "center"),
        ('<div align="right"><p>字</p></div>', "right"),
        ('<div align="right"><p align="left">字</p></div>', "left"),
    ],
)
def test_a_line_stands_where_it_or_what_it_stands_in_is_put(written, align):
    [line] = manuscript(written).items
    assert line.align == align


def test_a_mark_within_itself_is_one_mark():
    [line] = manuscript("<p><b>重<strong>点</strong></b></p>").items
    assert [(span.text, span.marks) for span in line.spans] == [("重点", ("bold",))]


def test_neighbouring_links_are_two():
    [line] = manuscript('<p><a href="https://a.example/">甲</a><a href="https://b.example/">乙</a></p>').items
    assert [span.href for span in line.spans] == ["https://a.example/", "https://b.example/"]


def test_blanks_of_every_kind_and_signs_that_nobody_sees_are_no_words():
    assert texts("<p>\u200b Women&nbsp;in\u2060 \ufeff Tech\u200b&nbsp;</p>") == ["Women in  Tech"]


def test_a_quotation_keeps_its_lines_and_a_picture_in_it_comes_after_it():
    picture = f'<img src="data:image/png;base64,{PNG}">'
    quote, image = manuscript(f"<blockquote><p>先来看灯</p>{picture}<p>后来看书</p></blockquote>").items
    assert (quote.text, image.type) == ("先来看灯\n后来看书", "image")


def test_an_item_keeps_its_lines_and_is_no_deeper_than_a_text_shows():
    [block] = manuscript(f"<ul><li><p>灯</p><p>亮了</p></li>{'<li>深<ul>' * 5}<li>底</ul></ul>").items
    found = [("".join(span.text for span in item.spans), item.level) for item in block.items]
    assert found == [("灯\n亮了", 0), *(("深", level) for level in (0, 1, 2, 3, 3)), ("底", 3)]


def test_a_table_keeps_its_caption_its_headers_and_the_lines_and_places_of_its_cells():
    rows = '<tr><th>馆<td align="right">一<td><p style="text-align:center">甲</p><p>乙</p>'
    [table] = manuscript(f"<table><caption> 展位 </caption>{rows}</table>").items
    assert table.caption == "展位"
    assert [(cell.text, cell.header, cell.align) for cell in table.rows[0]] == [
        ("馆", True, "left"),
        ("一", False, "right"),
        ("甲\n乙", False, "center"),
    ]


def test_a_table_without_a_word_is_left_out_and_what_else_is_in_it_kept():
    found = manuscript(f'<table><tr><td><img src="data:image/png;base64,{PNG}"><td></table>').items
    assert [item.type for item in found] == ["image"]


@pytest.mark.parametrize(
    ("stated", "columns"), [("0", 1), ("-2", 1), ("二", 1), ("", 1), ("3", 3), ("999", 100)]
)
def test_a_cell_spans_what_a_page_may_state(stated, columns):
    [table] = manuscript(f'<table><tr><td colspan="{stated}">甲</table>').items
    assert table.rows[0][0].colspan == columns


@pytest.mark.parametrize("number", [1, 7])
def test_a_page_cannot_name_a_picture_that_it_does_not_hold(number):
    page = f'<p>字<img src="data:image/png;base64,{PNG}"><img src="data:image/aside,{number}">'
    with pytest.raises(Refused, match="no picture"):
        manuscript(page)


def test_a_picture_with_more_said_of_its_address_is_read():
    source = f"data:image/png;name=a.png;charset=utf-8;base64,{PNG}"
    assert [item.type for item in manuscript(f'<img src="{source}">').items] == ["image"]


def test_a_picture_whose_letters_are_broken_is_called_damaged():
    with pytest.raises(Refused, match="damaged"):
        manuscript(f'<img src="data:image/png;base64,{PNG[:-3]}">')


def test_html_in_markdown_is_words():
    assert texts("题目\n\n<b onclick=x>粗</b>\n", "a.md") == ["题目", "<b onclick=x>粗</b>"]
