"""Wagtail's own screens of users, kept to those whom the person manages (``permissions.managed_users``)."""

from typing import Any  # what Wagtail's views and filters hand on, which have no types

from django.contrib.auth.models import AbstractUser
from django.db.models import Prefetch, QuerySet
from django.forms import BaseForm
from django.urls import URLPattern
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn
from wagtail.users.views import users

from cms import audit
from cms.models import Membership, name_of
from cms.organisation import offices, permissions
from cms.organisation.screens.forms import ChangeUserForm, NewUserForm
from cms.organisation.screens.views import CellColumn, HistoryOfManaged, OnlyManaged, breadcrumbs


class Filters(users.UserFilterSet):
    def __init__(self, *args: Any, **kwargs: Any) -> None:  # a filter set's own
        super().__init__(*args, **kwargs)
        del self.filters["group"]  # there is one for each office, and they follow from the roles
        self.filters["is_superuser"].label = _("Superuser")


class IndexView(users.IndexView):
    table_classname = "listing hub-rows"
    template_name = "wagtailadmin/generic/index.html"  # Wagtail's has bulk actions, which give groups by hand

    def get_base_queryset(self) -> QuerySet[AbstractUser]:
        managed = self.permission_policy.instances_user_has_permission_for(self.request.user, "change")
        roles = Membership.objects.select_related("office").order_by("office__path", "role", "stage")
        return managed.select_related("wagtail_userprofile").prefetch_related(Prefetch("memberships", roles))

    @cached_property
    def columns(self) -> list[Column]:
        return [
            self._get_title_column_class(users.UserColumn)(
                "name",
                label=_("Full name"),
                accessor=name_of,
                get_url=self.get_edit_url,
                sort_key="name",
            ),
            Column("username", label=_("Username"), sort_key="username", width="15%"),
            CellColumn("roles", label=_("Roles"), width="35%"),
            BooleanColumn("is_active", label=_("Active"), sort_key="is_active", width="8%"),
            DateColumn("last_login", label=_("Last login"), sort_key="last_login", width="12%"),
        ]

    def order_queryset(self, queryset: QuerySet) -> QuerySet:
        if self.ordering in ("name", "-name"):
            sign = self.ordering.removesuffix("name")
            return queryset.order_by(f"{sign}first_name", f"{sign}last_name")
        return super().order_queryset(queryset)


class AddView(users.CreateView):
    template_name = "wagtailadmin/generic/create.html"
    page_subtitle = users.CreateView.page_title

    def get_breadcrumbs_items(self) -> list[dict]:
        return breadcrumbs(self, _("Users"), self.page_title)

    def get_form_kwargs(self) -> dict[str, Any]:
        by = self.request.user
        return {**super().get_form_kwargs(), "by": by, "paths": permissions.reach(by)}

    def get_success_message(self, user: AbstractUser) -> str:
        return gettext("{name} is added, and may sign in.").format(name=name_of(user))

    def save_instance(self) -> AbstractUser:
        user = super().save_instance()
        if office := self.form.cleaned_data["office"]:
            role, stage = self.form.cleaned_data["role"]
            offices.grant(user, office, role, stage, by=self.request.user)
        return user


class ChangeView(OnlyManaged, users.EditView):
    template_name = "cms/administration/user.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "by": self.request.user}

    def get_success_message(self) -> str:
        return gettext("{name} is changed.").format(name=name_of(self.object))

    def save_instance(self) -> AbstractUser:
        user = super().save_instance()
        if self.form.cleaned_data.get("password1"):
            audit.record("user.password", user, self.request.user)
        return user

    @cached_property
    def memberships(self) -> QuerySet[Membership]:
        return self.object.memberships.select_related("office").order_by("office__path", "role", "stage")


class DeleteView(OnlyManaged, users.DeleteView):
    pass


class UserHistoryView(HistoryOfManaged, users.HistoryView):
    pass


class UserViewSet(users.UserViewSet):
    copy_view_enabled = False
    filterset_class = Filters
    index_view_class = IndexView
    add_view_class = AddView
    edit_view_class = ChangeView
    delete_view_class = DeleteView
    history_view_class = UserHistoryView
    template_prefix = ""

    def get_form_class(self, for_update: bool = False) -> type[BaseForm]:
        return ChangeUserForm if for_update else NewUserForm

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_common_view_kwargs(**{"usage_url_name": None, **kwargs})

    def get_urlpatterns(self) -> list[URLPattern]:
        return [pattern for pattern in super().get_urlpatterns() if pattern.name != "usage"]
