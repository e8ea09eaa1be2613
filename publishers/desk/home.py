"""On the desk's first page: deliveries that need a person, and what goes out next."""

from django.db.models import F
from django.utils.functional import cached_property
from wagtail.admin.ui.components import Component

from publishers.desk.access import roles_of
from publishers.exports import reports
from publishers.models import Phase
from publishers.people import permissions

SHOWN = 5


class DeliveriesPanel(Component):
    name = "deliveries"
    template_name = "publishers/desk/home.html"
    order = 150

    def __init__(self, request):
        self.request = request

    @cached_property
    def visible(self) -> bool:
        return bool(roles_of(self.request).intersection(permissions.SEEING))

    def get_context_data(self, parent_context):
        if not self.visible:
            return {}
        seen = reports.complete(permissions.visible_deliveries(self.request.user))
        return {
            "visible": True,
            "attention": seen.filter(phase=Phase.ATTENTION).order_by(
                F("deadline_at").asc(nulls_last=True), "due_at"
            )[:SHOWN],
            "next": seen.filter(phase=Phase.SCHEDULED).order_by("due_at")[:SHOWN],
        }
