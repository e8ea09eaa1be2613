"""What Word says without saying it: numbers, merged cells, pictures, and files that are strange and sound."""

import zipfile
from io import BytesIO

import pytest
from django.utils import translation
from docx.opc.constants import RELATIONSHIP_TYPE as RELATION

from cms.document.model import Image, Table
from cms.ingest.pictures import Pictures
from cms.ingest.reading import read_manuscript
from cms.ingest.word.counting import printed
from tests.cms.ingest import hostile
from tests.cms.ingest.importing import grid
from tests.cms.ingest.word_xml import RawWord, element, paragraph, run
from tests.factories import picture_bytes


def saved(word: RawWord) -> BytesIO:
    out = BytesIO()
    word.document.save(out)
    return out


def items_of(file: BytesIO) -> list:
    with Pictures() as pictures:
        return read_manuscript(file, "a.docx", pictures).items


def level(number: int, text: str, number_format="decimal", more="") -> str:
    return (
        f'<w:lvl w:ilvl="{number}"><w:start w:val="1"/><w:numFmt w:val="{number_format}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def numbers(word: RawWord, *paragraphs: tuple[int, int]) -> list[str]:
    """Return what is printed before paragraphs of (list, level)."""
    for numbering, depth in paragraphs:
        word.clause(numbering, depth, "文字")
    return [line.number for line in items_of(saved(word))]


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (1, "chineseCounting", "一"),
        (10, "chineseCountingThousand", "十"),
        (11, "japaneseCounting", "十一"),
        (20, "chineseCountingThousand", "二十"),
        (21, "chineseCounting", "二十一"),
        (101, "chineseCountingThousand", "一百零一"),
        (110, "chineseCountingThousand", "一百一十"),
        (21, "chineseLegalSimplified", "贰拾壹"),
        (20, "ideographDigital", "二〇"),
        (3, "ideographTraditional", "丙"),
        (12, "ideographZodiac", "亥"),
        (3, "decimalEnclosedCircle", "③"),
        (20, "decimalEnclosedCircleChinese", "⑳"),
        (21, "decimalEnclosedCircle", "㉑"),
        (7, "decimalZero", "07"),
        (12, "decimalFullWidth", "１２"),
        (28, "lowerLetter", "bb"),
        (14, "upperRoman", "XIV"),
        (5, "none", ""),
        (5, "a format of tomorrow", "5"),
        (0, "upperLetter", "0"),
    ],
)
def test_numbers_are_printed_as_word_prints_them(value, number_format, text):
    assert printed(value, number_format) == text


def test_a_level_begins_anew_after_a_higher_one_and_goes_on_after_a_lower_one():
    word = RawWord()
    word.define_list(50, level(0, "%1.") + level(1, "%1.%2"))
    one = word.use_list(50)
    asked = [(one, 0), (one, 1), (one, 1), (one, 0), (one, 1), (one, 0)]
    assert numbers(word, *asked) == ["1.", "1.1", "1.2", "2.", "2.1", "3."]


def test_a_level_that_never_restarts_counts_through():
    word = RawWord()
    word.define_list(50, level(0, "%1.") + level(1, "（%2）", more='<w:lvlRestart w:val="0"/>'))
    one = word.use_list(50)
    assert numbers(word, (one, 0), (one, 1), (one, 0), (one, 1)) == ["1.", "（1）", "2.", "（2）"]


def test_a_list_with_a_start_of_its_own_begins_there_once_and_after_every_higher_number():
    word = RawWord()
    word.define_list(50, level(0, "%1.") + level(1, "（%2）"))
    first = word.use_list(50)
    own = word.use_list(50, '<w:lvlOverride w:ilvl="1"><w:startOverride w:val="4"/></w:lvlOverride>')
    asked = [(first, 0), (first, 1), (own, 1), (own, 1), (own, 0), (own, 1), (first, 1)]
    assert numbers(word, *asked) == ["1.", "（1）", "（4）", "（5）", "2.", "（4）", "（5）"]


def test_a_level_below_one_that_was_never_counted_begins_with_its_first_number():
    word = RawWord()
    word.define_list(50, level(0, "%1.") + level(1, "%1.%2"))
    one = word.use_list(50)
    assert numbers(word, (one, 1), (one, 1), (one, 0)) == ["1.1", "1.2", "2."]


def test_a_level_may_restart_after_one_further_up_only():
    word = RawWord()
    restart = '<w:lvlRestart w:val="1"/>'
    word.define_list(50, level(0, "%1.") + level(1, "（%2）") + level(2, "%3）", more=restart))
    one = word.use_list(50)
    asked = [(one, 0), (one, 1), (one, 2), (one, 1), (one, 2), (one, 0), (one, 2)]
    assert numbers(word, *asked) == ["1.", "（1）", "1）", "（2）", "2）", "2.", "1）"]


