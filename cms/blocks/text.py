"""Blocks of words."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.contrib.table_block.blocks import TableBlock as WagtailTableBlock

# What a Span can hold; whatever else is pasted in is dropped by the editor.
INLINE = ["bold", "italic", "superscript", "subscript", "link"]


class ParagraphBlock(blocks.RichTextBlock):
    """One or more paragraphs; each becomes one Paragraph."""

    def __init__(self, **kwargs: Any) -> None:  # a block's own
        super().__init__(**{"features": [*INLINE, "align-center", "align-right"], **kwargs})

    class Meta:
        icon = "pilcrow"
        label = _("Paragraphs")


class HeadingBlock(blocks.StructBlock):
    level = blocks.ChoiceBlock(
        choices=[(2, _("Heading")), (3, _("Subheading")), (4, _("Small heading"))],
        default=2,
        label=_("Level"),
    )
    text = blocks.CharBlock(max_length=200, label=_("Text"))

    class Meta:
        icon = "title"
        label = _("Heading")
        label_format = "{text}"


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock(rows=3, label=_("Quoted words"))
    attribution = blocks.CharBlock(required=False, max_length=100, label=_("Who says it"))

    class Meta:
        icon = "openquote"
        label = _("Quote")
        label_format = "{text}"


class ListBlock(blocks.RichTextBlock):
    """Bulleted or numbered lists, nested up to four levels; each becomes one ItemList."""

    def __init__(self, **kwargs: Any) -> None:  # a block's own
        super().__init__(**{"features": ["ul", "ol", *INLINE], **kwargs})

    class Meta:
        icon = "list-ul"
        label = _("List")


class TableBlock(WagtailTableBlock):
    """A table with merged cells and alignment, both from its context menu."""

    def __init__(self, **kwargs: Any) -> None:  # a block's own
        menu = ["row_above", "row_below", "col_left", "col_right", "remove_row", "remove_col"]
        options = {
            "contextMenu": [*menu, "---------", "mergeCells", "alignment", "---------", "undo", "redo"],
            "mergeCells": True,
        }
        super().__init__(**{"table_options": options, **kwargs})

    class Meta:
        icon = "table"
        label = _("Table")


class CalloutBlock(blocks.StructBlock):
    title = blocks.CharBlock(required=False, max_length=100, label=_("Title"))
    text = blocks.TextBlock(rows=3, label=_("Text"))

    class Meta:
        icon = "info-circle"
        label = _("Callout")
        label_format = "{title}"


class QuestionAnswerBlock(blocks.StructBlock):
    question = blocks.CharBlock(max_length=300, label=_("Question"))
    answer = blocks.RichTextBlock(features=INLINE, label=_("Answer"))

    class Meta:
        icon = "help"
        label = _("Question and answer")
        label_format = "{question}"


class ClauseBlock(blocks.StructBlock):
    """A numbered clause of a policy; paragraphs after the first become Paragraphs."""

    level = blocks.ChoiceBlock(
        choices=[(1, "一、"), (2, "（一）"), (3, "1."), (4, "（1）")], default=1, label=_("Level")
    )
    number = blocks.CharBlock(
        required=False, max_length=20, label=_("Number"), help_text=_("As printed in the document.")
    )
    text = blocks.RichTextBlock(features=INLINE, label=_("Text"))

    class Meta:
        icon = "order"
        label = _("Clause")
        label_format = "{number}{text}"


class ContactBlock(blocks.StructBlock):
    name = blocks.CharBlock(max_length=100, label=_("Name"))
    hotline = blocks.CharBlock(required=False, max_length=60, label=_("Hotline"))
    address = blocks.CharBlock(required=False, max_length=200, label=_("Address"))
    hours = blocks.CharBlock(required=False, max_length=100, label=_("Hours"))

    class Meta:
        icon = "mobile-alt"
        label = _("Contact card")
        label_format = "{name}"
