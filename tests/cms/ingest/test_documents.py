"""Ten documents that differ, each from its file through the import to the Document of its revision."""

import datetime as dt
import hashlib
import sys

import pytest
from wagtail.images import get_image_model
from wagtail.models import PageLogEntry

from cms.demo.word import WordFile
from cms.document.build import Unbuildable, build
from cms.ingest import import_with_warnings
from tests.cms.ingest import documents
from tests.cms.ingest.importing import document_of, grid, import_path, outline

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(cast, tmp_path, request):
    """The Document of what ``documents.<name>`` writes, with the warnings of its import beside it."""

    def made(name: str, suffix: str = ".docx", kind: str = "policy", **how):
        path = tmp_path / f"{name}{suffix}"
        getattr(documents, name)(path, **how)
        imported = import_path(cast, path, kind)
        return document_of(imported), imported.warnings

    return made


@pytest.fixture
def no_network():
    """Collect every connection that the process tries to open."""
    tried, watching = [], [True]

    def audit(event, arguments):
        if watching[0] and event in ("socket.connect", "socket.getaddrinfo"):
            tried.append(arguments)

    sys.addaudithook(audit)
    yield tried
    watching[0] = False


def table_in(found):
    return next(block for block in found.blocks() if block.type == "table")


def test_numbers_that_word_counts_become_the_numbers_that_word_prints(document):
    found, warnings = document("automatic_numbers")
    assert (found.title, warnings) == ("云山市妇女联合会关于举办技能夜校的通知", [])
    assert found.facts.document_number == "云山妇〔2026〕6号"
    assert found.facts.addressee == "各县（市、区）妇联"
    assert outline(found) == [
        "1 一、 办学安排",
        "2 （一） 时间地点",
        "3 1. 每周二晚上七点开课。",
        "3 2. 每周四晚上七点开课。",
        "4 （１） 遇节假日顺延；",
        "4 （２） 遇台风停课。",
        "2 （二） 课程设置",
        "3 1. 每期三门课。",
        "课程由各地自选，下列门类优先：",
        "3 1. 养老护理。",
        "3 2. 家电维修。",
        "3 5. 茶艺。",
        "1 二、 报名办法",
        "2 （一） 到社区妇女之家报名。",
        "1 三、 保障措施",
        "2 （一） 落实场地。",
        "场地由妇女之家提供。",
        "2 （二） 落实师资。",
        "- 身份证 / - 一张照片",
        "3 3） 未尽事宜另行通知。",
    ]


def test_merged_cells_stay_merged_and_every_cell_in_its_column(document):
    found, _ = document("merged_table")
    facts = found.facts
    assert (facts.issuing_body, facts.issued_on) == ("云山市财政局、云山市妇女联合会", dt.date(2026, 5, 8))
    assert outline(found) == ["现将补助资金下达给你们，请按下表执行。", "table"]
    assert grid(table_in(found)) == [
        ["地区 1x2", "补助资金（万元） 2x1"],
        ["合计", "其中：托育"],
        ["东城区", "120", "80"],
        ["合并到东城区 1x2", "60", "20"],
        ["备注：含上年结转 2x1"],
        ["", "30", "10"],
    ]
    assert all(cell.header for cell in table_in(found).rows[0])


def test_a_text_without_a_document_number_gets_none_and_typed_numbers_become_clauses(document):
    found, warnings = document("without_number")
    facts = found.facts
    assert found.title == "关于推进社区儿童阅览室建设的意见（试行）"
    assert (facts.document_number, facts.issuing_body, facts.issued_on) == ("", "", None)
    assert (facts.addressee, warnings) == ("各社区妇女之家", [])
    assert (facts.effective_on, facts.expires_on) == (dt.date(2027, 3, 1), dt.date(2030, 2, 28))
    assert outline(found) == [
        "为让孩子放学后有书读，提出如下意见：",
        "1 一、 总体要求",
        "2 （一） 就近。步行十五分钟可达。",
        "2 (二) 免费。不收押金。",
        "3 1． 周一至周五下午开放；",
        "3 2. 周末全天开放。",
        "4 （1） 寒暑假另行安排；",
        "4 (2) 开放时间张贴在门口。",
        "一、二季度完成选址，1.5万册图书分批到位。",
        "1 十一、 附则",
        "本意见自2027年3月1日起施行，有效期至2030年2月28日。",
    ]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_plain_text_is_read_the_same_in_every_encoding(document, encoding):
    found, warnings = document("text_only", ".txt", encoding=encoding)
    facts = found.facts
    assert (found.title, warnings) == ("关于同意设立女性法律援助工作站的复函", [])
    assert (facts.document_number, facts.addressee) == ("岭妇函〔2026〕12号", "云山市妇女联合会")
    assert (facts.issuing_body, facts.issued_on) == ("岭南省妇女联合会", dt.date(2026, 7, 1))
    assert outline(found) == [
        "你会《关于设立女性法律援助工作站的请示》收悉。经研究，函复如下：",
        "1 一、 同意设立。",
        "1 二、 工作站日常管理由你会负责。",
        "此复。",
        "（此件公开发布）",
    ]


