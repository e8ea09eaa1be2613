"""Documents that differ, as offices write them, and a large one. Nobody who is named in them exists."""

import base64
import random
from io import BytesIO
from pathlib import Path

from docx.opc.constants import RELATIONSHIP_TYPE as RELATION
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.shared import Cm
from PIL import Image as Picture

from tests.cms.ingest.word_xml import RawWord, element, paragraph, run
from tests.factories import picture_bytes

#: Levels as a Chinese Word writes them, with 第…条 as the fifth.
LEVELS = "".join(
    f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{number_format}"/>'
    f'<w:lvlText w:val="{text}"/></w:lvl>'
    for level, (number_format, text) in enumerate(
        (
            ("chineseCountingThousand", "%1、"),
            ("chineseCountingThousand", "（%2）"),
            ("decimal", "%3."),
            ("decimalFullWidth", "（%4）"),
            ("japaneseCounting", "第%5条"),
        )
    )
)


def automatic_numbers(path: Path) -> None:
    """A notice whose every number is counted by Word, by way of lists, a restarted list and styles."""
    word = RawWord()
    word.define_list(50, LEVELS)
    one = word.use_list(50)
    restarted = word.use_list(50, _start_override(2, 1))
    third = word.use_list(50, _start_override(2, 5))
    _heading(word, "云山市妇女联合会关于举办技能夜校的通知", "云山妇〔2026〕6号", "各县（市、区）妇联：")
    word.clause(one, 0, "办学安排")
    word.clause(one, 1, "时间地点")
    word.clause(one, 2, "每周二晚上七点开课。")
    word.clause(one, 2, "每周四晚上七点开课。")
    word.clause(one, 3, "遇节假日顺延；")
    word.clause(one, 3, "遇台风停课。")
    word.clause(one, 1, "课程设置")
    word.clause(one, 2, "每期三门课。")
    word.paragraph("课程由各地自选，下列门类优先：")
    word.clause(restarted, 2, "养老护理。")
    word.clause(restarted, 2, "家电维修。")
    word.clause(third, 2, "茶艺。")
    word.clause(one, 0, "报名办法")
    word.clause(one, 1, "到社区妇女之家报名。")
    _numbered_by_style(word)
    _own_level(word)
    word.save(path)


def _start_override(level: int, start: int) -> str:
    return f'<w:lvlOverride w:ilvl="{level}"><w:startOverride w:val="{start}"/></w:lvlOverride>'


def _numbered_by_style(word: RawWord) -> None:
    """A list that only a style names, its level found by the style that the level names."""
    word.define_list(
        51,
        '<w:lvl w:ilvl="0"><w:start w:val="3"/><w:numFmt w:val="chineseCounting"/>'
        '<w:pStyle w:val="Part"/><w:lvlText w:val="%1、"/></w:lvl>'
        '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/>'
        '<w:pStyle w:val="Point"/><w:lvlText w:val="（%2）"/></w:lvl>',
    )
    number = word.use_list(51)
    word.define_style("Part", "部分", f'<w:numPr><w:numId w:val="{number}"/></w:numPr>')
    word.define_style("Point", "要点", f'<w:numPr><w:numId w:val="{number}"/></w:numPr>')
    word.raw(
        paragraph(run("保障措施"), '<w:pStyle w:val="Part"/>'),
        paragraph(run("落实场地。"), '<w:pStyle w:val="Point"/>'),
        # A style's number can be taken off one paragraph.
        paragraph(
            run("场地由妇女之家提供。"), '<w:pStyle w:val="Point"/><w:numPr><w:numId w:val="0"/></w:numPr>'
        ),
        paragraph(run("落实师资。"), '<w:pStyle w:val="Point"/>'),
    )


def _own_level(word: RawWord) -> None:
    """A list that replaces a level of its definition, and a bulleted one."""
    own = word.use_list(
        50,
        '<w:lvlOverride w:ilvl="0"><w:lvl w:ilvl="0"><w:start w:val="9"/><w:numFmt w:val="decimal"/>'
        '<w:lvlText w:val="%1）"/></w:lvl></w:lvlOverride>',
    )
    word.define_list(52, '<w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="·"/></w:lvl>')
    dotted = word.use_list(52)
    word.clause(dotted, 0, "身份证")
    word.clause(dotted, 0, "一张照片")
    word.clause(own, 0, "未尽事宜另行通知。")


