"""What articles are about: topics that the network agrees on, and free tags."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from taggit.models import TaggedItemBase
from wagtail.snippets.models import register_snippet


@register_snippet
class Topic(models.Model):
    name = models.CharField(_("name"), max_length=40, unique=True)

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ArticleTag(TaggedItemBase):
    """One tag on one article; on the page and not on each kind, so that all kinds share one table."""

    # taggit has no types, and every page has a manager made of this one.
    _default_manager: ClassVar["models.Manager[ArticleTag]"]

    content_object = ParentalKey("wagtailcore.Page", related_name="article_tags")

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