def test_lists_of_one_definition_count_together_and_others_apart():
    word = RawWord()
    word.define_list(50, level(0, "%1."))
    word.define_list(51, level(0, "%1）"))
    one, same, other = word.use_list(50), word.use_list(50), word.use_list(51)
    assert numbers(word, (one, 0), (same, 0), (other, 0), (one, 0)) == ["1.", "2.", "1）", "3."]


def test_a_legal_level_prints_every_number_in_digits():
    word = RawWord()
    word.define_list(
        50, level(0, "第%1章", "chineseCounting") + level(1, "%1.%2", "chineseCounting", "<w:isLgl/>")
    )
    one = word.use_list(50)
    assert numbers(word, (one, 0), (one, 1)) == ["第一章", "1.1"]


def test_a_list_that_the_file_does_not_define_prints_nothing():
    word = RawWord()
    word.clause(77, 0, "文字")
    assert [(line.number, line.text) for line in items_of(saved(word))] == [("", "文字")]


def test_an_empty_paragraph_of_a_list_counts_and_a_deleted_one_does_not():
    word = RawWord()
    word.define_list(50, level(0, "%1."))
    one = word.use_list(50)
    numbered = f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{one}"/></w:numPr>'
    word.raw(
        paragraph(run("甲"), numbered),
        paragraph("", numbered),
        paragraph(
            "<w:del><w:r><w:delText>乙</w:delText></w:r></w:del>", f"{numbered}<w:rPr><w:del/></w:rPr>"
        ),
        paragraph(run("丙"), numbered),
    )
    assert [line.number + line.text for line in items_of(saved(word))] == ["1.甲", "3.丙"]


@pytest.mark.parametrize("around", ["{}", "<w:sdt><w:sdtContent>{}</w:sdtContent></w:sdt>"])
def test_words_whose_end_was_deleted_are_kept_where_nothing_continues_them(around):
    word = RawWord()
    word.raw(around.format(paragraph(run("文字"), "<w:rPr><w:del/></w:rPr>")))
    assert [line.text for line in items_of(saved(word))] == ["文字"]


@pytest.mark.parametrize(
    ("name", "properties", "heading"),
    [
        ("标题", "", 0),
        ("标题 2", "", 2),
        ("章名", '<w:outlineLvl w:val="1"/>', 2),
        ("章名", '<w:outlineLvl w:val="9"/>', None),
        ("正文段落", "", None),
    ],
)
def test_a_heading_is_told_by_its_style_in_chinese_or_by_its_outline(name, properties, heading):
    word = RawWord()
    word.define_style("Own", name, properties)
    word.raw(paragraph(run("文字"), '<w:pStyle w:val="Own"/>'))
    assert items_of(saved(word))[0].heading == heading


@pytest.mark.parametrize(("own", "align"), [("", "center"), ("both", "left"), ("end", "right")])
def test_where_a_paragraph_stands_goes_before_where_its_style_does(own, align):
    word = RawWord()
    word.define_style("Own", "落款", '<w:jc w:val="center"/>')
    word.raw(paragraph(run("文字"), '<w:pStyle w:val="Own"/>' + (f'<w:jc w:val="{own}"/>' if own else "")))
    assert items_of(saved(word))[0].align == align


def test_lines_of_a_table_of_contents_are_left_out():
    word = RawWord()
    word.define_style("Toc1", "toc 1", "")
    word.raw(paragraph(run("第一章 1"), '<w:pStyle w:val="Toc1"/>'), paragraph(run("正文")))
    assert [line.text for line in items_of(saved(word))] == ["正文"]


@pytest.mark.parametrize(
    ("properties", "marks"),
    [
        ("<w:b/>", ("bold",)),
        ('<w:b w:val="0"/>', ()),
        ('<w:b w:val="off"/><w:i/>', ("italic",)),
        ('<w:vertAlign w:val="superscript"/>', ("sup",)),
        ('<w:rStyle w:val="Loud"/>', ("bold",)),
        ('<w:rStyle w:val="Loud"/><w:b w:val="false"/>', ()),
    ],
)
def test_words_are_marked_by_themselves_and_else_by_their_style(properties, marks):
    word = RawWord()
    style = (
        '<w:style w:type="character" w:styleId="Loud"><w:name w:val="Loud"/><w:rPr><w:b/></w:rPr></w:style>'
    )
    word.document.styles.element.append(element(style))
    word.raw(paragraph(run("文字", properties)))
    assert items_of(saved(word))[0].spans[0].marks == marks


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('<w:sym w:font="Wingdings" w:char="F0FE"/>', "☑"),
        ('<w:sym w:font="Wingdings" w:char="f0a8"/>', "□"),
        ('<w:sym w:font="Wingdings" w:char="F001"/>', ""),
        ("<w:noBreakHyphen/>", "-"),
        ("<w:tab/>", " "),
        ("<w:br/>", "\n"),
        ('<w:br w:type="page"/>', ""),
    ],
)
def test_a_sign_that_is_no_letter_is_read_as_what_it_shows(written, read):
    word = RawWord()
    word.raw(paragraph(f"{run('前')}<w:r>{written}</w:r>{run('后')}"))
    assert items_of(saved(word))[0].text == f"前{read}后"


