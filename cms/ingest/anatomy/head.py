"""The head of an official document: who issues it, its number, its title, to whom it goes."""

import datetime as dt
import re
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from cms.document.model import Block
from cms.ingest.anatomy.clauses import CHAPTER, clause_of
from cms.ingest.anatomy.dates import FULL_WIDTH, date_alone
from cms.ingest.draft import Line

# In the head nothing is longer, and the addressee comes within so many lines.
MAX_HEAD_LINES, MAX_TITLE_LINES, MAX_TITLE_LINE_CHARS, MAX_ADDRESSEE_CHARS = 16, 5, 80, 400
OPEN, CLOSE = r"[〔［【\[(（〈﹝]", r"[〕］】\])）〉﹞]"
NUMBER = re.compile(
    rf"(?P<word>[\u4e00-\u9fff]{{1,15}})\s*{OPEN}\s*(?P<year>(?:19|20)\d\d)\s*{CLOSE}\s*第?\s*(?P<serial>\d{{1,5}})\s*号"
)
ORDER = re.compile(
    r"(?P<word>[\u4e00-\u9fff]{2,30}令)?\s*(?P<year>(?:19|20)\d\d年)?\s*第\s*(?P<serial>[\d一二三四五六七八九十百零〇]{1,5})\s*号"
)
RED_HEAD = re.compile(r"(?P<names>[\u4e00-\u9fff\s　]{4,60}?)\s*文\s*件")
SECRET = re.compile(r"(?P<mark>绝密|机密|秘密)\s*(?:★.*)?")
DOCUMENT_KIND = re.compile(
    r"(?:通知|通报|通告|公告|公报|意见|办法|规定|决定|决议|条例|细则|规则|章程|制度|方案|计划|规划|纲要|要点|预案|标准"
    r"|指南|报告|请示|批复|函|纪要|议案|倡议书?|公开信|讲话|总结|答复|解读|说明|工作法)(?:[（(][^（()）]{1,12}[）)])?$"
)
TRIAL = re.compile(r"[（(][^（()）]{1,12}[）)]")
ABOUT = re.compile("关于|印发|转发")
ROUTINE = re.compile(r"(?:特急|加急|特提|平急|急件|\d{6}|[-—_=★\s]{3,})")
SIGNER = re.compile(r"签发人\s*[:：].*")
ORGANISATION = (
    "联合会|妇联|委员会|人民政府|办公厅|办公室|法院|检察院|公司|中心|协会|学会|总工会|团委|指挥部|领导小组"
    "|厅|局|委|部|院|处|室|会|办|所|站|校"
)
ORG_NAME = re.compile(rf"[\u4e00-\u9fff·（）\s　]{{2,40}}?(?:{ORGANISATION})")
ORDER_HEAD = re.compile(rf"(?P<name>{ORG_NAME.pattern})[\s　]*令")
ADDRESSEE = (
    f"{ORGANISATION}|单位|机关|部门|组织|团体|市|州|县|区|镇|街道|社区|企业|学校|大学|学院|医院|银行|同志|妇女|姐妹"
    "|朋友|家长|之家|有关方面"
)
ADDRESSED = re.compile(rf"(?:{ADDRESSEE})[\s　]*[：:]$|^各[^，。要]{{1,40}}[：:]$")
INTRODUCES = re.compile(r"如下|下列|以下|现将|现就|通知|要求|分别是|包括")
NOTE = re.compile(r"[（(].*(?:通过|公布|发布|修订|印发|修正|批准).*[）)]", re.DOTALL)


@dataclass
class Head:
    title: str = ""
    document_number: str = ""
    issuing_body: str = ""
    addressee: str = ""
    issued_on: dt.date | None = None
    warnings: list[str] = field(default_factory=list)


def read_head(items: list[Line | Block]) -> tuple[Head, list[Line | Block]]:
    """Return the head, and the items without the lines that it is made of."""
    head = Head()
    end = _end(items)
    titles: list[Line] = []
    kept = [item for item in items[:end] if not _take(head, item, titles)]
    rest = items[end:]
    if rest and isinstance(rest[0], Line) and is_addressee(rest[0]):
        head.addressee = rest[0].text.rstrip("：: 　")
        rest.pop(0)
    head.title = _joined(titles) or head.title
    return head, kept + rest


def is_addressee(line: Line) -> bool:
    """Whether the line is the 主送机关: organisations, closed by a colon."""
    text = line.text
    is_plain = not line.number and len(text) <= MAX_ADDRESSEE_CHARS and not re.search("[。；！？]", text)
    return is_plain and bool(ADDRESSED.search(text)) and not INTRODUCES.search(text)


