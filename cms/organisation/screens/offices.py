"""The offices as an indented tree: opened, changed, and deleted while they own nothing."""

from typing import Any  # what Wagtail's views hand on, which have no types

from django.contrib.auth.models import Permission
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Length, Substr
from django.forms import BaseForm
from django.urls import URLPattern, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.ui.menus import MenuItem
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.views.generic.history import HistoryView
from wagtail.admin.viewsets.model import ModelViewSet

from cms.models import Membership, Office
from cms.organisation import offices, permissions
from cms.organisation.screens.forms import NewOfficeForm, OfficeForm
from cms.organisation.screens.views import CellColumn, HistoryOfManaged, OnlyManaged, breadcrumbs


class OfficeColumn(TitleColumn):
    """Names, indented as in the tree from the depth ``top`` on; without it, with the office above each."""

    cell_template_name = "cms/administration/cells/office.html"

    def __init__(self, name: str, *, top: int | None, **kwargs: Any) -> None:  # a column's own
        super().__init__(name, **kwargs)
        self.top = top

    def get_cell_context_data(self, instance: Office, parent_context: dict[str, Any]) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        place = {"above": instance.above} if self.top is None else {"level": instance.depth - self.top}
        return {**context, **place}


class IndexView(generic.IndexView):
    table_classname = "listing hub-rows"
    add_item_label = _("Open an office")

    def get_base_queryset(self) -> QuerySet[Office]:
        managed = self.permission_policy.instances_user_has_any_permission_for(self.request.user, {"change"})
        path = OuterRef("path")
        above = Office.objects.filter(path=Substr(path, 1, Length(path) - Office.steplen))
        return managed.annotate(
            above=Subquery(above.values("name")[:1]),
            user_count=Count("memberships__user", filter=Q(memberships__user__is_active=True), distinct=True),
        )

    def order_queryset(self, queryset: QuerySet) -> QuerySet:
        return queryset.order_by("path")

    @cached_property
    def top(self) -> int | None:
        if self.is_searching or self.is_filtering:
            return None
        paths = self.permission_policy.get_cached_permissions_for_user(self.request.user)
        return max(1, min(len(path) for path in paths) // Office.steplen)

    @cached_property
    def columns(self) -> list[Column]:
        return [
            self._get_title_column_class(OfficeColumn)(
                "name", top=self.top, label=_("Office"), get_url=self.get_edit_url
            ),
            Column("code", label=_("Code"), width="15%"),
            Column("kind", label=_("Kind"), accessor="get_kind_display", width="12%"),
            CellColumn("stages", label=_("Stages of review"), width="10%"),
            CellColumn("users", label=_("Users"), width="10%"),
        ]

    def get_list_more_buttons(self, instance: Office) -> list[MenuItem]:
        below = reverse("offices:add", query={"parent": instance.pk})
        return [
            *super().get_list_more_buttons(instance),
            MenuItem(_("Open an office below it"), url=below, icon_name="plus", priority=15),
        ]


class OpenView(generic.CreateView):
    page_title = _("Open an office")
    page_subtitle = _("Open an office")
    success_message = _("“%(object)s” is open.")
    submit_button_label = _("Open")
    submit_button_active_label = _("Opening…")

    def get_breadcrumbs_items(self) -> list[dict]:
        return breadcrumbs(self, _("Offices"), self.page_title)

    def get_initial(self) -> dict[str, str | None]:
        return {"parent": self.request.GET.get("parent")}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "paths": permissions.reach(self.request.user)}

    def save_instance(self) -> Office:
        return offices.open_office(**self.form.cleaned_data, by=self.request.user)

    def get_success_buttons(self) -> list[tuple[str, str, bool]]:
        give = reverse("memberships:add", query={"office": self.object.pk})
        return [messages.button(give, _("Give a role in it"))]


class ChangeView(OnlyManaged, generic.EditView):
    template_name = "cms/administration/office.html"
    success_message = _("“%(object)s” is changed.")

    def save_instance(self) -> Office:
        return offices.change_office(self.object, **self.form.cleaned_data, by=self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, above=self.object.get_parent(), members=self._members())

    def _members(self) -> QuerySet[Membership]:
        return self.object.memberships.select_related("user").order_by("role", "stage", "user__username")


class CloseView(OnlyManaged, generic.DeleteView):
    template_name = "cms/administration/close_office.html"
    success_message = _("“%(object)s” is deleted.")

    @cached_property
    def owned(self) -> list[str]:
        return offices.what_it_owns(self.object)

    def delete_action(self) -> None:
        offices.close_office(self.object, by=self.request.user)


class OfficeHistoryView(HistoryOfManaged, HistoryView):
    pass


class OfficeViewSet(ModelViewSet):
    model = Office
    name = "offices"
    icon = "office"
    menu_label = _("Offices")
    menu_order = 580
    add_to_settings_menu = True
    add_to_reference_index = False
    copy_view_enabled = False
    index_view_class = IndexView
    add_view_class = OpenView
    edit_view_class = ChangeView
    delete_view_class = CloseView
    history_view_class = OfficeHistoryView
    search_fields = ("name", "code")
    search_backend_name = None
    list_filter = ("kind",)
    list_per_page = 200

    def get_form_class(self, for_update: bool = False) -> type[BaseForm]:
        return OfficeForm if for_update else NewOfficeForm

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_common_view_kwargs(**{"usage_url_name": None, **kwargs})

    def get_urlpatterns(self) -> list[URLPattern]:
        return [pattern for pattern in super().get_urlpatterns() if pattern.name != "usage"]

    def get_permissions_to_register(self) -> QuerySet[Permission]:
        """None to tick in a group: rights follow from roles."""
        return Permission.objects.none()
