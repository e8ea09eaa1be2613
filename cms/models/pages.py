"""The pages that hold articles: the home page, an office's branch, a section."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, ObjectList, Panel, TabbedInterface
from wagtail.fields import RichTextField
from wagtail.models import Page

# What stands before Page among a class's bases, and asks Page's own methods in turn: checked as the page that
# it becomes part of. When the hub runs it is a plain class.
if TYPE_CHECKING:
    from wagtail.models import Page as BeforePage
else:
    BeforePage = object

ARTICLE_KINDS = ["cms.Story", "cms.PolicyInterpretation", "cms.EventPost", "cms.Commentary"]


def one_tab(*panels: Panel) -> TabbedInterface:
    """Return an editor with all in one tab: without any, Wagtail's page editor loses its margins."""
    return TabbedInterface([ObjectList(panels, heading=_("Content"))])


class OnMicroSite(BeforePage):
    """A page that readers find on the micro-site; Wagtail's own serving is not mounted."""

    def reader_path(self) -> str:
        raise NotImplementedError

    def get_url_parts(self, request: HttpRequest | None = None) -> tuple[int, str, str] | None:
        parts = super().get_url_parts(request) if self.pk else None
        return parts and (parts[0], settings.PUBLIC_URL, self.reader_path())


class HomePage(OnMicroSite, Page):
    """The micro-site's front page and the branch of the office at the root of the tree."""

    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["cms.OfficePage", "cms.SectionPage"]
    max_count = 1
    is_creatable = False  # made once, by bootstrap
    edit_handler = one_tab(FieldPanel("title"))

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")

    def reader_path(self) -> str:
        return "/"


class OfficePage(OnMicroSite, Page):
    """An office's branch. Its slug is the office's code, its title the office's name."""

    parent_page_types = ["cms.HomePage"]
    subpage_types = ["cms.SectionPage"]
    # An office is opened, with its collection and group (cms.organisation.offices.open_office).
    is_creatable = False
    edit_handler = one_tab(FieldPanel("title"))

    class Meta:
        verbose_name = _("office page")
        verbose_name_plural = _("office pages")

    def reader_path(self) -> str:
        return f"/o/{self.slug}/"


class SectionPage(OnMicroSite, Page):
    """A section in which articles stand."""

    introduction = RichTextField(_("introduction"), features=["bold", "italic", "link"], blank=True)

    parent_page_types = ["cms.HomePage", "cms.OfficePage"]
    subpage_types = ARTICLE_KINDS
    edit_handler = one_tab(FieldPanel("title"), FieldPanel("introduction"))

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")

    def reader_path(self) -> str:
        return f"/s/{self.pk}/"
