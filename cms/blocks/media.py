"""Blocks of pictures, files, videos and other articles."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock

from cms.models import ARTICLE_KINDS


class ImageBlock(blocks.StructBlock):
    image = ImageChooserBlock(label=_("Picture"))
    alt = blocks.CharBlock(
        max_length=200, label=_("What it shows"), help_text=_("Read aloud to those who cannot see it.")
    )
    credit = blocks.CharBlock(max_length=100, label=_("Credit"), help_text=_("Who made it, or its source."))
    caption = blocks.CharBlock(required=False, max_length=200, label=_("Caption"))

    class Meta:
        icon = "image"
        label = _("Picture")
        label_format = "{alt}"


class AttachmentBlock(blocks.StructBlock):
    document = DocumentChooserBlock(label=_("File"))
    title = blocks.CharBlock(
        required=False, max_length=200, label=_("Title"), help_text=_("Empty: the file's own title.")
    )

    class Meta:
        icon = "doc-full-inverse"
        label = _("Attachment")
        label_format = "{title}"


class VideoBlock(blocks.StructBlock):
    url = blocks.URLBlock(label=_("Address of the video"))
    title = blocks.CharBlock(max_length=200, label=_("Title"))

    class Meta:
        icon = "media"
        label = _("Video link")
        label_format = "{title}"


class RelatedBlock(blocks.StructBlock):
    page = blocks.PageChooserBlock(page_type=ARTICLE_KINDS, label=_("Article"))
    # Not taken from the page: its title may change while this text is in review.
    title = blocks.CharBlock(max_length=200, label=_("Title"), help_text=_("As readers shall see it here."))

    class Meta:
        icon = "link"
        label = _("Related article")
        label_format = "{title}"
