"""What the screens share."""

from typing import TYPE_CHECKING, Any

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from wagtail.admin.ui.tables import Column

# What stands before a view of Wagtail's is checked as a part of it.
if TYPE_CHECKING:
    from wagtail.admin.views.generic.permissions import PermissionCheckedMixin as BeforeView
else:
    BeforeView = object


class OnlyManaged(BeforeView):
    """Mixin before a view of one object: who does not manage it finds nothing.

    Wagtail's generic views ask only whether the person may change any object of the model.
    """

    def get_queryset(self) -> QuerySet[Model]:
        return _managed(self)


class HistoryOfManaged(BeforeView):
    """The same before a history, which is a list of something else."""

    def get_base_object_queryset(self) -> QuerySet[Model]:
        return _managed(self)


def _managed(view: BeforeView) -> QuerySet[Model]:
    policy = view.permission_policy
    return policy.instances_user_has_any_permission_for(view.request.user, policy.actions)


class CellColumn(Column):
    """A column whose cell is a template of these screens; it gets the row as ``instance``."""

    def __init__(self, name: str, **kwargs: Any) -> None:  # a column's own
        super().__init__(name, accessor=lambda row: row, **kwargs)
        self.cell_template_name = f"cms/administration/cells/{name}.html"


def breadcrumbs(view: BeforeView, listed: str | Promise, here: str | Promise) -> list[dict]:
    """Return the way to a page that is called after what is done there, not after the model."""
    return [
        *view.breadcrumbs_items,
        {"url": reverse(view.index_url_name), "label": listed},
        {"url": "", "label": here},
    ]