def document_number(text: str) -> str:
    """Return the document number when the line is one (perhaps with who signed), in the standard's form."""
    plain = SIGNER.sub("", text.translate(FULL_WIDTH)).strip(" 　（）()\t")
    if match := NUMBER.fullmatch(plain):
        return f"{match['word']}〔{match['year']}〕{int(match['serial'])}号"
    if match := ORDER.fullmatch(plain):
        return f"{match['word'] or ''}{match['year'] or ''}第{match['serial']}号"
    return ""


def org_of_title(title: str) -> str:
    """Return who issues a document by its title, 广东省妇联关于…的通知, or nothing."""
    name, about, _rest = title.partition("关于")
    return "、".join(name.split()) if about and ORG_NAME.fullmatch(name.strip()) else ""


def _end(items: list[Line | Block]) -> int:
    """Return the place of the addressee, or else of the first line that cannot be part of a head."""
    titles: list[Line] = []
    places: list[int] = []
    for place, item in enumerate(items[:MAX_HEAD_LINES]):
        if not isinstance(item, Line):
            continue
        if is_addressee(item) or _begins_body(item, titles):
            return place
        if not _take_fact(Head(), item.text.strip()) and not NOTE.fullmatch(item.text):
            titles.append(item)
            places.append(place)
        if len(titles) > MAX_TITLE_LINES:
            break
    # Nothing says where the text begins: only what is surely the title is taken for it.
    is_title = bool(titles) and titles[0].align == "center" and len(titles) <= MAX_TITLE_LINES
    return places[-1 if is_title else 0] + 1 if places else 0


def _begins_body(line: Line, titles: list[Line]) -> bool:
    """Whether the line is text and no part of the head, after the lines of the title so far."""
    if line.bullet or (titles and (clause_of(line) or CHAPTER.match(line.number + line.text))):
        return True
    if NOTE.fullmatch(line.text) or _take_fact(Head(), line.text.strip()):
        return False
    if len(line.text) > MAX_TITLE_LINE_CHARS or line.text.endswith(("。", "；", "！", "：", "，")):
        return True
    return bool(titles) and _is_complete(titles, line)


def _is_complete(titles: list[Line], following: Line) -> bool:
    """Whether the title ends before the line: by its last words, or since it is centred and the line not."""
    if (titles[0].align, following.align) == ("center", "left"):
        return True
    continues = DOCUMENT_KIND.search(following.text) or TRIAL.fullmatch(following.text)
    return bool(DOCUMENT_KIND.search(titles[-1].text)) and not continues


def _take(head: Head, item: Line | Block, titles: list[Line]) -> bool:
    """Put one line of the head where it belongs; False leaves it in the text."""
    if not isinstance(item, Line) or NOTE.fullmatch(item.text):
        return False
    numbered = head.document_number
    if not _take_fact(head, item.text.strip()):
        titles.append(item)
    elif head.document_number != numbered and titles and all(ORG_NAME.fullmatch(t.text) for t in titles):
        # A letterhead stands above the number, and the title below it.
        head.issuing_body = "、".join(_joined(titles).split())
        head.title = _joined(titles)
        titles.clear()
    return True


def _take_fact(head: Head, text: str) -> bool:
    """Note what a line of the head states beside the title; False when it states nothing of that kind."""
    if number := document_number(text):
        order = head.title if number.startswith("第") else ""
        head.document_number = head.document_number or order + number
    elif match := SECRET.fullmatch(text):
        head.warnings.append(
            _("The document is marked {mark}. It must not be published.").format(mark=match["mark"])
        )
    elif match := RED_HEAD.fullmatch(text):
        head.issuing_body = "、".join(re.split(r"\s{2,}|\n|　+", match["names"].strip()))
    elif match := ORDER_HEAD.fullmatch(text):
        head.title, head.issuing_body = "".join(text.split()), "".join(match["name"].split())
    elif day := date_alone(text.strip("（）()")):
        head.issued_on = day
    else:
        return bool(ROUTINE.fullmatch(text) or SIGNER.fullmatch(text))
    return True


def _joined(titles: list[Line]) -> str:
    """Return the title in one line, without the blanks that only spread it over the sheet."""
    title = ""
    for word in re.sub(r"\[\d+\]$", "", " ".join(line.text for line in titles)).split():
        title += (" " if title and _is_parted(title, word) else "") + word
    return title


def _is_parted(title: str, word: str) -> bool:
    """Whether a blank before the word says something: in Latin text, and between joint bodies."""
    if title[-1].isascii() and word[0].isascii():
        return True
    before = title.rpartition(" ")[2]
    return bool(ORG_NAME.fullmatch(before) and ORG_NAME.match(word) and not ABOUT.match(word))
