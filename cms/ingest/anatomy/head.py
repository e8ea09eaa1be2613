"""The head of an official document: who issues it, its number, its title, to whom it goes."""

import re
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from cms.document.model import Block
from cms.ingest.anatomy.clauses import CHAPTER, clause_of
from cms.ingest.anatomy.dates import FULL_WIDTH
from cms.ingest.draft import Line

# In the head nothing is longer, and the addressee comes within so many lines.
MAX_HEAD_LINES, MAX_TITLE_LINE_CHARS, MAX_ADDRESSEE_CHARS = 16, 80, 400
OPEN, CLOSE = r"[〔［【\[(（〈﹝]", r"[〕］】\])）〉﹞]"
NUMBER = re.compile(
    rf"(?P<word>[\u4e00-\u9fff]{{1,15}})\s*{OPEN}\s*(?P<year>(?:19|20)\d\d)\s*{CLOSE}\s*第?\s*(?P<serial>\d{{1,5}})\s*号"
)
ORDER = re.compile(
    r"(?P<word>[\u4e00-\u9fff]{2,30}令)?\s*第\s*(?P<serial>[\d一二三四五六七八九十百零〇]{1,5})\s*号"
)
RED_HEAD = re.compile(r"(?P<names>[\u4e00-\u9fff\s　]{4,60}?)\s*文\s*件")
SECRET = re.compile(r"(?P<mark>绝密|机密|秘密)\s*(?:★.*)?")
ROUTINE = re.compile(r"(?:特急|加急|特提|平急|急件|\d{6}|[-—_=★\s]{3,})")
SIGNER = re.compile(r"签发人\s*[:：].*")
ORGANISATION = (
    "联合会|妇联|委员会|人民政府|办公厅|办公室|法院|检察院|公司|中心|协会|学会|总工会|团委|指挥部|领导小组"
    "|厅|局|委|部|院|处|室|会|办|所|站|校"
)
ORG_NAME = re.compile(rf"[\u4e00-\u9fff·（）\s　]{{2,40}}?(?:{ORGANISATION})")
ADDRESSEE = (
    f"{ORGANISATION}|单位|机关|市|州|县|区|镇|街道|企业|学校|大学|学院|医院|银行|同志|妇女|姐妹|有关方面"
)
ADDRESSED = re.compile(rf"(?:{ADDRESSEE})[\s　]*[：:]$")
INTRODUCES = re.compile(r"如下|下列|以下|现将|现就|通知|要求|分别是|包括")
NOTE = re.compile(r"[（(].*(?:通过|公布|发布|修订|印发|修正|批准).*[）)]", re.DOTALL)


@dataclass
class Head:
    title: str = ""
    document_number: str = ""
    issuing_body: str = ""
    addressee: str = ""
    warnings: list[str] = field(default_factory=list)


def read_head(items: list[Line | Block]) -> tuple[Head, list[Line | Block]]:
    """Return the head, and the items without the lines that it is made of."""
    head = Head()
    end = _end(items)
    titles: list[Line] = []
    kept = [item for item in items[:end] if not _take(head, item, titles)]
    rest = items[end:]
    if rest and isinstance(rest[0], Line) and is_addressee(rest[0]):
        head.addressee = rest.pop(0).text.rstrip("：: 　")
    head.title = "".join(_clean(line.text) for line in titles)
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
        return f"{match['word'] or ''}第{match['serial']}号"
    return ""


def org_of_title(title: str) -> str:
    """Return who issues a document by its title, 广东省妇联关于…的通知, or nothing."""
    name, about, _rest = title.partition("关于")
    return name.strip() if about and ORG_NAME.fullmatch(name.strip()) else ""


def _end(items: list[Line | Block]) -> int:
    """Return the place of the addressee, or else of the first item that cannot be part of a head."""
    for place, item in enumerate(items[:MAX_HEAD_LINES]):
        if isinstance(item, Line) and (is_addressee(item) or _begins_body(item, place)):
            return place
    return next((n for n, item in enumerate(items) if not isinstance(item, Line)), len(items))


def _begins_body(line: Line, place: int) -> bool:
    if place and (clause_of(line) or CHAPTER.match(line.number + line.text)):
        return True
    if line.bullet or NOTE.fullmatch(line.text):
        return line.bullet
    return len(line.text) > MAX_TITLE_LINE_CHARS or line.text.endswith(("。", "；", "！", "：", "，"))


def _take(head: Head, item: Line | Block, titles: list[Line]) -> bool:
    """Put one line of the head where it belongs; False leaves it in the text."""
    if not isinstance(item, Line):
        return False
    text = item.text.strip()
    if number := document_number(text):
        head.document_number = head.document_number or number
    elif match := SECRET.fullmatch(text):
        head.warnings.append(
            _("The document is marked {mark}. It must not be published.").format(mark=match["mark"])
        )
    elif match := RED_HEAD.fullmatch(text):
        head.issuing_body = "、".join(re.split(r"\s{2,}|\n|　+", match["names"].strip()))
    elif ROUTINE.fullmatch(text) or SIGNER.fullmatch(text):
        pass
    elif NOTE.fullmatch(text):
        return False
    else:
        titles.append(item)
    return True


def _clean(text: str) -> str:
    """Return a line of the title without the blanks that only spread it."""
    text = re.sub(r"\[\d+\]$", "", text)
    return re.sub(r"(?<=[^\x00-\x7f])[\s　]+|[\s　]+(?=[^\x00-\x7f])", "", text).strip()
