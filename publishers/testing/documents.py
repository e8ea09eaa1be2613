"""Documents for tests: one that has every block, one that means harm."""

import datetime as dt
from collections.abc import Sequence

from cms.document.model import (
    Asset,
    Attachment,
    Callout,
    Cell,
    Clause,
    Contact,
    Cover,
    Document,
    Focus,
    Gallery,
    Heading,
    Image,
    ItemList,
    ListItem,
    OfficeRef,
    Paragraph,
    PolicyFacts,
    QuestionAnswer,
    Quote,
    Related,
    Section,
    Source,
    Span,
    Table,
    Video,
)
from publishers.interface import Picture

OFFICE = OfficeRef(code="province", name="南粤省妇女联合会")
ATTACHMENT = "f" * 64
#: Markup, event attributes and scripts as an enemy would write them into any field.
HARM = '<script>alert(1)</script><img src=x onerror="alert(2)"> "\'><b>&amp;'


def text(*words: str, href: str | None = None) -> tuple[Span, ...]:
    return tuple(Span(text=word, href=href) for word in words)


def specimen(pictures: Sequence[Picture], title: str = "家庭教育促进办法解读") -> Document:
    """Return a policy interpretation with every kind of block.

    It takes three pictures; the first is the cover.
    """
    cover, first, second = (picture.sha256 for picture in pictures)
    return Document(
        facts=PolicyFacts(
            document_number="粤妇字〔2026〕12号",
            issuing_body="南粤省妇女联合会",
            addressee="各地级以上市妇联",
            issued_on=dt.date(2026, 3, 1),
            effective_on=dt.date(2026, 5, 1),
        ),
        title=title,
        subtitle="写给家长的十个问题",
        digest="办法自五月一日起施行，家长可以免费预约指导。",
        byline="林晓岚",
        source=Source(name="南粤女声", url="https://source.example/a/1", licence="CC BY 4.0"),
        office=OFFICE,
        cover=Cover(asset=cover, alt="封面", credit="周一帆 摄", focus=Focus(x=800, y=300)),
        assets={
            **{each.sha256: _asset(each) for each in pictures},
            ATTACHMENT: Asset(mime="application/pdf", size=1),
        },
        sections=(
            Section(role="explanation", title="要点", blocks=_explanation(first, second)),
            Section(role="original", title="原文", blocks=_original()),
            Section(role="questions", title="问答", blocks=_questions()),
        ),
    )


def _asset(picture: Picture) -> Asset:
    return Asset(mime=picture.mime, size=len(picture.read()), width=picture.width, height=picture.height)


def _explanation(first: str, second: str):
    bold = Span(text="免费", marks=("bold",))
    linked = Span(text="预约页面", href="https://booking.example/?a=1&b=2")
    return (
        Paragraph(spans=(*text("每个家庭都可以"), bold, *text("预约指导，见"), linked, *text("。\n第二行"))),
        Heading(level=3, text="谁来讲"),
        Image(asset=first, alt="教室里的家长", credit="何静 摄", caption="第一堂课"),
        Quote(text="先听孩子说完。", attribution="一位母亲"),
        ItemList(
            ordered=True,
            items=(
                ListItem(spans=text("带上户口本")),
                ListItem(spans=text("复印件也可以"), level=1),
                ListItem(spans=text("提前十分钟到")),
            ),
        ),
        Table(
            caption="开课安排",
            rows=(
                (Cell(text="时间", header=True), Cell(text="地点", header=True, colspan=2)),
                (Cell(text="周六上午", rowspan=2), Cell(text="云山市"), Cell(text="3", align="right")),
                (Cell(text="榕溪县"), Cell(text="5", align="right")),
            ),
        ),
        Callout(title="提醒", text="名额先到先得。"),
        Gallery(images=(Image(asset=second, alt="志愿者", credit="何静 摄"),)),
        Video(url="https://video.example/v/9", title="三分钟看懂办法"),
        Attachment(asset=ATTACHMENT, title="报名表", filename="form.pdf"),
        Related(page_id=7, title="夜校的灯亮到九点半"),
        Contact(name="云山市妇女之家", hotline="12338", address="榕树路1号", hours="工作日九点到五点"),
    )


def _original():
    return (
        Clause(number="一、", level=1, spans=text("总体要求")),
        Clause(number="（一）", level=2, spans=text("坚持立德树人。")),
        Clause(number="1.", level=3, spans=text("尊重儿童。")),
        Clause(number="（1）", level=4, spans=text("听取意见。")),
    )


def _questions():
    return (QuestionAnswer(question="要收费吗？", answer=(Paragraph(spans=text("不收费。")),)),)


def hostile(pictures: Sequence[Picture]) -> Document:
    """Return the specimen with markup in its texts and an address that runs a script.

    ``model_construct`` and ``model_copy`` pass the Document's own checks by, as a faulty release might.
    """
    link = Span.model_construct(text="领取", marks=(), href="javascript:alert(3)")
    blocks = (
        Paragraph(spans=text(HARM)),
        Heading(text=HARM),
        Callout(title=HARM, text=HARM),
        Table(rows=((Cell(text=HARM),),)),
        Image(asset=pictures[1].sha256, alt=HARM, credit=HARM),
        Paragraph.model_construct(type="paragraph", align="left", spans=(link,)),
    )
    source = Source(name=HARM, licence=HARM)
    section = Section.model_construct(role="body", title=HARM, blocks=blocks)
    return specimen(pictures).model_copy(update={"sections": (section,), "source": source})