def test_a_link_may_be_a_field_in_one_piece():
    word = RawWord()
    field = f"""<w:fldSimple w:instr=' HYPERLINK "https://example.org/" '>{run("报名")}</w:fldSimple>"""
    word.raw(paragraph(field))
    assert [(span.text, span.href) for span in items_of(saved(word))[0].spans] == [
        ("报名", "https://example.org/")
    ]


def test_words_struck_out_twice_are_struck_out_and_a_crop_of_nothing_is_none():
    word = RawWord()
    shape = word.document.add_picture(BytesIO(picture_bytes()))
    shape._inline.graphic.graphicData.pic.blipFill.insert(1, element('<a:srcRect l="0" t="0"/>'))
    word.raw(paragraph(run("作废", "<w:dstrike/>")))
    with translation.override("en"), Pictures() as pictures:
        [warning] = read_manuscript(saved(word), "a.docx", pictures).warnings
    assert "struck out" in warning


def test_a_number_stands_before_the_first_of_two_texts_that_a_picture_parts():
    word = RawWord()
    word.define_list(50, level(0, "%1."))
    line = word.clause(word.use_list(50), 0, "甲")
    line.add_run().add_picture(BytesIO(picture_bytes()))
    line.add_run("乙")
    items = items_of(saved(word))
    assert [getattr(item, "number", None) for item in items] == ["1.", None, ""]


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(run(text))}</w:tc>"