def _heading(word: RawWord, title: str, number: str, addressee: str) -> None:
    word.paragraph(number, align="center")
    word.paragraph(title, align="center", bold=True)
    word.paragraph(addressee)


def merged_table(path: Path) -> None:
    """A notice around a table with cells merged across and down, and a row that begins further right."""
    word = RawWord()
    _heading(word, "关于下达托育补助资金的通知", "云山财社〔2026〕31号", "各县（市、区）财政局、妇联：")
    word.paragraph("现将补助资金下达给你们，请按下表执行。")
    word.raw(
        "<w:tbl><w:tblPr/><w:tblGrid/>"
        + _row(("地区", 'vMerge w:val="restart"'), ("补助资金（万元）", 'gridSpan w:val="2"'), header=True)
        + _row(("", "vMerge"), ("合计", ""), ("其中：托育", ""), header=True)
        + _row(("东城区", ""), ("120", ""), ("80", ""))
        + _row(("合并到东城区", 'vMerge w:val="restart"'), ("60", ""), ("20", ""))
        + _row(("", "vMerge"), ("备注：含上年结转", 'gridSpan w:val="2"'))
        + _row(("30", ""), ("10", ""), before=1)
        + "</w:tbl>"
    )
    word.paragraph("云山市财政局　　云山市妇女联合会", align="right")
    word.paragraph("2026年5月8日", align="right")
    word.save(path)


def _row(*cells: tuple[str, str], header: bool = False, before: int = 0) -> str:
    properties = ("<w:tblHeader/>" if header else "") + (
        f'<w:gridBefore w:val="{before}"/>' if before else ""
    )
    return (
        f"<w:tr><w:trPr>{properties}</w:trPr>"
        + "".join(
            f"<w:tc><w:tcPr>{f'<w:{merge}/>' if merge else ''}</w:tcPr>{paragraph(run(text))}</w:tc>"
            for text, merge in cells
        )
        + "</w:tr>"
    )


def without_number(path: Path) -> None:
    """An opinion with numbers typed by hand; no document number, no signature."""
    word = RawWord()
    word.paragraph("关于推进社区儿童阅览室建设的意见（试行）", align="center", bold=True)
    for text in (
        "各社区妇女之家：",
        "　　为让孩子放学后有书读，提出如下意见：",
        "一、总体要求",
        "（一）就近。步行十五分钟可达。",
        "(二)免费。不收押金。",
        "1．周一至周五下午开放；",
        "2.周末全天开放。",
        "（1）寒暑假另行安排；",
        "(2)开放时间张贴在门口。",
        "一、二季度完成选址，1.5万册图书分批到位。",
        "十一、附则",
        "本意见自2027年3月1日起施行，有效期至2030年2月28日。",
    ):
        word.paragraph(text)
    word.save(path)


#: Plain text of a reply, with a document number in full-width digits.
REPLY = """岭南省妇女联合会
岭妇函〔２０２６〕１２号

关于同意设立女性法律援助工作站的复函

云山市妇女联合会：
　　你会《关于设立女性法律援助工作站的请示》收悉。经研究，函复如下：
　　一、同意设立。
　　二、工作站日常管理由你会负责。
　　此复。

岭南省妇女联合会
２０２６年７月１日
（此件公开发布）
"""


def text_only(path: Path, encoding: str) -> None:
    path.write_bytes(REPLY.encode(encoding))


def illustrated(path: Path) -> None:
    """Pictures between clauses, inside a paragraph and a table, one of them twice; others not in the file."""
    word = RawWord()
    red, green, blue = (
        BytesIO(picture_bytes((90, 60), colour)) for colour in ("#b3261e", "#2f6b4f", "#1f5f8b")
    )
    _heading(word, "关于妇女之家标识的通知", "云山妇〔2026〕9号", "各县（市、区）妇联：")
    word.paragraph("一、标识")
    word.document.add_picture(red, width=Cm(3))
    word.paragraph("（一）门牌。")
    middle = word.paragraph("门牌挂在")
    _crop(middle.add_run().add_picture(green, width=Cm(3)))
    middle.add_run("门的右侧。")
    word.paragraph("（二）指路牌。")
    word.document.add_picture(red, width=Cm(3))
    cells = word.document.add_table(1, 2).rows[0].cells
    cells[0].text = "样式"
    cells[1].paragraphs[0].add_run().add_picture(blue, width=Cm(3))
    word.paragraph("二、时限")
    word.raw(paragraph(_linked_picture(word)), paragraph(_drawing(word)), paragraph(CHART))
    word.paragraph("年底前完成。")
    word.save(path)


