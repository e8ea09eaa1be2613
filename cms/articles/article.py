"""What every kind of article has."""

from typing import Any, ClassVar
from uuid import uuid4

from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalManyToManyField
from wagtail.fields import StreamField
from wagtail.models import Page, PageManager

from cms.blocks import BodyStream
from cms.editor.previews import Previewed
from cms.models import FOCUS, Office, OnMicroSite
from cms.review.page import Reviewed


class Article(OnMicroSite, Previewed, Reviewed, Page):
    """A text with its facts, pictures and variants. Readers see its Releases, never this row."""

    subtitle = models.CharField(_("subtitle"), max_length=200, blank=True)
    digest = models.TextField(_("digest"), max_length=500, blank=True)
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
    byline = models.CharField(_("byline"), max_length=100, blank=True)
    source_name = models.CharField(
        _("source"), max_length=100, blank=True, help_text=_("Empty: this office itself.")
    )
    source_url = models.URLField(_("link to the source"), max_length=500, blank=True)
    source_licence = models.CharField(_("licence"), max_length=100, blank=True)
    topics = ParentalManyToManyField("cms.Topic", verbose_name=_("topics"), blank=True)
    tags = ClusterTaggableManager(through="cms.ArticleTag", verbose_name=_("tags"), blank=True)
    body = StreamField(BodyStream(), verbose_name=_("text"), blank=True)

    objects: ClassVar[PageManager]
    slug: str
    kind: str  # the Document's Facts.kind

    parent_page_types = ["cms.SectionPage"]
    subpage_types: list[str] = []

    class Meta:
        abstract = True

    @property
    def office(self) -> Office:
        """The office in whose branch it stands now. Raises Office.DoesNotExist outside of every branch."""
        return Office.of_page(self)

    def full_clean(self, *args: Any, **kwargs: Any) -> None:  # what Wagtail hands to the next
        self._give_slug()
        super().full_clean(*args, **kwargs)

    def minimal_clean(self) -> None:
        self._give_slug()
        super().minimal_clean()

    def _give_slug(self) -> None:
        """Wagtail makes the slug from the title, which may hold no letter at all."""
        if not self.slug and not slugify(self.title, allow_unicode=True):
            self.slug = f"{self.kind}-{uuid4().hex[:8]}"

    def reader_path(self) -> str:
        return f"/a/{self.pk}/"