def table_in(*rows: str) -> Table:
    word = RawWord()
    word.raw(f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>")
    [table] = items_of(saved(word))
    return table


CONTINUES, RESTARTS, TWO = "<w:vMerge/>", '<w:vMerge w:val="restart"/>', '<w:gridSpan w:val="2"/>'


def test_a_cell_that_continues_nothing_keeps_its_words():
    table = table_in(cell("甲") + cell("乙"), cell("丙", CONTINUES) + cell("丁"))
    assert grid(table) == [["甲", "乙"], ["丙", "丁"]]


def test_a_cell_that_continues_one_of_another_width_stands_alone():
    table = table_in(cell("甲", RESTARTS + TWO) + cell("乙"), cell("丙", CONTINUES) + cell("丁") + cell("戊"))
    assert grid(table) == [["甲 2x1", "乙"], ["丙", "丁", "戊"]]


def test_a_table_that_begins_in_the_middle_of_a_merged_cell_begins_it():
    table = table_in(cell("甲", CONTINUES) + cell("乙"), cell("", CONTINUES) + cell("丙"))
    assert grid(table) == [["甲 1x2", "乙"], ["丙"]]


def test_a_row_that_was_deleted_is_left_out_and_one_that_was_put_in_is_read():
    def tracked(change, left, right):
        return f"<w:trPr><w:{change}/></w:trPr>" + cell(left) + cell(right)

    table = table_in(cell("甲") + cell("乙"), tracked("del", "丙", "丁"), tracked("ins", "戊", "己"))
    assert grid(table) == [["甲", "乙"], ["戊", "己"]]


def test_a_merged_cell_is_lower_by_a_row_that_was_deleted():
    table = table_in(
        cell("甲", RESTARTS) + cell("乙"),
        "<w:trPr><w:del/></w:trPr>" + cell("", CONTINUES) + cell("丙"),
        cell("", CONTINUES) + cell("丁"),
    )
    assert grid(table) == [["甲 1x2", "乙"], ["丁"]]


def test_a_table_of_which_every_row_was_deleted_is_gone():
    word = RawWord()
    rows = f"<w:tr><w:trPr><w:del/></w:trPr>{cell('甲')}{cell('乙')}</w:tr>" * 2
    word.raw(f"<w:tbl>{rows}</w:tbl>", paragraph(run("正文")))
    assert [line.text for line in items_of(saved(word))] == ["正文"]


def test_a_table_of_one_cell_is_a_frame_and_its_text_is_text():
    word = RawWord()
    word.raw(f"<w:tbl><w:tr>{cell('框内')}</w:tr></w:tbl>")
    assert [line.text for line in items_of(saved(word))] == ["框内"]


def test_a_cell_keeps_its_numbers_and_its_place_and_a_header_that_is_off_is_none():
    word = RawWord()
    word.define_list(50, level(0, "%1."))
    number = f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{word.use_list(50)}"/></w:numPr>'
    first = f"<w:tc>{paragraph(run('甲'), number)}{paragraph(run('乙'), number)}</w:tc>"
    right = '<w:jc w:val="right"/>'
    second = f"<w:tc>{paragraph(run('丙'), right)}</w:tc>"
    off = '<w:trPr><w:tblHeader w:val="0"/></w:trPr>'
    word.raw(f"<w:tbl><w:tr>{off}{first}{second}</w:tr></w:tbl>")
    [table] = items_of(saved(word))
    assert [(c.text, c.align, c.header) for c in table.rows[0]] == [
        ("1.甲\n2.乙", "left", False),
        ("丙", "right", False),
    ]


def test_a_table_within_a_table_comes_after_it():
    inner = f"<w:tbl><w:tr>{cell('内一')}{cell('内二')}</w:tr></w:tbl>"
    word = RawWord()
    word.raw(f"<w:tbl><w:tr>{cell('外')}<w:tc>{inner}<w:p/></w:tc></w:tr></w:tbl>")
    assert [grid(table) for table in items_of(saved(word))] == [[["外", ""]], [["内一", "内二"]]]


def test_a_table_of_contents_is_left_out_and_a_content_control_is_read():
    word = RawWord()
    gallery = '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj>'
    word.raw(
        f"<w:sdt><w:sdtPr>{gallery}</w:sdtPr><w:sdtContent>{paragraph(run('目录'))}</w:sdtContent></w:sdt>",
        f"<w:sdt><w:sdtContent>{paragraph(run('正文'))}</w:sdtContent></w:sdt>",
    )
    assert [line.text for line in items_of(saved(word))] == ["正文"]


@pytest.mark.parametrize("tag", ["w:sdt", "w:ins", "w:smartTag"])
def test_a_text_as_deep_as_is_allowed_is_read(tag):
    assert items_of(BytesIO(hostile.word_of(hostile.nested(tag, 190))))[0].text == "深处"


def test_tables_as_deep_as_is_allowed_are_read():
    row = "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>外</w:t></w:r></w:p></w:tc><w:tc>"
    body = row * 60 + hostile.words("深处") + "</w:tc></w:tr></w:tbl>" * 60
    tables = items_of(BytesIO(hostile.word_of(body)))
    assert len(tables) == 60 and "深处" in str(grid(tables[-1]))


def test_what_was_left_out_is_said_in_sentences():
    word = RawWord()
    word.raw(paragraph(run("作废", "<w:strike/>") + run("有效")))
    with translation.override("en"), Pictures() as pictures:
        found = read_manuscript(saved(word), "a.docx", pictures)
    assert [line.text for line in found.items] == ["作废有效"]
    assert found.warnings == [
        "Words that are struck out in the file are plain here. Delete those that no longer hold."
    ]


def test_a_picture_alone_is_a_text():
    word = RawWord()
    word.document.add_picture(BytesIO(picture_bytes()))
    [picture] = items_of(saved(word))
    assert isinstance(picture, Image)


def test_a_picture_that_the_file_names_and_does_not_hold_is_left_out_and_the_text_is_read():
    content = hostile.rewritten(hostile.word("文字", picture_bytes()), {hostile.PICTURE: None})
    with Pictures() as pictures, translation.override("en"):
        found = read_manuscript(BytesIO(content), "a.docx", pictures)
    assert [line.text for line in found.items] == ["文字"]
    assert found.warnings == ["1 picture is not in the file and was left out. Add it yourself."]


@pytest.mark.parametrize("target", ["NULL", "../NULL", "#_Toc1", "/word/media/gone.png"])
def test_relationships_that_lead_nowhere_are_read_over_as_word_does(target):
    word = RawWord()
    word.paragraph("文字")
    rels = "word/_rels/document.xml.rels"
    with zipfile.ZipFile(saved(word)) as opened:
        dead = (
            f'<Relationship Id="rId99" Type="{RELATION.IMAGE}" Target="{target}"/></Relationships>'.encode()
        )
        parts = {rels: opened.read(rels).replace(b"</Relationships>", dead)}
    content = hostile.rewritten(saved(word).getvalue(), parts)
    assert [line.text for line in items_of(BytesIO(content))] == ["文字"]
