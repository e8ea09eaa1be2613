"""The demonstration's articles: written, reviewed and signed off by the demonstration's people."""

import base64
import datetime as dt
import io
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from django.contrib.auth import get_user_model
from django.utils import timezone

from cms.articles import Article
from cms.demo.documents import write_policy
from cms.demo.illustrations import write_illustration
from cms.ingest import import_file
from cms.models import Office, SectionPage
from publishers.demo import network, writing
from publishers.distribution import distribute
from publishers.models import Account

TEXTS = Path(__file__).parent / "texts"
SCENES = ("night-school", "ledger", "reading")


@dataclass(frozen=True)
class Text:
    """One article of the demonstration: a file of ``texts/`` or, for the policy, a Word file made here."""

    file: str
    kind: str
    section: str
    author: str
    facts: dict = field(default_factory=dict)


def texts() -> list[Text]:
    today = timezone.localtime()
    next_saturday = today + dt.timedelta(days=(5 - today.weekday()) % 7 + 7)
    saturday = next_saturday.replace(hour=9, minute=30, second=0, microsecond=0)
    return [
        Text(
            "story.md",
            "story",
            "stories",
            "editor",
            {
                "subtitle": "榕树社区妇女之家的两千多个晚上",
                "digest": "课开在她们下班以后，讲她们第二天就用得上的事：一间社区夜校怎样坐满了人。",
                "byline": "编辑小林",
            },
        ),
        Text(
            "event.md",
            "event",
            "events",
            "yunshan_editor",
            {
                "digest": "三本关于树的图画书，一院子的木棉：周末请家长和孩子一起来。",
                "byline": "云山编辑小梁",
                "starts_at": saturday,
                "ends_at": saturday + dt.timedelta(hours=2, minutes=30),
                "place": "云山市妇女儿童活动中心一楼",
                "address": "云山市木棉路 16 号",
                "audience": "五至八岁的孩子和一位家长",
                "capacity": 36,
                "signup_url": "https://yunshan.example/reading",
            },
        ),
        Text(
            "commentary.md",
            "commentary",
            "comments",
            "editor",
            {
                "digest": "服务的好坏，最后由走出门的那个人来说。",
                "byline": "木棉时评组",
                "author_title": "岭南省妇女联合会宣传部",
            },
        ),
        Text("policy.docx", "policy", "policies", "editor", writing.EXPLANATION),
    ]


def load() -> None:
    """Make the articles that are missing, bring them through review and send the signed ones out."""
    duty = get_user_model().objects.get(username="duty")
    for text in texts():
        section = network.section(text.section)
        if section is None or section.get_children().exists():
            continue
        author = get_user_model().objects.get(username=text.author)
        page = writing.finish(_imported(text, section, author), author, text.facts)
        writing.submit(page, author)
        release = writing.pass_review(page)
        accounts = Account.objects.filter(office=Office.of_page(section))
        distribute([release], list(accounts), at=timezone.now(), by=duty)


def _imported(text: Text, section: SectionPage, author) -> Article:
    with tempfile.TemporaryDirectory() as folder:
        file = _file(text, Path(folder))
        return import_file(
            io.BytesIO(file.read_bytes()), file.name, kind=text.kind, section=section, user=author
        )


def _file(text: Text, folder: Path) -> Path:
    file = folder / text.file
    if text.kind == "policy":
        write_policy(file)
        return file
    words = (TEXTS / text.file).read_text()
    for scene in SCENES:
        if f"({scene}.png)" in words:
            write_illustration(folder / "scene.png", scene)
            encoded = base64.b64encode((folder / "scene.png").read_bytes()).decode()
            words = words.replace(f"({scene}.png)", f"(data:image/png;base64,{encoded})")
    file.write_text(words)
    return file
