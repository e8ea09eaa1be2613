"""Flat lists of articles, one for each kind."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.pages import PageListingViewSet
from wagtail.permissions import page_permission_policy

from cms.articles.article import Article
from cms.articles.kinds import Commentary, EventPost, PolicyInterpretation, Story


class ArticleMenuItem(MenuItem):
    """Shown to whoever may write or change pages somewhere: the lists turn everybody else away."""

    def is_shown(self, request: HttpRequest) -> bool:
        return page_permission_policy.user_has_any_permission(request.user, {"add", "change"})


def _listing(model: type[Article], icon: str) -> PageListingViewSet:
    return PageListingViewSet(
        model._meta.model_name,
        model=model,
        icon=icon,
        menu_label=model._meta.verbose_name_plural,
        menu_item_class=ArticleMenuItem,
        add_to_admin_menu=False,
    )


class ArticleListings(ViewSetGroup):
    menu_label = _("Articles")
    menu_icon = "doc-full"
    menu_order = 110
    items = (
        _listing(Story, "user"),
        _listing(PolicyInterpretation, "clipboard-list"),
        _listing(EventPost, "date"),
        _listing(Commentary, "edit"),
    )


@hooks.register("register_admin_viewset")
def list_articles() -> ArticleListings:
    return ArticleListings()
