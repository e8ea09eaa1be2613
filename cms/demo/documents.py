"""The Word file that ``make demo`` imports: an official document of an office that does not exist."""

import tempfile
from pathlib import Path

from cms.demo.illustrations import write_illustration
from cms.demo.word import WordFile

TITLE = ("岭南省妇女联合会关于建设", "女性求职服务驿站的通知")
OPENING = (
    "为帮助返岗、转岗和待业妇女就近找到工作，省妇联决定自2027年起，依托社区（村）妇女之家，在全省建设一批女性求职服务驿站"
    "（以下简称驿站）。现将有关事项通知如下："
)
# (level, text); None is a paragraph of its own, a name is a picture, "table" the table.
CLAUSES: tuple[tuple[int | str | None, str], ...] = (
    (0, "工作目标"),
    (
        None,
        "到2027年6月底，每个县（市、区）建成不少于两个驿站；到2028年底，常住人口五千人以上的社区（村）基本覆盖。驿站不新建场所，"
        "不增加编制，利用妇女之家现有房间和晚间、周末时段开放，让下班以后才有空的妇女也来得了、问得到、办得成。",
    ),
    ("station", ""),
    (0, "服务内容"),
    (
        1,
        "求职登记与岗位推荐。为来访妇女建立求职卡，当场推荐不少于三个步行或公交三十分钟内可达的岗位，七日内回访一次。",
    ),
    (
        1,
        "技能培训报名。汇总人社、农业农村等部门和公益机构的免费课程，每月5日前更新，协助报名并告知补贴办法。重点安排以下课程：",
    ),
    (2, "家政、养老护理、育婴等服务类课程，结业后对接用人单位面试。"),
    (2, "电商客服、直播助理、表格处理等可以居家完成的课程。"),
    (2, "记账、合同、工伤和生育待遇等权益知识课程，每季度不少于一次，其中："),
    (3, "合同课由社区律师主讲，可以带自己的合同来问；"),
    (3, "待遇课由经办窗口工作人员主讲，现场算给大家看。"),
    (1, "托管与陪同。报名者带孩子前来的，驿站安排志愿者临时看护；首次面试有顾虑的，可以预约一位同行志愿者。"),
    (
        1,
        "权益咨询。遇到就业性别歧视、拖欠工资等情形的，当场记录，两个工作日内转交维权站点，并告知妇女维权公益服务热线12338。",
    ),
    ("shelf", ""),
    (0, "建设标准"),
    (None, "驿站按照服务半径和人口分为三类，开放时间和人员配备不低于下表："),
    ("table", ""),
    (0, "组织实施"),
    (
        1,
        "分步推进。2026年12月底前，各地级以上市妇联报送首批驿站名单；2027年3月8日前，首批驿站挂牌开放。"
        "条件暂不具备的社区（村），可以先开设每周一次的流动驿站。",
    ),
    (
        1,
        "经费保障。省妇联对首批驿站给予一次性补助，主要用于桌椅、资料架和志愿者交通补贴，不得用于装修和购置车辆。",
    ),
    (
        1,
        "保护隐私。求职卡只记录找工作所需的信息，由专人保管，不得张贴、不得转给无关机构；来访妇女要求删除的，当日删除。",
    ),
    (1, "接受评价。每次服务以后，由来访妇女当场评价；连续两个季度满意率低于八成的驿站，由县级妇联帮助整改。"),
    (None, "本通知自2027年1月1日起施行，有效期至2029年12月31日。"),
    (None, "附件：女性求职服务驿站求职卡（样式）"),
)
TABLE = (
    ("类别", "适用范围", "开放时间", "人员配备"),
    ("一类", "常住人口一万人以上", "每周五天，其中晚间两天", "专干1名，志愿者4名"),
    ("二类", "常住人口五千至一万人", "每周三天，其中晚间一天", "专干1名，志愿者2名"),
    ("流动", "五千人以下", "每周一天", "由所在乡镇（街道）妇联统一安排"),
    ("", "尚无固定场所", "按预约", ""),
)
#: 类别 of the travelling station covers two rows, and so does who staffs it.
MERGED = ((3, 0, 4, 0), (3, 3, 4, 3))


def write_policy(path: Path) -> None:
    """Write the document to ``path``: automatic numbers, a table with merged cells, two illustrations."""
    word = WordFile()
    word.paragraph("岭南省妇女联合会文件", align="center", bold=True)
    word.paragraph("岭南妇字〔2026〕18号", align="center")
    word.paragraph()
    for line in TITLE:
        word.paragraph(line, align="center", bold=True)
    word.paragraph()
    word.paragraph("各地级以上市妇联，省妇联机关各部室、各直属单位：")
    word.paragraph(OPENING)
    _write_clauses(word)
    word.paragraph("岭南省妇女联合会", align="right")
    word.paragraph("2026年11月20日", align="right")
    word.paragraph("（联系人：省妇联发展部，电话：12338）")
    word.save(path)


def _write_clauses(word: WordFile) -> None:
    numbering = word.numbering()
    with tempfile.TemporaryDirectory() as directory:
        for level, text in CLAUSES:
            if level is None:
                word.paragraph(text)
            elif level == "table":
                word.table(TABLE, MERGED)
            elif isinstance(level, str):
                picture = Path(directory) / f"{level}.png"
                write_illustration(picture, level)
                word.picture(picture)
            else:
                word.clause(numbering, level, text, bold=level == 0)
