"""Where the desk leads to offices and roles: in Wagtail's settings, beside its users."""

from collections.abc import Sequence

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.admin.viewsets.base import ViewSet

from cms.organisation.screens.chooser import user_chooser
from cms.organisation.screens.memberships import MembershipViewSet
from cms.organisation.screens.offices import OfficeViewSet


@hooks.register("register_admin_viewset")
def serve_screens() -> list[ViewSet]:
    return [OfficeViewSet(), MembershipViewSet(), user_chooser]


@hooks.register("register_icons")
def add_icons(icons: Sequence[str]) -> list[str]:
    return [*icons, "cms/administration/icons/office.svg", "cms/administration/icons/membership.svg"]


@hooks.register("insert_global_admin_css")
def add_styles() -> SafeString:
    return format_html('<link rel="stylesheet" href="{}">', static("cms/administration.css"))
