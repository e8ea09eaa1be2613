"""Choosing a user for a role: shows to an administrator those to whom she may give one, to others nobody."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.db.models import Q, QuerySet
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import chooser
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.widgets.chooser import BaseChooser

from cms.models import name_of
from cms.organisation import permissions

# What stands before Wagtail's view of choosing is checked as a part of it.
if TYPE_CHECKING:
    from wagtail.admin.views.generic.chooser import BaseChooseView as BeforeChooseView
else:
    BeforeChooseView = object


class SearchForm(BaseFilterForm):
    q = forms.CharField(
        label=_("Name or username"),
        widget=forms.TextInput(attrs={"placeholder": _("Search")}),
        required=False,
    )

    def filter(self, objects: QuerySet[AbstractUser]) -> QuerySet[AbstractUser]:
        self.search_query = self.cleaned_data["q"].strip()
        self.is_searching = bool(self.search_query)
        named = Q(pk__isnull=True)
        for field in ("first_name", "last_name", "username"):
            named |= Q(**{f"{field}__icontains": self.search_query})
        return objects.filter(named) if self.is_searching else objects


class ChoosesUsers(BeforeChooseView):
    filter_form_class = SearchForm
    ordering = "username"
    is_multiple_choice = False

    def get_object_list(self) -> QuerySet[AbstractUser]:
        return permissions.eligible_users(permissions.reach(self.request.user))

    @property
    def columns(self) -> list[Column]:
        return [self.title_column, Column("username", label=_("Username"))]

    @property
    def title_column(self) -> Column:
        column = super().title_column
        column.accessor, column.label = name_of, _("Full name")
        return column


class ChooseView(ChoosesUsers, chooser.ChooseView):
    pass


class ChooseResultsView(ChoosesUsers, chooser.ChooseResultsView):
    pass


class ChosenView(chooser.ChosenView):
    def get_object(self, pk: str) -> AbstractUser:
        return _eligible(permissions.eligible_users(permissions.reach(self.request.user)), pk).get()

    def get_display_title(self, user: AbstractUser) -> str:
        return name_of(user)


class UserChooser(BaseChooser):
    show_edit_link = False

    def get_instance(self, value: Any) -> AbstractUser | None:  # value: whatever a browser sent
        """Look only among the field's choices: a forged number must not be answered with a name."""
        return _eligible(self.choices.queryset, value).first() if value else None

    def get_display_title(self, user: AbstractUser) -> str:
        return name_of(user)


def _eligible(users: QuerySet[AbstractUser], pk: Any) -> QuerySet[AbstractUser]:  # pk: whatever was sent
    return users.filter(pk=pk) if str(pk).isdecimal() else users.none()


class UserChooserViewSet(ChooserViewSet):
    model = get_user_model()
    icon = "user"
    choose_one_text = _("Choose a user")
    choose_another_text = _("Choose another user")
    choose_view_class = ChooseView
    choose_results_view_class = ChooseResultsView
    chosen_view_class = ChosenView
    base_widget_class = UserChooser
    register_widget = False
    preserve_url_parameters = ()

    def get_urlpatterns(self) -> list[URLPattern]:
        """Users are chosen one by one, and made in Wagtail's own screen."""
        offered = ("choose", "choose_results", "chosen")
        return [pattern for pattern in super().get_urlpatterns() if pattern.name in offered]


user_chooser = UserChooserViewSet("user_chooser")
UserChooserWidget = user_chooser.widget_class
