"""What the lines of an official document are, where the ten documents do not show it."""

import datetime as dt

import pytest
from django.utils import translation

from cms.document.model import Clause
from cms.ingest.anatomy import draft
from cms.ingest.anatomy.clauses import clause_of
from cms.ingest.anatomy.dates import dates_in
from cms.ingest.anatomy.head import document_number
from cms.ingest.draft import Line, Manuscript
from cms.ingest.spans import plain


def line(text: str, **given) -> Line:
    align, _, rest = text.partition("|") if "|" in text else ("left", "", text)
    return Line(plain(rest), align=align, **given)


def read(text: str, kind="policy"):
    """Read a manuscript of one line each; ``center|`` before a line is how it is aligned."""
    return draft(Manuscript([line(row) for row in text.strip().splitlines()]), kind, "文件名.txt")


def texts(found) -> list[str]:
    return [getattr(b, "number", "") + "".join(span.text for span in b.spans) for b in found.blocks]


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("岭妇字〔2026〕8号", "岭妇字〔2026〕8号"),
        ("岭妇字[2026]08号", "岭妇字〔2026〕8号"),
        ("岭妇字（２０２６）８号", "岭妇字〔2026〕8号"),
        ("岭妇字【2026】第 8 号　　签发人：林木森", "岭妇字〔2026〕8号"),
        ("（岭妇字〔2026〕8号）", "岭妇字〔2026〕8号"),
        ("第3号", "第3号"),
        ("2026年第3号", "2026年第3号"),
        ("岭妇字〔2026〕8号文件精神", ""),
        ("2026年3月8日", ""),
    ],
)
def test_a_document_number_is_recognised_as_it_is_written_and_put_in_one_form(written, number):
    assert document_number(written) == number


@pytest.mark.parametrize(
    ("written", "number", "level"),
    [
        ("一、目标", "一、", 1),
        ("二十一、附则", "二十一、", 1),
        ("第一百零二条　目的", "第一百零二条", 1),
        ("（三）方法", "（三）", 2),
        ("（三）、方法", "（三）、", 2),
        ("(三) 方法", "(三)", 2),
        ("3．做法", "3．", 3),
        ("12、做法", "12、", 3),
        ("（4）细节", "（4）", 4),
        ("(10)细节", "(10)", 4),
    ],
)
def test_each_level_of_clauses_is_recognised_as_it_is_typed(written, number, level):
    found = clause_of(line(written))
    assert (found.number, found.level) == (number, level)
    assert not "".join(span.text for span in found.spans).startswith((" ", "　", "、"))


@pytest.mark.parametrize(
    "written",
    [
        "1.5万册图书",
        "一、二季度",
        "一、二月份",
        "一、二线城市",
        "三、四级",
        "三、四类",
        "二、三次",
        "三、五天",
        "七、八个",
        "三、五年内",
        "2026、2027两年",
        "一是就近",
        "第一条路",
        "2026.3.8",
        "（见附件）",
    ],
)
def test_quantities_and_other_words_are_no_clauses(written):
    assert clause_of(line(written)) is None


@pytest.mark.parametrize(
    ("number", "level"),
    [
        ("一、", 1),
        ("一", 1),
        ("第五条", 1),
        ("（二）", 2),
        ("3.", 3),
        ("3", 3),
        ("（4）", 4),
        ("1.2", 4),
        ("a.", None),
    ],
)
def test_automatic_numbers_may_lack_the_mark_that_typed_ones_need(number, level):
    found = clause_of(Line(plain("内容"), number=number))
    assert (found and found.level) == level


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026年3月8日", dt.date(2026, 3, 8)),
        ("２０２６ 年 ３ 月 ８ 日", dt.date(2026, 3, 8)),
        ("二〇二六年三月八日", dt.date(2026, 3, 8)),
        ("二○二六年十一月三十日", dt.date(2026, 11, 30)),
        ("二零二六年十月二十一日", dt.date(2026, 10, 21)),
        ("二0二六年十月十日", dt.date(2026, 10, 10)),
        ("2026年2月30日", None),
        ("二〇二六年十三月一日", None),
    ],
)
def test_dates_are_read_in_every_way_of_writing_them(written, day):
    assert [found[0] for found in dates_in(written)] == ([day] if day else [])


def test_an_order_has_its_number_with_its_name_and_the_title_below():
    found = read(
        "center|岭南省妇女联合会令\ncenter|第 5 号\ncenter|妇女之家管理办法\n第一条　为了服务，制定本办法。"
    )
    assert (found.title, found.document_number) == ("妇女之家管理办法", "岭南省妇女联合会令第5号")
    assert found.issuing_body == "岭南省妇女联合会"