def _crop(shape) -> None:
    """Hide the left tenth of a picture, as the crop tool does."""
    fill = shape._inline.graphic.graphicData.pic.blipFill
    fill.insert(1, element('<a:srcRect l="10000"/>'))


CHART = (
    '<w:r><w:drawing><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart"/>'
    "</a:graphic></w:drawing></w:r>"
)


def _linked_picture(word: RawWord) -> str:
    relation = word.document.part.relate_to("http://192.0.2.1/sign.png", RELATION.IMAGE, is_external=True)
    return f'<w:r><w:drawing><a:blip r:link="{relation}"/></w:drawing></w:r>'


def _drawing(word: RawWord) -> str:
    """An enhanced metafile, as a chart that was pasted as a picture leaves it."""
    content = b"\1\0\0\0" + bytes(36) + b" EMF" + bytes(60)
    part = Part(PackURI("/word/media/image9.emf"), "image/x-emf", content, word.document.part.package)
    relation = word.document.part.relate_to(part, RELATION.IMAGE)
    return f'<w:r><w:pict><v:shape><v:imagedata r:id="{relation}"/></v:shape></w:pict></w:r>'


def plain_story(path: Path) -> None:
    """A story in Markdown: heading, quote, lists, a table, a picture inside the file and one elsewhere."""
    picture = base64.b64encode(picture_bytes((40, 30), kind="PNG")).decode()
    path.write_text(
        f"""# 山里的阅览室

——一位返乡教师的三年

作者：陈晓岚

来源：云山晚报

2023年春天，她回到了**石桥村**，见 [村史](https://example.org/stone-bridge) 与[脚本](javascript:alert(1))。

## 第一盏灯

![灯](data:image/png;base64,{picture})

> 孩子们先来看灯，
> 后来才看书。

- 捐来的书
  - 绘本
- 自己买的书

1. 扫地
2. 开门

| 年 | 借书（册） |
| -- | ---------: |
| 2024 | 310 |

<script>alert(2)</script>

![远处的图](https://192.0.2.1/far.png)
""",
        "utf-8",
    )


def hostile_page(path: Path) -> None:
    """A page saved by a browser in GB18030, full of what no text needs."""
    picture = base64.b64encode(picture_bytes((40, 30), kind="PNG")).decode()
    path.write_bytes(
        f"""<!DOCTYPE html>
<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312">
<title>女性招聘会周六开幕 - 云山网</title>
<style>body {{ color: red }}</style><script>fetch('http://192.0.2.1/')</script></head>
<body onload="alert(1)"><nav>首页 > 新闻</nav>
<h1 onclick="alert(2)">女性招聘会周六开幕</h1>
<p style="text-align:center; position:fixed">时间：周六上午九点</p>
<p>地点在<a href="https://example.org/map" onmouseover="alert(3)">市民中心</a>，
请带<a href="javascript:alert(4)">简历</a>。<b>免费</b>入场&nbsp;<span hidden>暗号</span>
<i style="display:none">看不见的字</i></p>
<iframe src="http://192.0.2.1/">框里的字</iframe>
<object data="http://192.0.2.1/a.swf">对象</object>
<img src="http://192.0.2.1/track.gif" onerror="alert(5)">
<img src="file:///etc/passwd"><img src="data:image/svg+xml,%3Csvg onload='alert(6)'/%3E">
<img src="data:image/png;base64,{picture}" onerror="alert(7)">
<svg><script>alert(8)</script><text>图中字</text></svg>
<table><caption>展位</caption><tr><th>馆</th><th colspan="2">展位</th></tr>
<tr><td rowspan="2">A</td><td>1</td><td align="right">12</td></tr><tr><td>2</td><td>8</td></tr></table>
<form action="http://192.0.2.1/"><input value="密码"><textarea>填这里</textarea></form>
<p>咨询电话<br>12338</p><math><mtext>数式</mtext></math>
</body></html>""".encode("gb18030")
    )


