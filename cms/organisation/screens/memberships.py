"""Who has which role where: given and taken one by one, each noted in the office's history."""

from typing import Any  # what Wagtail's views hand on, which have no types

import django_filters
from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, Permission
from django.db.models import Case, Model, QuerySet, Value, When
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.menus import MenuItem
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet

from cms.models import Membership, Office, Role, Stage, name_of
from cms.organisation import offices, permissions
from cms.organisation.screens.forms import MembershipForm
from cms.organisation.screens.views import CellColumn, OnlyManaged, breadcrumbs


def _offices(request: HttpRequest) -> QuerySet[Office]:
    return permissions.managed_offices(permissions.reach(request.user))


def _users(request: HttpRequest) -> QuerySet[AbstractUser]:
    managed = permissions.managed_memberships(permissions.reach(request.user))
    return get_user_model().objects.filter(pk__in=managed.values("user")).order_by("username")


class UserChoice(django_filters.fields.ModelChoiceField):
    def label_from_instance(self, user: AbstractUser) -> str:
        return name_of(user)


class UserFilter(django_filters.ModelChoiceFilter):
    field_class = UserChoice


class Filters(WagtailFilterSet):
    office = django_filters.ModelChoiceFilter(label=gettext_lazy("Office"), queryset=_offices)
    role = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Role"), choices=Role.choices, widget=forms.CheckboxSelectMultiple
    )
    stage = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Stage"), choices=Stage.choices, widget=forms.CheckboxSelectMultiple
    )
    user = UserFilter(label=gettext_lazy("User"), queryset=_users)

    class Meta:
        model = Membership
        fields = ("office", "role", "stage", "user")


class IndexView(generic.IndexView):
    table_classname = "listing hub-rows"
    add_item_label = gettext_lazy("Give a role")
    page_title = gettext_lazy("Members and roles")

    def get_base_queryset(self) -> QuerySet[Membership]:
        paths = self.permission_policy.get_cached_permissions_for_user(self.request.user)
        return permissions.managed_memberships(paths).select_related("user__wagtail_userprofile", "office")

    def order_queryset(self, queryset: QuerySet) -> QuerySet:
        order = Case(*(When(role=role, then=Value(place)) for place, role in enumerate(Role)))
        return queryset.order_by("office__path", order, "stage", "user__username")

    @cached_property
    def columns(self) -> list[Column]:
        return [
            self._get_title_column_class(UserColumn)("user", label=_("User")),
            Column("office", label=_("Office"), width="35%"),
            CellColumn("role", label=_("Role"), width="20%"),
        ]

    def get_list_more_buttons(self, instance: Membership) -> list[MenuItem]:
        url = reverse("memberships:delete", args=[instance.pk])
        return [MenuItem(_("Take this role away"), url=url, icon_name="bin")]


class UserColumn(TitleColumn):
    cell_template_name = "cms/administration/cells/user.html"


class GiveView(generic.CreateView):
    page_title = gettext_lazy("Give a role")
    page_subtitle = gettext_lazy("Give a role")
    submit_button_label = gettext_lazy("Give")
    submit_button_active_label = gettext_lazy("Giving…")
    error_message = gettext_lazy("The role could not be given. See below.")

    def get_breadcrumbs_items(self) -> list[dict]:
        return breadcrumbs(self, _("Members and roles"), self.page_title)

    def get_initial(self) -> dict[str, str | None]:
        return {name: self.request.GET.get(name) for name in ("user", "office")}

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        del kwargs["instance"]  # not a form of one model: a choice stands for role and stage
        return {**kwargs, "paths": permissions.reach(self.request.user)}

    def save_instance(self) -> Membership:
        given = self.form.cleaned_data
        role, stage = given["role"]
        return offices.grant(given["user"], given["office"], role, stage, by=self.request.user)

    def get_success_message(self, membership: Membership) -> str:
        return _("{membership}: the role is given.").format(membership=membership)

    def get_success_buttons(self) -> list[tuple[str, str, bool]]:
        return []


class TakeView(OnlyManaged, generic.DeleteView):
    template_name = "cms/administration/take_role.html"
    page_title = gettext_lazy("Take a role away")

    def get_queryset(self) -> QuerySet[Model]:
        return super().get_queryset().select_related("user", "office")

    @cached_property
    def refusal(self) -> str | None:
        return offices.refusal_to_revoke(self.object, self.request.user)

    @cached_property
    def is_last(self) -> bool:
        """Whether the desk is closed to the user without it."""
        user = self.object.user
        return not user.is_superuser and not user.memberships.exclude(pk=self.object.pk).exists()

    def delete_action(self) -> None:
        offices.revoke(self.object, by=self.request.user)

    def get_success_message(self) -> str:
        return _("{membership}: the role is taken away.").format(membership=self.object)


class MembershipViewSet(ModelViewSet):
    model = Membership
    name = "memberships"
    icon = "membership"
    menu_label = gettext_lazy("Members and roles")
    menu_order = 590
    add_to_settings_menu = True
    add_to_reference_index = False
    copy_view_enabled = False
    index_view_class = IndexView
    add_view_class = GiveView
    delete_view_class = TakeView
    search_fields = ("user__first_name", "user__last_name", "user__username", "office__name")
    search_backend_name = None
    filterset_class = Filters
    list_per_page = 50

    def get_form_class(self, for_update: bool = False) -> type[MembershipForm]:
        return MembershipForm

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        unused = dict.fromkeys(("usage_url_name", "edit_url_name", "history_url_name"))
        return super().get_common_view_kwargs(**{**unused, **kwargs})

    def get_urlpatterns(self) -> list[URLPattern]:
        offered = ("index", "index_results", "add", "delete")
        return [pattern for pattern in super().get_urlpatterns() if pattern.name in offered]

    def register_admin_url_finder(self) -> None:
        """A role is not edited: it is taken, and another one given."""

    def get_permissions_to_register(self) -> QuerySet[Permission]:
        """None to tick in a group: rights follow from roles."""
        return Permission.objects.none()