def test_an_order_without_another_title_is_its_own():
    found = read(
        "岭南省妇女联合会令\n第5号\n《办法》已经通过，现予公布，自2026年5月1日起施行。\n2026年4月1日"
    )
    assert (found.title, found.effective_on) == ("岭南省妇女联合会令", dt.date(2026, 5, 1))
    assert found.issued_on == dt.date(2026, 4, 1)


def test_a_date_below_the_title_is_no_part_of_it_and_neither_is_who_speaks():
    found = read("在全省工作会议上的讲话\n（2026年3月8日）\n林木森\n同志们：\n今天我们开会。")
    assert (found.title, found.issued_on) == ("在全省工作会议上的讲话", dt.date(2026, 3, 8))
    assert texts(found) == ["林木森", "同志们：", "今天我们开会。"]


def test_a_title_ends_where_the_lines_are_no_longer_centred():
    found = read("center|关于妇女之家\ncenter|开放时间\n周一到周五\n上午九点")
    assert found.title == "关于妇女之家开放时间"
    assert texts(found) == ["周一到周五", "上午九点"]


def test_a_title_may_break_after_a_word_that_could_end_it():
    found = read("关于印发2026年度工作计划\n和任务分工方案的通知\n各市妇联：\n现印发给你们。")
    assert (found.title, found.addressee) == ("关于印发2026年度工作计划和任务分工方案的通知", "各市妇联")


def test_of_lines_that_say_nothing_of_themselves_only_the_first_is_the_title():
    found = read("\n".join(f"第{number}行" for number in range(40)))
    assert (found.title, len(found.blocks)) == ("第0行", 39)


def test_blanks_that_spread_a_title_go_and_those_between_bodies_and_latin_words_stay():
    found = read("岭南省妇联　岭南省教育厅关于 Women in Tech 活动的\n通　　知\n各市妇联：\n正文。")
    assert found.title == "岭南省妇联 岭南省教育厅关于Women in Tech活动的通知"
    assert found.issuing_body == "岭南省妇联、岭南省教育厅"


@pytest.mark.parametrize(
    ("written", "addressee"),
    [
        ("各地级以上市妇联：", "各地级以上市妇联"),
        ("各社区妇女之家:", "各社区妇女之家"),
        ("省妇联机关各部室、各直属单位：", "省妇联机关各部室、各直属单位"),
        ("全省广大妇女姐妹：", "全省广大妇女姐妹"),
        ("现将有关要求通知如下：", ""),
        ("各地要抓好以下工作：", ""),
        ("请转发。各市妇联：", ""),
        (f"{'甲' * 396}省妇联：", f"{'甲' * 396}省妇联"),
        (f"{'甲' * 400}省妇联：", ""),
    ],
)
def test_the_addressee_is_told_from_a_line_that_introduces(written, addressee):
    found = read(f"关于夜校的通知\n{written}\n正文。")
    assert found.addressee == addressee
    assert (written in texts(found)) == (not addressee)


@pytest.mark.parametrize(
    "tail",
    [
        "right|岭南省妇联\nright|2026年4月1日",
        "岭 南 省 妇 联\n2026年4月1日",
        "岭南省妇联（盖章）　2026年4月1日",
        "right|岭南省妇联　　2026年4月1日\n（联系人：甲，电话：12338）",
    ],
)
def test_a_signature_is_recognised_wherever_it_stands(tail):
    found = read(f"关于夜校的通知\n各市妇联：\n正文。\n{tail}")
    assert (found.issuing_body, found.issued_on) == ("岭南省妇联", dt.date(2026, 4, 1))
    assert texts(found) == ["正文。", "（联系人：甲，电话：12338）"][: len(found.blocks)]


def test_of_several_signatures_the_first_is_the_documents_own():
    found = read(
        "关于夜校的通知\n各市妇联：\n正文。\n岭南省妇联\n2026年4月1日\n附件\n报名办法\n云山市妇联\n2026年3月1日"
    )
    assert (found.issuing_body, found.issued_on) == ("岭南省妇联", dt.date(2026, 4, 1))
    assert "云山市妇联" in str(found.blocks), "another one stays in the text"


