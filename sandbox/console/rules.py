"""What each platform's own console takes: what its sheet says, and not a word more."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
UNKNOWN = "其余没有公开资料：摘要长度、图片大小和张数、每天篇数、审核标准。这里不另加限制。"


@dataclass(frozen=True)
class Rules:
    """``title`` is the shortest and longest (None: not known) in characters; 0 is no limit that is known.

    ``covers`` are the numbers of covers that are taken (empty: any). ``heading`` is what every heading
    becomes ("": stays). ``dropped`` tags go with all inside. ``known`` and ``unknown`` are said on the page.
    """

    known: tuple[str, ...]
    unknown: str = UNKNOWN
    title: tuple[int, int | None] = (1, None)
    author: int = 0
    digest: int = 0
    covers: tuple[int, ...] = ()
    own_cover: bool = False
    heading: str = ""
    dropped: frozenset[str] = frozenset()
    links: bool = True


_NOTHING = "标题、正文、图片的要求都没有公开资料。"

RULES = {
    "wechat": Rules(
        known=(
            "标题最多 32 字，作者最多 16 字，摘要最多 120 字（wechat.md 第 4 节）。",
            "正文去掉脚本和外链；别处的图片由编辑器取来（第 8 节）。后台可以不设封面（第 4 节）。",
            "已发表的文章只能在后台修改（第 5 节）。",
        ),
        unknown="后台允许修改多少字、多少次，没有写进资料；这里不限制。",
        title=(1, 32),
        author=16,
        digest=120,
        covers=(0, 1),
        links=False,
    ),
    "toutiao": Rules(
        known=(
            "标题 2–30 字；封面 1 张或 3 张；先审核，后展示（toutiao.md 第 3 节）。",
            "原创声明和广告标记由人勾选，这里不模拟。",
        ),
        title=(2, 30),
        covers=(1, 3),
    ),
    "penguin": Rules(
        known=(
            "标题 5–64 字（penguin.md 第 5 节）；外链去掉链接、留下文字（同节，推断）。",
            "撤下和修改只能在后台做（第 6 节）。",
        ),
        title=(5, 64),
        links=False,
    ),
    "netease": Rules(
        known=(
            "标题 5–64 字；封面可以自选，不选就取正文第一张图（netease.md 第 1 节）。",
            "粘贴时去掉 script、iframe、object、embed、form、input、link、meta，各级标题都变成一种（同节）。",
        ),
        title=(5, 64),
        covers=(0, 1),
        own_cover=True,
        heading="h5",
        dropped=frozenset({"form", "input", "link", "meta"}),
    ),
    "nanfang": Rules(known=(_NOTHING + "（nanfang-plus.md 第 1 节）",)),
    "yidian": Rules(known=(_NOTHING + "（yidian.md 第 3 节）",)),
    "partner": Rules(known=("通用的合作方：没有自己的要求。",), unknown=""),
}


def problems(rules: Rules, fields: Mapping[str, str], covers: int) -> list[str]:
    """Return the sentences that the console says about an article that it does not take."""
    return [
        sentence
        for sentence in (
            _length("标题", fields["title"], *rules.title),
            _length("作者", fields["author"], 0, rules.author or None),
            _length("摘要", fields["digest"], 0, rules.digest or None),
            _number_of_covers(rules, covers),
            "" if fields["html"].strip() else "正文还空着。",
            "" if _is_web(fields["source_url"]) else "原文链接要用 http 或 https 地址。",
        )
        if sentence
    ]


def _is_web(address: str) -> bool:
    return not address or urlsplit(address).scheme in ("http", "https")


def _length(what: str, text: str, low: int, high: int | None) -> str:
    if len(text) < low:
        return f"{what}至少 {low} 字，现在 {len(text)} 字。"
    if high is not None and len(text) > high:
        return f"{what}最多 {high} 字，现在 {len(text)} 字。"
    return ""


def _number_of_covers(rules: Rules, covers: int) -> str:
    if not rules.covers or covers in rules.covers:
        return ""
    wanted = "或".join(f" {number} 张" for number in rules.covers).strip()
    return f"封面要 {wanted}，现在 {covers} 张。"
