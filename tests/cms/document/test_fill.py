"""Whatever a Document holds, the editor can be filled with it, and it builds to the same Document."""

import random

import pytest

from cms.document.build import build
from cms.document.fill import to_stream
from cms.document.model import (
    Attachment,
    Callout,
    Cell,
    Clause,
    Contact,
    Gallery,
    Heading,
    Image,
    ItemList,
    ListItem,
    Paragraph,
    QuestionAnswer,
    Quote,
    Related,
    Span,
    Table,
    Video,
)
from cms.document.rich_text import paragraph_html, paragraphs_of
from tests.factories import make_document, make_image, make_story

pytestmark = pytest.mark.django_db
WORDS = ["她", "阅览室", "a < b & c", "“引号”", "第一行\n第二行", "1. 不是编号"]


class Writer:
    """Writes blocks at random from a seed; pictures and the file are named by SHA-256."""

    def __init__(self, seed, pictures, attached, filename, page):
        self.random, self.pictures, self.page = random.Random(seed), pictures, page
        self.attached, self.filename = attached, filename

    def pick(self, *choices):
        return self.random.choice(choices)

    def spans(self):
        out = []
        for number in range(self.random.randint(1, 4)):
            marks = self.pick((), ("bold",), ("bold", "italic"), ("sub",), ("sup",))
            href = self.pick(None, None, f"https://example.org/?a={number}&b=2", "tel:12338")
            if not out or (out[-1].marks, out[-1].href) != (marks, href):
                out.append(Span(text=self.pick(*WORDS), marks=marks, href=href))
        return tuple(out)

    def paragraph(self):
        return Paragraph(spans=self.spans(), align=self.pick("left", "center", "right"))

    def list(self):
        items, level = [], 0
        for _ in range(self.random.randint(1, 6)):
            items.append(ListItem(spans=self.spans(), level=level))
            level = self.random.randint(0, min(level + 1, 3))
        return ItemList(ordered=self.pick(True, False), items=tuple(items))

    def table(self):
        """Draw one of: no headers, a first row, a first column, both; with one merged cell each way."""
        row, column = self.pick(True, False), self.pick(True, False)
        cell = lambda r, c, **span: Cell(  # noqa: E731
            text=self.pick("甲", "乙", ""),
            header=(row and r == 0) or (column and c == 0),
            align=self.pick("left", "center", "right"),
            **span,
        )
        return Table(
            caption=self.pick("", "补贴标准"),
            rows=(
                (cell(0, 0).model_copy(update={"text": "项目"}), cell(0, 1, colspan=2)),
                (cell(1, 0, rowspan=2), cell(1, 1), cell(1, 2)),
                (cell(2, 1), cell(2, 2)),
            ),
        )

    def image(self):
        return Image(
            asset=self.pick(*self.pictures), alt="孩子", credit="李梅摄", caption=self.pick("", "图")
        )

    def gallery(self):
        return Gallery(images=(self.image(), self.image()))

    def others(self):
        return [
            Heading(level=self.pick(2, 3, 4), text="标题 & 题"),
            Quote(text="第一行\n第二行", attribution=self.pick("", "村民")),
            Callout(title=self.pick("", "提示"), text="请带证件"),
            QuestionAnswer(question="谁？", answer=(self.paragraph(), self.paragraph())),
            Clause(number=self.pick("", "（一）"), level=self.pick(1, 2, 3, 4), spans=self.spans()),
            Attachment(asset=self.attached, title="申请表", filename=self.filename),
            Video(url="https://example.org/v", title="短片"),
            Related(page_id=self.page.pk, title="另一篇"),
            Contact(name="妇女之家", hotline="12338", address="人民路 1 号", hours="9:00–17:00"),
        ]

    def blocks(self):
        made = [self.paragraph(), self.paragraph(), self.list(), self.table(), self.image(), self.gallery()]
        made += [*self.others(), self.paragraph()]
        self.random.shuffle(made)
        return tuple(made)


@pytest.mark.parametrize("seed", range(12))
def test_build_fill_build_gives_the_same_document(cast, seed):
    images = [make_image(colour=colour) for colour in ("#b3261e", "#1f5f8b")]
    file, other = make_document(), make_story(cast.section)
    body = [("image", {"image": i, "alt": "a", "credit": "b", "caption": ""}) for i in images]
    known = build(make_story(cast.section, body=[*body, ("attachment", {"document": file, "title": ""})]))
    *shas, attached = known.files
    pictures, documents = dict(zip(shas, images, strict=True)), {attached: file}
    blocks = Writer(seed, shas, attached, file.filename, other).blocks()

    story = make_story(cast.section, body=to_stream(blocks, pictures, documents))
    once = build(story.latest_revision.as_object()).document
    assert once.sections[0].blocks == blocks
    again = make_story(cast.section, body=to_stream(once.sections[0].blocks, pictures, documents))
    assert build(again.latest_revision.as_object()).document == once


def test_neighbouring_paragraphs_become_one_block_as_a_person_would_type_them():
    first, second = Paragraph(spans=(Span(text="一"),)), Paragraph(spans=(Span(text="二"),), align="right")
    assert to_stream([first, second], {}) == [("paragraph", '<p>一</p><p class="align-right">二</p>')]


def test_a_file_that_is_not_at_hand_is_said_and_not_left_out():
    with pytest.raises(KeyError):
        to_stream([Image(asset="0" * 64, alt="a", credit="b")], {})


@pytest.mark.parametrize(
    "address", ["https://example.org/?a=1&lt=2", 'https://example.org/"a"', "https://example.org/'a'<b>&amp;"]
)
def test_an_address_is_the_same_after_it_went_through_the_editors_html(address):
    paragraph = Paragraph(spans=(Span(text="这里 <b>&lt;", href=address),))
    assert paragraphs_of(paragraph_html(paragraph), lambda given, _text: given["href"]) == (paragraph,)