@pytest.mark.parametrize(
    ("head", "tail", "body", "day"),
    [
        ("（2026年3月1日）", "岭南省妇联\n2026年4月1日", "岭南省妇联", dt.date(2026, 4, 1)),
        ("岭南省妇联文件", "云山市妇联\n2026年4月1日", "云山市妇联", dt.date(2026, 4, 1)),
        ("岭南省妇联文件", "2026年3月1日\n第二段。\n2026年4月1日", "岭南省妇联", dt.date(2026, 4, 1)),
    ],
)
def test_the_signature_goes_before_the_head_and_of_dates_without_a_name_the_last(head, tail, body, day):
    found = read(f"{head}\n关于夜校的通知\n各市妇联：\n正文。\n{tail}")
    assert (found.issuing_body, found.issued_on) == (body, day)


def test_name_and_date_may_be_two_lines_of_one_paragraph():
    lines = [
        line("关于夜校的通知"),
        line("各市妇联："),
        line("正文。"),
        Line(plain("岭南省妇联\n2026年4月1日")),
    ]
    found = draft(Manuscript(lines), "policy", "a.txt")
    assert (found.issuing_body, found.issued_on) == ("岭南省妇联", dt.date(2026, 4, 1))
    assert texts(found) == ["正文。"]


def test_a_clause_above_the_date_is_no_name():
    found = read("关于夜校的通知\n各市妇联：\n参加单位：\n（一）云山市妇联\n2026年4月1日")
    assert (found.issuing_body, texts(found)) == ("", ["参加单位：", "（一）云山市妇联"])


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("起施行", "有效期至"),
        ("起实施", "有效期限至"),
        ("起执行", "有效期截至"),
        ("起生效", "有效期限截至"),
        ("起试行", "有效期至"),
        ("起正式施行", "有效期至"),
        ("施行", "有效期至"),
    ],
)
def test_from_when_and_until_when_a_document_is_in_force_is_read_in_every_wording(since, until):
    found = read(f"夜校管理办法\n第一条　本办法自2026年5月1日{since}，{until}2028年4月30日。")
    assert (found.effective_on, found.expires_on) == (dt.date(2026, 5, 1), dt.date(2028, 4, 30))


def test_of_two_document_numbers_the_first_is_the_documents_own():
    found = read("岭妇字〔2026〕8号\n岭妇函〔2026〕9号\n关于夜校的通知\n各市妇联：\n正文。")
    assert (found.document_number, found.title) == ("岭妇字〔2026〕8号", "关于夜校的通知")


def test_the_mark_of_a_note_is_no_part_of_the_title():
    assert read("关于夜校的通知[1]\n各市妇联：\n正文。").title == "关于夜校的通知"


def test_numbers_are_clauses_again_where_the_list_of_attachments_has_ended():
    found = read("关于夜校的通知\n各市妇联：\n附件：1. 报名表\n2. 课程表\n一、填表说明\n1. 用钢笔填写。")
    assert [(block.type, getattr(block, "level", None)) for block in found.blocks] == [
        ("paragraph", None),
        ("paragraph", None),
        ("clause", 1),
        ("clause", 3),
    ]


def test_a_number_without_words_is_a_paragraph_and_a_section_stands_below_its_chapter():
    found = read(f"夜校管理办法\n第一章 总则\n第一节 目的\n一、\n第二章{'长' * 61}")
    kinds = [(block.type, getattr(block, "level", None)) for block in found.blocks]
    assert kinds == [("heading", 2), ("heading", 3), ("paragraph", None), ("paragraph", None)]


def test_a_date_within_the_text_signs_nothing():
    found = read("关于夜校的通知\n各市妇联：\n2026年4月1日开学。\n截至2026年3月31日，岭南省妇联已收到报名。")
    assert (found.issuing_body, found.issued_on) == ("", None)


@pytest.mark.parametrize(("written", "mark"), [("绝密", "绝密"), ("机密★1年", "机密"), ("秘密 ★", "秘密")])
def test_what_is_secret_is_said_to_be(written, mark):
    with translation.override("en"):
        found = read(f"{written}\n关于夜校的通知\n各市妇联：\n正文。")
    assert found.warnings == [f"The document is marked {mark}. It must not be published."]


def test_a_file_without_a_title_is_called_after_itself():
    found = read("这一段文字以句号结尾，所以不是题目。")
    assert (found.title, len(found.blocks)) == ("文件名", 1)


@pytest.mark.parametrize(
    ("text", "byline", "source"),
    [
        ("题目\n文/周文静\n正文。", "文/周文静", ""),
        ("题目\n作者：周文静\n来源：云山晚报\n正文。", "周文静", "云山晚报"),
        ("题目\n本报记者 周文静 通讯员 刘桂香\n正文。", "本报记者 周文静 通讯员 刘桂香", ""),
        ("题目\n记者在现场看到，灯亮了。\n正文。", "", ""),
        ("题目\n记者问她：\n正文。", "", ""),
        (f"题目\n图文/{'长' * 58}\n正文。", "", ""),
        ("题目\n文/周文静\n图文/刘桂香\n正文。", "文/周文静", ""),
        ("题目\n来源：云山晚报\n来源：岭南晚报\n正文。", "", "云山晚报"),
    ],
)
def test_byline_and_source_of_a_story_come_from_the_lines_below_its_title(text, byline, source):
    found = read(text, "story")
    assert (found.title, found.byline, found.source_name) == ("题目", byline, source)
    assert texts(found)[-1] == "正文。"


