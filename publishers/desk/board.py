"""The board: every delivery that the person may see, what needs a person first."""

import django_filters
from django import forms
from django.db.models import QuerySet, Sum
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn

from publishers.desk import finding
from publishers.desk.access import ForRoles
from publishers.desk.paging import Pages, Rows
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


class BoardPages(Pages):
    """What needs a person comes first, by its deadline; then everything, the latest first."""

    def parts(self) -> list[Rows]:
        waits = self.object_list.filter(phase=Phase.ATTENTION)
        others = self.object_list.exclude(phase=Phase.ATTENTION)
        return [
            waits.filter(deadline_at__isnull=False).order_by("deadline_at", "pk"),
            waits.filter(deadline_at=None).order_by("-due_at", "-pk"),
            others.order_by("-due_at", "-pk"),
        ]


class BoardView(ForRoles, finding.ByTitle):
    roles = permissions.SEEING
    model = Delivery
    page_title = gettext_lazy("Deliveries")
    header_icon = "upload"
    template_name = "publishers/desk/board.html"
    results_template_name = "publishers/desk/board_results.html"
    index_url_name = "hub_deliveries"
    index_results_url_name = "hub_deliveries_results"
    filterset_class = BoardFilters
    paginate_by = 40
    paginator_class = BoardPages
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
        return Delivery.objects.filter(account__in=self.seen).select_related("account__office")

    @cached_property
    def seen(self) -> list[int]:
        """Return the accounts by their numbers: so PostgreSQL knows how many, and reads on by the index."""
        return list(permissions.visible_accounts(self.person).values_list("pk", flat=True))

    def order_queryset(self, queryset):
        return queryset.order_by("-due_at", "-pk")  # BoardPages puts before it what needs a person

    def search_queryset(self, queryset):
        """Search by the first characters of a delivery's number as well."""
        if not self.is_searching:
            return queryset
        numbered = finding.numbered(queryset, self.search_query)
        if numbered.exists():
            return numbered
        going = DeliveryItem.objects.filter(release__in=self.titled)
        return queryset.filter(pk__in=going.values("delivery"))

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
        """Return how many deliveries there are in each phase, those that need a person first.

        None is counted to the end of years: ``more`` says that there are more.
        """
        seen = self.order_queryset(
            self.get_base_queryset()
        )  # in the index's order, so that it is the one read
        order = [Phase.ATTENTION, *(phase for phase in Phase if phase != Phase.ATTENTION)]
        found = {phase: seen.filter(phase=phase)[: Pages.COUNTED + 1].count() for phase in order}
        return [
            {
                "phase": phase.value,
                "word": phase.label,
                "count": min(count, Pages.COUNTED),
                "more": count > Pages.COUNTED,
            }
            for phase, count in found.items()
            if count
        ]

    @cached_property
    def moves(self) -> bool:
        """Whether something is at work, so that the page looks again by itself."""
        return any(each["phase"] in Delivery.OPEN for each in self.counts)
