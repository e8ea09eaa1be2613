"""Where the desk leads to distribution: addresses, menu, the first page, the header of an article."""

from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem
from wagtail.admin.widgets import Button

from cms.articles import Article
from publishers.desk.access import roles_of
from publishers.desk.accounts import AccountAddView, AccountsView, AccountView, PlatformsView
from publishers.desk.board import BoardView
from publishers.desk.broadcasts import NotifyView
from publishers.desk.composing import ComposeView, EditionsView, RecomposeView, show_cover
from publishers.desk.connecting import connect, disconnect
from publishers.desk.detail import DeliveryView
from publishers.desk.feeds import allow_feed, rotate_feed
from publishers.desk.home import DeliveriesPanel
from publishers.desk.manual import download_package, download_picture
from publishers.desk.page import PageDistributionView, download_proof
from publishers.desk.previewing import PreviewView, preview_frame, preview_part
from publishers.desk.sending import SendView
from publishers.desk.sightings import accept_sightings
from publishers.desk.statistics import CheckView, FiguresView, ImportView, ItemFiguresView
from publishers.desk.switch import SwitchPanel, SwitchView
from publishers.desk.texts import TextsView
from publishers.engine import switching
from publishers.people import permissions


@hooks.register("register_admin_urls")
def serve_desk():
    return [
        path("deliveries/", BoardView.as_view(), name="hub_deliveries"),
        path("deliveries/results/", BoardView.as_view(results_only=True), name="hub_deliveries_results"),
        path("deliveries/<uuid:pk>/", DeliveryView.as_view(), name="hub_delivery"),
        path("deliveries/<uuid:pk>/preview/<int:item>/", PreviewView.as_view(), name="hub_preview"),
        path("deliveries/<uuid:pk>/preview/<int:item>/page/", preview_frame, name="hub_preview_frame"),
        path("deliveries/<uuid:pk>/preview/<int:item>/<slug:sha256>/", preview_part, name="hub_preview_part"),
        path("deliveries/<uuid:pk>/followers/", NotifyView.as_view(), name="hub_notify"),
        path("deliveries/<uuid:pk>/accept/", accept_sightings, name="hub_accept"),
        path("deliveries/<uuid:pk>/package/", download_package, name="hub_package"),
        path(
            "deliveries/<uuid:pk>/pictures/<int:position>/<slug:stem>/",
            download_picture,
            name="hub_handed_picture",
        ),
        path("texts/", TextsView.as_view(), name="hub_texts"),
        path("texts/results/", TextsView.as_view(results_only=True), name="hub_texts_results"),
        path("texts/distribute/", SendView.as_view(), name="hub_send"),
        path("texts/of-page/<int:page_id>/", PageDistributionView.as_view(), name="hub_page_distribution"),
        path("editions/", EditionsView.as_view(), name="hub_editions"),
        path("editions/<int:account>/", ComposeView.as_view(), name="hub_edition"),
        path("editions/of/<uuid:pk>/", RecomposeView.as_view(), name="hub_recompose"),
        path("editions/cover/<uuid:pk>/<slug:sha256>/", show_cover, name="hub_cover"),
        path("texts/proof/<uuid:pk>/", download_proof, name="hub_proof"),
        path("figures/", FiguresView.as_view(), name="hub_figures"),
        path("figures/results/", FiguresView.as_view(results_only=True), name="hub_figures_results"),
        path("figures/<int:pk>/", ItemFiguresView.as_view(), name="hub_item_figures"),
        path("figures/import/", ImportView.as_view(), name="hub_figures_import"),
        path("figures/import/check/", CheckView.as_view(), name="hub_figures_check"),
        path("switch/", SwitchView.as_view(), name="hub_switch"),
        path("accounts/", AccountsView.as_view(), name="hub_accounts"),
        path("accounts/add/", PlatformsView.as_view(), name="hub_account_platforms"),
        path("accounts/add/<slug:platform>/", AccountAddView.as_view(), name="hub_account_add"),
        path("accounts/<int:pk>/connect/", connect, name="hub_connect"),
        path("accounts/<int:pk>/disconnect/", disconnect, name="hub_disconnect"),
        path("accounts/<int:pk>/feed/rotate/", rotate_feed, name="hub_feed_rotate"),
        path("accounts/<int:pk>/feed/allow/", allow_feed, name="hub_feed_allow"),
        path("accounts/<int:pk>/", AccountView.as_view(), name="hub_account"),
    ]


class RoleMenuItem(MenuItem):
    def __init__(self, label, url_name: str, roles: tuple[str, ...], **kwargs):
        super().__init__(label, reverse(url_name), name=url_name.replace("_", "-"), **kwargs)
        self.roles = roles

    def is_shown(self, request):
        return bool(roles_of(request).intersection(self.roles))


@hooks.register("register_admin_menu_item")
def add_menu():
    items = [
        RoleMenuItem(_("Deliveries"), "hub_deliveries", permissions.SEEING, icon_name="upload", order=10),
        RoleMenuItem(_("Signed texts"), "hub_texts", permissions.SENDING, icon_name="doc-full", order=20),
        RoleMenuItem(
            _("Compose an edition"), "hub_editions", permissions.SENDING, icon_name="order", order=25
        ),
        RoleMenuItem(_("Figures"), "hub_figures", permissions.SEEING, icon_name="table", order=28),
        RoleMenuItem(_("Accounts"), "hub_accounts", permissions.SEEING, icon_name="key", order=30),
        RoleMenuItem(_("Main switch"), "hub_switch", switching.ROLES, icon_name="lock", order=40),
    ]
    return SubmenuMenuItem(
        _("Distribution"), Menu(items=items), name="distribution", icon_name="upload", order=160
    )


@hooks.register("construct_homepage_panels")
def show_deliveries(request, panels) -> None:
    panels += [SwitchPanel(request), DeliveriesPanel(request)]


@hooks.register("register_page_header_buttons")
def lead_to_distribution(page, user, view_name, next_url=None):
    if isinstance(page, Article):
        address = reverse("hub_page_distribution", args=[page.pk])
        yield Button(_("Sign-off and distribution"), address, icon_name="upload", priority=15)


@hooks.register("insert_global_admin_css")
def add_styles():
    return format_html('<link rel="stylesheet" href="{}">', static("publishers/desk.css"))
