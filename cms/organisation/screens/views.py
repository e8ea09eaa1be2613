"""What the screens share."""

from django.urls import reverse
from wagtail.admin.ui.tables import Column


class OnlyManaged:
    """Mixin before a view of one object: who does not manage it finds nothing.

    Wagtail's generic views ask only whether the person may change any object of the model.
    """

    def get_queryset(self):
        return _managed(self)


class HistoryOfManaged:
    """The same before a history, which is a list of something else."""

    def get_base_object_queryset(self):
        return _managed(self)


def _managed(view):
    policy = view.permission_policy
    return policy.instances_user_has_any_permission_for(view.request.user, policy.actions)


class CellColumn(Column):
    """A column whose cell is a template of these screens; it gets the row as ``instance``."""

    def __init__(self, name: str, **kwargs):
        super().__init__(name, accessor=lambda row: row, **kwargs)
        self.cell_template_name = f"cms/administration/cells/{name}.html"


def breadcrumbs(view, listed: str, here: str) -> list[dict]:
    """Return the way to a page that is called after what is done there, not after the model."""
    return [
        *view.breadcrumbs_items,
        {"url": reverse(view.index_url_name), "label": listed},
        {"url": "", "label": here},
    ]
