"""The board: every delivery that the person may see, what needs a person first."""

import django_filters
from django import forms
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Sum, Value, When
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic import BaseListingView

from publishers.desk.access import ForRoles
from publishers.desk.words import titles, zoned_label
from publishers.exports import reports
from publishers.models import Account, Attempt, Delivery, DeliveryItem, Phase
from publishers.people import permissions


def _accounts(request) -> QuerySet[Account]:
    return permissions.visible_accounts(request.user).order_by("platform", "name")


class BoardFilters(WagtailFilterSet):
    # Not distinct: a delivery has one phase and one account, and to compare whole rows costs seconds.
    phase = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Phase"),
        choices=Phase.choices,
        widget=forms.CheckboxSelectMultiple,
        distinct=False,
    )
    account = django_filters.ModelMultipleChoiceFilter(
        label=gettext_lazy("Account"),
        queryset=_accounts,
        widget=forms.CheckboxSelectMultiple,
        distinct=False,
    )
    due_at = django_filters.DateFromToRangeFilter(label=gettext_lazy("Due"), widget=DateRangePickerWidget)

    class Meta:
        model = Delivery
        fields = ("phase", "account", "due_at")


class PartColumn(Column):
    """A column whose cell is a template of the desk's own; it gets the row as ``instance``."""

    def __init__(self, name: str, **kwargs):
        super().__init__(name, accessor=lambda row: row, **kwargs)
        self.cell_template_name = f"publishers/desk/cells/{name}.html"


class BoardView(ForRoles, BaseListingView):
    roles = permissions.SEEING
    model = Delivery
    page_title = gettext_lazy("Deliveries")
    header_icon = "upload"
    template_name = "publishers/desk/board.html"
    results_template_name = "publishers/desk/board_results.html"
    index_url_name = "hub_deliveries"
    index_results_url_name = "hub_deliveries_results"
    filterset_class = BoardFilters
    is_searchable = True
    paginate_by = 40
    table_classname = "listing hub-cards"
    columns = [
        PartColumn("phase", label=gettext_lazy("Phase"), width="11%"),
        TitleColumn("title", label=gettext_lazy("Article"), accessor=titles, url_name="hub_delivery"),
        PartColumn("account", label=gettext_lazy("Account"), width="17%"),
        PartColumn("due", label=zoned_label(gettext_lazy("Due ({zone})")), width="14%"),
        Column("tries", label=gettext_lazy("Calls"), width="6%", classname="hub-tries"),
        PartColumn("outcome", label=gettext_lazy("Where it is"), width="21%"),
    ]

    def get_base_queryset(self) -> QuerySet[Delivery]:
        return permissions.visible_deliveries(self.person)

    def order_queryset(self, queryset):
        """What needs a person comes first, by its deadline; then everything, the latest first."""
        waits = Q(phase=Phase.ATTENTION)
        first = Case(When(waits, then=Value(0)), default=Value(1))
        deadline = Case(When(waits, then=F("deadline_at")))
        return queryset.order_by(first, deadline.asc(nulls_last=True), "-due_at", "-created_at")

    def search_queryset(self, queryset):
        if not self.is_searching:
            return queryset
        items = DeliveryItem.objects.filter(delivery=OuterRef("pk"))
        return queryset.filter(Exists(items.filter(release__title__icontains=self.search_query)))

    def get_queryset(self):
        return reports.complete(super().get_queryset())

    def get_table(self, object_list):
        """Count in one query, for the page that is shown only, how often each delivery has called."""
        made = Attempt.objects.filter(delivery__in=[delivery.pk for delivery in object_list]).order_by()
        tries = dict(made.values_list("delivery").annotate(Sum("tries")))
        for delivery in object_list:
            delivery.tries = tries.get(delivery.pk, 0)
        return super().get_table(object_list)

    @cached_property
    def counts(self) -> list[dict]:
        """Return how many deliveries there are in each phase, those that need a person first."""
        found = dict(self.get_base_queryset().order_by().values_list("phase").annotate(Count("pk")))
        order = [Phase.ATTENTION, *(phase for phase in Phase if phase != Phase.ATTENTION)]
        return [
            {"phase": phase.value, "word": phase.label, "count": found[phase]}
            for phase in order
            if phase in found
        ]

    @cached_property
    def moves(self) -> bool:
        """Whether something is at work, so that the page looks again by itself."""
        return any(each["phase"] in Delivery.OPEN for each in self.counts)
