"""What the demonstration's people do with a text between import and sign-off."""

import io
import tempfile
from collections.abc import Mapping
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.files.images import ImageFile
from wagtail.images import get_image_model

from cms.articles import Article
from cms.demo.illustrations import write_illustration
from cms.models import Release, Variant

REVIEWERS = ("reviewer1", "reviewer2", "reviewer3")
CREDIT = "岭南女声 绘"
STREAMS = ("body", "original", "result")

# What the editor writes around a policy that came as a file; it fits whatever file is given.
EXPLANATION = {
    "digest": "文件说了什么、谁能受益、到哪里去办，一页看懂。",
    "byline": "编辑小林",
    "body": [
        (
            "paragraph",
            "<p>这份文件写给各级妇联组织，也写给每一位用得上它的姐妹。下面先说要点，再附文件全文。</p>",
        ),
        ("callout", {"title": "先看这一句", "text": "服务免费，就近办理；办不了的，当场告诉您该去哪里。"}),
    ],
    "audience": [("paragraph", "<p>本省城乡妇女和家庭，以及为她们服务的妇联干部和志愿者。</p>")],
    "how_to_apply": [
        (
            "list",
            "<ol><li>到离家最近的妇女之家登记。</li><li>说明需要的帮助。</li><li>五个工作日内得到答复。</li></ol>",
        ),
        (
            "contact",
            {
                "name": "妇女维权公益服务热线",
                "hotline": "12338",
                "address": "各社区（村）妇女之家",
                "hours": "周一至周五 9:00—17:30",
            },
        ),
    ],
    "questions": [
        (
            "qa",
            {
                "question": "需要带什么材料吗？",
                "answer": "<p>第一次咨询带身份证即可，其他材料由工作人员当面说明。</p>",
            },
        )
    ],
}


def finish(page: Article, author, facts: Mapping[str, object]) -> Article:
    """Fill what an import cannot know, and save it as ``author``: facts, picture texts, cover, a variant."""
    for name, value in facts.items():
        setattr(page, name, value)
    pictures = [block for name in STREAMS for block in _pictures(getattr(page, name, ()))]
    for number, picture in enumerate(pictures, start=1):
        picture["alt"] = picture["alt"] or f"{page.title}：插图{number}"
        picture["credit"] = picture["credit"] or CREDIT
    page.cover = pictures[0]["image"] if pictures else _drawn_cover()
    page.cover_alt, page.cover_credit = f"{page.title}：封面插图", CREDIT
    page.variants.set([Variant(channel="wechat", title=_short(page.title), digest=page.digest)])
    page.save_revision(user=author)
    return page


def submit(page: Article, author) -> None:
    """Hand the text in for review."""
    workflow = page.get_workflow()
    assert workflow is not None  # bootstrap gave the whole tree one
    workflow.start(page, author)


def pass_review(page: Article) -> Release:
    """Let each reviewer approve in turn; return what the last one signed off."""
    for username in REVIEWERS:
        state = page.current_workflow_task_state.specific
        state.approve(user=get_user_model().objects.get(username=username))
    return Release.objects.filter(page_id=page.pk).latest("number")


def _pictures(stream):
    return [block.value for block in stream if block.block_type == "image"]


def _drawn_cover():
    """Return a picture for a text that came without one; WeChat takes no article without a cover."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cover.png"
        write_illustration(file, "night-school")
        drawn = ImageFile(io.BytesIO(file.read_bytes()), name=file.name)
    return get_image_model().objects.create(title="封面", file=drawn)


def _short(title: str) -> str:
    """Return the title when it fits WeChat, and what stands between its brackets or a plain one when not."""
    if len(title) <= 32:
        return title
    inner = title.partition("“")[2].partition("”")[0]
    return f"读懂“{inner}”" if 0 < len(inner) <= 20 else "一页读懂这份文件"