def test_pictures_keep_their_places_and_one_that_comes_twice_is_stored_once(document, cast):
    found, warnings = document("illustrated")
    assert outline(found) == [
        "1 一、 标识",
        "picture 1",
        "2 （一） 门牌。",
        "门牌挂在",
        "picture 2",
        "门的右侧。",
        "2 （二） 指路牌。",
        "picture 1",
        "table",
        "picture 3",
        "1 二、 时限",
        "年底前完成。",
    ]
    images = get_image_model().objects.all()
    assert {(i.collection, i.uploaded_by_user, i.width, i.height) for i in images} == {
        (cast.office.collection, cast.editor, 90, 60)
    }
    assert sorted(image.title for image in images) == [f"illustrated {number}" for number in (1, 2, 3)]
    for image in images:
        content = image.file.read()
        assert (image.file_size, image.file_hash) == (len(content), hashlib.sha1(content).hexdigest())
    assert len(warnings) == 4  # a linked picture, a metafile, a chart, and one that Word shows cropped


def test_a_story_in_markdown_keeps_its_heading_quote_lists_and_table(document):
    found, warnings = document("plain_story", ".md", kind="story")
    assert (found.title, found.subtitle) == ("山里的阅览室", "一位返乡教师的三年")
    assert (found.byline, found.source.name) == ("陈晓岚", "云山晚报")
    assert outline(found) == [
        "2023年春天，她回到了石桥村，见 村史 与脚本。",
        "## 第一盏灯",
        "picture 1",
        "> 孩子们先来看灯，后来才看书。",
        "- 捐来的书 /   - 绘本 / - 自己买的书",
        "1. 扫地 / 1. 开门",
        "table",
        "<script>alert(2)</script>",  # words, and shown as words
    ]
    assert grid(table_in(found)) == [["年", "借书（册）"], ["2024", "310"]]
    spans = found.sections[0].blocks[0].spans
    assert [(s.text, s.marks) for s in spans if s.marks] == [("石桥村", ("bold",))]
    assert [(s.text, s.href) for s in spans if s.href] == [("村史", "https://example.org/stone-bridge")]
    assert len(warnings) == 1


def test_of_a_hostile_page_only_what_a_reader_reads_is_kept_and_nothing_is_fetched(document, no_network):
    found, warnings = document("hostile_page", ".html", kind="story")
    assert found.title == "女性招聘会周六开幕"
    assert outline(found) == [
        "center: 时间：周六上午九点",
        "地点在市民中心，请带简历。免费入场",
        "picture 1",
        "table",
        "咨询电话\n12338",
    ]
    assert grid(table_in(found)) == [["馆", "展位 2x1"], ["A 1x2", "1", "12"], ["2", "8"]]
    assert [s.href for s in found.sections[0].blocks[1].spans if s.href] == ["https://example.org/map"]
    said = found.model_dump_json()
    for trace in ("script", "alert", "192.0.2.1", "onerror", "file:", "暗号", "看不见", "框里", "密码"):
        assert trace not in said
    assert len(warnings) == 1 and "3" in warnings[0]
    assert no_network == []


def test_a_regulation_keeps_chapters_articles_signature_and_attachments(document):
    found, warnings = document("signed_and_attached")
    facts = found.facts
    assert (found.title, facts.document_number) == ("妇女维权服务站管理办法", "岭南省妇女联合会令第3号")
    assert (facts.issuing_body, facts.issued_on) == ("岭南省妇女联合会", dt.date(2026, 10, 21))
    assert facts.effective_on == dt.date(2026, 12, 1)
    assert outline(found) == [
        "center: （2026年9月15日岭南省妇女联合会主席办公会议通过）",
        "## 第一章 总则",
        "1 第一条 为规范妇女维权服务站工作，制定本办法。",
        "1 第二条 本办法适用于全省各级服务站。",
        "## 第二章 服务",
        "1 第三条 服务站提供下列服务：",
        "2 （一） 法律咨询；",
        "2 （二） 心理疏导。",
        "1 第十二条 本办法自2026年12月1日起施行。",
        "附件：1. 服务登记表",
        "2. 回访记录表",
        "## 附件1",
        "center: 服务登记表",
        "table",
        "## 附件2",
        "center: 回访记录表",
        "抄送：省司法厅。",
        "岭南省妇女联合会办公室　　2026年10月22日印发",
    ]
    assert len(warnings) == 1