def signed_and_attached(path: Path) -> None:
    """Measures by chapter and article, signed right with a date in Chinese numerals, with two attachments."""
    word = RawWord()
    word.define_style("Sign", "落款", '<w:jc w:val="right"/>')
    word.paragraph("岭南省妇女联合会令", align="center", bold=True)
    word.paragraph("第 3 号", align="center")
    word.paragraph("妇女维权服务站管理办法", align="center", bold=True)
    word.paragraph("（2026年9月15日岭南省妇女联合会主席办公会议通过）", align="center")
    for text in (
        "第一章　总则",
        "第一条　为规范妇女维权服务站工作，制定本办法。",
        "第二条　本办法适用于全省各级服务站。",
        "第二章　服务",
        "第三条　服务站提供下列服务：",
        "（一）法律咨询；",
        "（二）心理疏导。",
        "第十二条　本办法自2026年12月1日起施行。",
        "附件：1. 服务登记表",
        "　　　2. 回访记录表",
    ):
        word.paragraph(text)
    for text in ("岭南省妇女联合会", "二〇二六年十月二十一日"):
        word.raw(paragraph(run(text), '<w:pStyle w:val="Sign"/>'))
    word.paragraph("附件1")
    word.paragraph("服务登记表", align="center")
    word.table((("姓名", "事项"), ("", "")))
    word.paragraph("附件 2：")
    word.paragraph("回访记录表", align="center")
    word.paragraph("抄送：省司法厅。")
    word.paragraph("岭南省妇女联合会办公室　　2026年10月22日印发")
    word.save(path)


def revised(path: Path) -> None:
    """A text with tracked changes, a comment, a text box, footnotes, links, fields, ruby and hidden words."""
    word = RawWord()
    link, script = word.link("https://example.org/policy"), word.link("javascript:alert(1)")
    _heading(word, "关于修订夜校守则的通知", "云山妇〔2026〕15号", "各夜校：")
    word.footnotes("2025年版守则同时废止。", "课时以四十五分钟计。")
    deleted = '<w:del w:id="1"><w:r><w:delText>第五版</w:delText></w:r></w:del>'
    inserted = f'<w:ins w:id="2">{run("第六版")}</w:ins>'
    word.raw(
        paragraph(run("守则") + deleted + inserted + run("已定") + NOTE.format(1) + run("，请遵照执行。")),
        # The end of this paragraph was deleted: the next one continues it.
        paragraph(run("学员凭"), '<w:rPr><w:del w:id="3"/></w:rPr>'),
        paragraph(run("学员证入场。")),
        # A paragraph that was moved away, and below where it went.
        paragraph(
            f'<w:moveFrom w:id="4">{run("迟到不得入场。")}</w:moveFrom>', "<w:rPr><w:moveFrom/></w:rPr>"
        ),
        paragraph(
            f'<w:hyperlink r:id="{link}">{run("全文见网站")}</w:hyperlink>{run("，")}'
            f'<w:hyperlink r:id="{script}">{run("勿点")}</w:hyperlink>{run("，")}'
            f'<w:hyperlink w:anchor="top">{run("回到开头")}</w:hyperlink>{run("。")}'
        ),
        paragraph(_field("https://example.org/field", "报名") + run("，") + _words_of_all_kinds()),
        paragraph(f'<w:moveTo w:id="6">{run("迟到不得入场。")}</w:moveTo>'),
        paragraph(_text_box("温馨提示：楼道无灯。") + run("课时固定") + NOTE.format(2) + run("。")),
    )
    commented = word.paragraph("本守则")
    word.document.add_comment(commented.add_run("自公布之日起"), text="这里要不要写日期？", author="甲")
    commented.add_run("施行。")
    # A paragraph whose end was deleted before a table, which does not continue it.
    word.raw(paragraph(run("作息如下"), "<w:rPr><w:del/></w:rPr>"))
    word.table((("周二", "七点"),))
    word.save(path)


NOTE = '<w:r><w:footnoteReference w:id="{}"/></w:r>'