def story(*lines: Line, **stated):
    return draft(Manuscript(list(lines), **stated), "story", "文件名.txt")


@pytest.mark.parametrize(
    ("first", "is_title"),
    [
        (line("长" * 64), True),
        (line("长" * 65), False),
        (line("长" * 65, heading=1), True),
        (line("三件事：", heading=1), True),
        *((line(f"三件事{sign}"), False) for sign in "。；：，"),
        (line("泡豆", number="1."), False),
        (line("泡豆", bullet=True), False),
    ],
)
def test_the_title_of_a_story_is_a_short_first_line_or_what_is_marked_as_one(first, is_title):
    assert story(first, line("正文。")).title == (first.text if is_title else "文件名")


def test_a_title_that_was_broken_into_two_paragraphs_is_one():
    found = story(line("凌晨四点的", heading=0), line("豆腐坊", heading=0), line("正文。"))
    assert (found.title, texts(found)) == ("凌晨四点的豆腐坊", ["正文。"])


def test_what_a_page_states_as_its_title_is_taken_where_its_text_begins_without_one():
    assert story(line("这是一句话。"), title="页面的题目").title == "页面的题目"
    assert story(line("题目"), line("正文。"), title="页面的题目").title == "题目"


@pytest.mark.parametrize("dash", ["——", "—", "--", "—— "])
def test_a_line_behind_a_dash_below_the_title_is_the_subtitle(dash):
    found = story(line("题目"), line(f"{dash}一间教室"), line("正文。"))
    assert (found.subtitle, texts(found)) == ("一间教室", ["正文。"])


def test_numbers_of_a_story_are_kept_as_printed_where_they_make_no_list():
    found = story(line("题目"), line("泡豆", number="2."), Line(plain("点卤"), number="3.", align="center"))
    assert texts(found) == ["2. 泡豆", "3. 点卤"]
    assert [block.align for block in found.blocks] == ["left", "center"]
    assert not any(isinstance(block, Clause) for block in found.blocks)


@pytest.mark.parametrize("levels", [[0], [0, 1]])
def test_one_number_alone_or_of_several_levels_is_no_list(levels):
    lines = [line("做法", number=f"{place}.", level=level) for place, level in enumerate(levels, start=1)]
    assert texts(story(line("题目"), *lines)) == ["1. 做法", "2. 做法"][: len(levels)]


def test_a_list_begins_at_the_left_and_is_no_deeper_than_a_text_shows():
    bullets = [line("材料", bullet=True, level=level) for level in (1, 2, 3, 4, 5, 8)]
    [block] = story(line("题目"), *bullets).blocks
    assert [item.level for item in block.items] == [0, 1, 2, 3, 3, 3]


def bold(text: str) -> Line:
    return Line(tuple(span.model_copy(update={"marks": ("bold",)}) for span in plain(text)))


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (bold("十年以后"), "heading"),
        (bold("长" * 30), "heading"),
        (bold("长" * 31), "paragraph"),
        (bold("十年\n以后"), "paragraph"),
        (bold("十年以后。"), "paragraph"),
        (bold("材料："), "paragraph"),
        (Line((*bold("十年").spans, *plain("以后"))), "paragraph"),
    ],
)
def test_a_short_line_that_is_bold_throughout_is_a_heading(words, kind):
    [block] = story(line("题目"), words).blocks
    assert block.type == kind


@pytest.mark.parametrize(
    ("levels", "shown"), [([1, 2, 3], [2, 3, 4]), ([3, 2], [3, 2]), ([1, 6, 9], [2, 4, 4])]
)
def test_headings_keep_their_order_below_the_title_however_deep_they_are(levels, shown):
    found = story(line("题目"), line("正文。"), *(line("标题", heading=level) for level in levels))
    assert [block.level for block in found.blocks[1:]] == shown


@pytest.mark.parametrize(("length", "kind"), [(200, "heading"), (201, "paragraph")])
def test_a_heading_longer_than_the_editor_takes_is_a_paragraph(length, kind):
    assert story(line("题目"), line("正文。"), line("长" * length, heading=2)).blocks[1].type == kind