def test_of_a_revised_text_the_final_words_are_read_with_notes_boxes_and_links(document):
    found, warnings = document("revised")
    assert outline(found) == [
        "守则第六版已定[1]，请遵照执行。",
        "学员凭学员证入场。",
        "全文见网站，勿点，回到开头。",
        "报名，木工课每周一次，H2O 自备。自带碗筷。a+b=8",
        "迟到不得入场。",
        "温馨提示：楼道无灯。",
        "课时固定[2]。",
        "本守则自公布之日起施行。",
        "作息如下",
        "table",
        "[1] 2025年版守则同时废止。",
        "[2] 课时以四十五分钟计。",
    ]
    spans = [span for block in found.blocks() if block.type == "paragraph" for span in block.spans]
    assert [(s.text, s.href) for s in spans if s.href] == [
        ("全文见网站", "https://example.org/policy"),
        ("报名", "https://example.org/field"),
    ]
    assert {(s.text, s.marks) for s in spans if s.marks} >= {("[1]", ("sup",)), ("2", ("sub",))}
    assert len(warnings) == 2  # notes moved to the end, and struck-out words


def test_a_title_over_two_lines_is_one_and_two_bodies_sign(document):
    found, _ = document("long_title")
    facts = found.facts
    assert found.title == (
        "岭南省妇女联合会 岭南省教育厅关于进一步做好中小学生课后托管和家庭教育指导服务工作的通知"
    )
    assert facts.document_number == "岭妇字〔2026〕20号"
    assert facts.addressee == "各地级以上市妇联、教育局，省直有关单位"
    assert (facts.issuing_body, facts.issued_on) == ("岭南省妇女联合会、岭南省教育厅", dt.date(2026, 8, 25))
    assert outline(found) == [
        "为帮助双职工家庭，现就有关事项通知如下。",
        "1 一、 延时服务到晚上六点半。",
        "（联系人：省妇联家庭部，电话：12338）",
    ]


def test_a_story_from_word_has_headings_that_fit_and_its_counted_list(document):
    found, warnings = document("word_story", kind="story")
    assert (found.title, found.byline, warnings) == ("凌晨四点的豆腐坊", "本报记者 周文静", [])
    assert outline(found) == [
        "## 起早",
        "凌晨四点，刘桂香已经磨完了第一桶豆子。",
        "### 三口锅",
        "1. 泡豆 / 1. 磨浆 / 1. 点卤",
        "## 十年以后",
        "她的女儿也会点卤了。",
    ]


def test_an_import_is_a_draft_of_who_imported_it(cast, tmp_path):
    path = tmp_path / "event.txt"
    path.write_text("女性招聘会\n周六上午九点，市民中心见。", "utf-8")
    page = import_path(cast, path, "event").page
    page.refresh_from_db()
    assert (page.live, page.owner, page.latest_revision.user) == (False, cast.editor, cast.editor)
    assert PageLogEntry.objects.filter(page=page, action="wagtail.edit", user=cast.editor).exists()
    # A draft may be incomplete, and the Document says what is missing.
    with pytest.raises(Unbuildable):
        build(page.get_latest_revision().as_object())


def test_pictures_of_a_file_with_a_long_name_have_a_title_that_fits(cast, tmp_path):
    name = "长" * 80
    path = tmp_path / f"{name}.docx"
    documents.illustrated(path)
    with path.open("rb") as file:
        import_with_warnings(file, f"{name * 4}.docx", kind="policy", section=cast.section, user=cast.editor)
    assert {image.title for image in get_image_model().objects.all()} == {(name * 4)[:255]}


@pytest.mark.parametrize(("length", "cut"), [(255, 0), (256, 1), (300, 1)])
def test_a_title_that_is_too_long_is_cut_and_the_editor_told(cast, tmp_path, length, cut):
    path = tmp_path / "story.docx"
    word = WordFile()
    word.document.add_paragraph("长" * length, style="Title")
    word.paragraph("正文。")
    word.save(path)
    imported = import_path(cast, path, "story")
    assert imported.page.title == "长" * 255
    assert len(imported.warnings) == cut