def _field(address: str, text: str) -> str:
    """A link as a field, as mail programs and old versions write it."""
    begin, separate, end = (
        f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")
    )
    instruction = f'<w:r><w:instrText xml:space="preserve"> HYPERLINK "{address}" </w:instrText></w:r>'
    return begin + instruction + separate + run(text) + end


def _words_of_all_kinds() -> str:
    ruby = f"<w:r><w:ruby><w:rt>{run('mù')}</w:rt><w:rubyBase>{run('木')}</w:rubyBase></w:ruby></w:r>"
    hidden = run("（内部掌握）", "<w:vanish/>")
    water = run("每周一次，H") + run("2", '<w:vertAlign w:val="subscript"/>') + run("O 自备。", "<w:b/>")
    formula = "<m:oMath><m:r><m:t>a+b=8</m:t></m:r></m:oMath>"
    return ruby + run("工课") + hidden + water + run("自带碗筷。", "<w:strike/>") + formula


def _text_box(text: str) -> str:
    """A text box as Word writes it: for itself, and once more for programs of 2007."""
    content = f"<w:txbxContent>{paragraph(run(text))}</w:txbxContent>"
    return (
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:wsp><wps:txbx>'
        f"{content}</wps:txbx></wps:wsp></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox>"
        f"{content}</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


def long_title(path: Path) -> None:
    """A joint notice under a letterhead, its title over two centred lines, two bodies signing."""
    word = RawWord()
    for text in (
        "000018",
        "特急",
        "岭南省妇女联合会　　岭南省教育厅文件",
        "岭妇字〔2026〕20号　　　　签发人：林木森",
        "岭南省妇女联合会　岭南省教育厅关于进一步做好",
        "中小学生课后托管和家庭教育指导服务工作的通知",
    ):
        word.paragraph(text, align="center")
    word.paragraph("各地级以上市妇联、教育局，省直有关单位：")
    word.paragraph("　　为帮助双职工家庭，现就有关事项通知如下。")
    word.paragraph("一、延时服务到晚上六点半。")
    word.paragraph("（联系人：省妇联家庭部，电话：12338）")
    word.paragraph("岭南省妇女联合会", align="right")
    word.paragraph("岭 南 省 教 育 厅（盖章）", align="right")
    word.paragraph("2026 年 8 月 25 日", align="right")
    word.save(path)


def word_story(path: Path) -> None:
    """A story with Word's own title and headings, a byline, a list that Word counts and a bold subheading."""
    word = RawWord()
    document = word.document
    document.add_paragraph("凌晨四点的豆腐坊", style="Title")
    word.paragraph("本报记者 周文静")
    document.add_heading("起早", level=1)
    word.paragraph("凌晨四点，刘桂香已经磨完了第一桶豆子。")
    document.add_heading("三口锅", level=2)
    word.define_list(60, '<w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>')
    number = word.use_list(60)
    for text in ("泡豆", "磨浆", "点卤"):
        word.clause(number, 0, text)
    word.paragraph("十年以后", bold=True)
    word.paragraph("她的女儿也会点卤了。")
    word.save(path)


def big_docx(path: Path, megabytes: int, pictures: int) -> None:
    """Write a .docx of about that size: numbered text, and as many photos, each another one."""
    word = RawWord()
    _heading(word, "关于印发年度影像集的通知", "岭妇字〔2026〕99号", "各地级以上市妇联：")
    share = megabytes * 1024 * 1024 / pictures
    side = 600
    side = round(side * (share / len(_photo(side, 0))) ** 0.5)
    for number in range(1, pictures + 1):
        word.paragraph(f"{number}. 这是第{number}张照片。" + "照片由各地妇联报送，版权归作者所有。" * 20)
        word.document.add_picture(BytesIO(_photo(side, number)), width=Cm(14))
    word.save(path)


def _photo(side: int, seed: int) -> bytes:
    """Return a square JPEG of as many bytes for its pixels as a camera's, some third of a byte each."""
    coarse = side // 2
    noise = Picture.frombytes("RGB", (coarse, coarse), random.Random(seed).randbytes(coarse * coarse * 3))
    out = BytesIO()
    noise.resize((side, side), Picture.Resampling.BICUBIC).save(out, "JPEG", quality=80)
    return out.getvalue()
