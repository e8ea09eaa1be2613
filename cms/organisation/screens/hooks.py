"""Where the desk leads to offices and roles: in Wagtail's settings, beside its users."""

from django.templatetags.static import static
from django.utils.html import format_html
from wagtail import hooks

from cms.organisation.screens.chooser import user_chooser
from cms.organisation.screens.memberships import MembershipViewSet
from cms.organisation.screens.offices import OfficeViewSet


@hooks.register("register_admin_viewset")
def serve_screens():
    return [OfficeViewSet(), MembershipViewSet(), user_chooser]


@hooks.register("register_icons")
def add_icons(icons):
    return [*icons, "cms/administration/icons/office.svg", "cms/administration/icons/membership.svg"]


@hooks.register("insert_global_admin_css")
def add_styles():
    return format_html('<link rel="stylesheet" href="{}">', static("cms/administration.css"))
