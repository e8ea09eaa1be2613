"""One article's own words for one channel."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.models import Orderable

from cms import channels
from cms.models.focus import FOCUS


class Form(models.TextChoices):
    PICTURES = "pictures", _("Picture message")


class Comments(models.TextChoices):
    OPEN = "open", _("Open to everybody")
    FOLLOWERS = "followers", _("Open to followers")


class Variant(Orderable, models.Model):  # a model by name: Wagtail has no types that would say so
    """Title, digest, author and cover for one channel; what is empty is as in the article.

    Without a cover of its own, its focal point is for the article's cover, as this channel cuts it.

    It belongs to the page as a child, and therefore to the page's revision.
    """

    page = ParentalKey("wagtailcore.Page", related_name="variants")
    channel = models.SlugField(_("channel"), max_length=40)
    title = models.CharField(_("title"), max_length=255, blank=True)
    digest = models.TextField(_("digest"), max_length=500, blank=True)
    author = models.CharField(_("byline"), max_length=100, blank=True)
    cover = models.ForeignKey(
        "wagtailimages.Image",
        verbose_name=_("cover"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    cover_alt = models.CharField(_("what the cover shows"), max_length=200, blank=True)
    cover_credit = models.CharField(_("credit of the cover"), max_length=100, blank=True)
    cover_focus = models.CharField(
        _("focal point of the cover"), max_length=9, blank=True, validators=[FOCUS]
    )

    form = models.CharField(
        _("form"),
        max_length=10,
        choices=Form.choices,
        blank=True,
        help_text=_("A picture message: pictures to leaf through, with a short text. WeChat only."),
    )
    comments = models.CharField(
        _("comments"), max_length=10, choices=Comments.choices, blank=True, help_text=_("WeChat only.")
    )

    class Meta(Orderable.Meta):
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        constraints = [models.UniqueConstraint(fields=["page", "channel"], name="variant_once_per_channel")]

    def __str__(self) -> str:
        return self.channel_name

    @property
    def channel_name(self) -> str:
        """The channel's name; a channel that is no longer installed keeps its slug."""
        known = {channel.slug: channel.name for channel in channels.all_channels()}
        return known.get(self.channel, self.channel)
