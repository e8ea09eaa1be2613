"""Where the desk leads to the import: the menu, and the header of a section."""

from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets import Button

from cms.ingest.forms import may_import
from cms.ingest.views import ImportView
from cms.models import SectionPage


@hooks.register("register_admin_urls")
def serve_import():
    return [path("import/", ImportView.as_view(), name="hub_import")]


class ImportMenuItem(MenuItem):
    def is_shown(self, request):
        return may_import(request.user)


@hooks.register("register_admin_menu_item")
def add_menu_item():
    return ImportMenuItem(
        _("Import a text"), reverse("hub_import"), name="import", icon_name="upload", order=150
    )


@hooks.register("register_page_header_buttons")
def add_button(page, user, view_name, next_url=None):
    if isinstance(page, SectionPage) and page.permissions_for_user(user).can_add_subpage():
        address = f"{reverse('hub_import')}?{urlencode({'section': page.pk})}"
        yield Button(_("Import a text"), address, icon_name="upload", priority=16)
