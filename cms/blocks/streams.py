"""One stream for each use, with the blocks that make sense there."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from cms.blocks.media import AttachmentBlock, ImageBlock, RelatedBlock, VideoBlock
from cms.blocks.text import (
    CalloutBlock,
    ClauseBlock,
    ContactBlock,
    HeadingBlock,
    ListBlock,
    ParagraphBlock,
    QuestionAnswerBlock,
    QuoteBlock,
    TableBlock,
)

WORDS = _("Text")
PICTURES = _("Pictures and files")
SERVICES = _("Policy and services")


def gallery_block(**kwargs: Any) -> blocks.ListBlock:  # a block's own
    return blocks.ListBlock(ImageBlock(), icon="image", label=_("Gallery"), **kwargs)


class BodyStream(blocks.StreamBlock):
    paragraph = ParagraphBlock(group=WORDS)
    heading = HeadingBlock(group=WORDS)
    list = ListBlock(group=WORDS)
    quote = QuoteBlock(group=WORDS)
    table = TableBlock(group=WORDS)
    callout = CalloutBlock(group=WORDS)
    image = ImageBlock(group=PICTURES)
    gallery = gallery_block(group=PICTURES)
    video = VideoBlock(group=PICTURES)
    attachment = AttachmentBlock(group=PICTURES)
    related = RelatedBlock(group=PICTURES)
    qa = QuestionAnswerBlock(group=SERVICES)
    clause = ClauseBlock(group=SERVICES)
    contact = ContactBlock(group=SERVICES)


class OriginalStream(blocks.StreamBlock):
    clause = ClauseBlock()
    paragraph = ParagraphBlock()
    heading = HeadingBlock()
    list = ListBlock()
    table = TableBlock()
    image = ImageBlock()
    attachment = AttachmentBlock()


class QuestionsStream(blocks.StreamBlock):
    qa = QuestionAnswerBlock()


class AudienceStream(blocks.StreamBlock):
    paragraph = ParagraphBlock()
    list = ListBlock()


class HowToApplyStream(blocks.StreamBlock):
    paragraph = ParagraphBlock()
    list = ListBlock()
    table = TableBlock()
    callout = CalloutBlock()
    attachment = AttachmentBlock()
    contact = ContactBlock()


class ResultStream(blocks.StreamBlock):
    paragraph = ParagraphBlock()
    heading = HeadingBlock()
    list = ListBlock()
    quote = QuoteBlock()
    table = TableBlock()
    image = ImageBlock()
    gallery = gallery_block()
    video = VideoBlock()
    attachment = AttachmentBlock()
