"""Signed texts: the newest Release of each page, to choose what is distributed."""

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn

from cms.ingest import MODELS
from cms.models import Office, Release, Withdrawal
from publishers.desk import finding
from publishers.desk.access import ForRoles
from publishers.desk.board import PartColumn
from publishers.desk.paging import Pages
from publishers.desk.words import zoned_label
from publishers.exports import reports
from publishers.models import DeliveryItem, Desired
from publishers.people import permissions


def newest() -> QuerySet[Release]:
    """Return the last Release of each page that is not withdrawn, without what is large in them."""
    later = Release.objects.filter(page_id=OuterRef("page_id"), number__gt=OuterRef("number"))
    withdrawn = Withdrawal.objects.filter(page_id=OuterRef("page_id"), number__gte=OuterRef("number"))
    return Release.objects.filter(~Exists(later), ~Exists(withdrawn)).defer(*reports.LARGE)


class TextFilters(WagtailFilterSet):
    kind = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Kind of article"),
        choices=lambda: [(kind, model._meta.verbose_name) for kind, model in MODELS.items()],
        widget=forms.CheckboxSelectMultiple,
        distinct=False,  # a Release has one kind
    )
    office_code = django_filters.ChoiceFilter(
        label=gettext_lazy("Office"),
        choices=lambda: Office.objects.order_by("path").values_list("code", "name"),
    )

    class Meta:
        model = Release
        fields = ("kind", "office_code")


class TextsView(ForRoles, finding.ByTitle):
    roles = permissions.SENDING
    model = Release
    page_title = gettext_lazy("Signed texts")
    header_icon = "doc-full"
    template_name = "publishers/desk/texts.html"
    results_template_name = "publishers/desk/texts_results.html"
    index_url_name = "hub_texts"
    index_results_url_name = "hub_texts_results"
    filterset_class = TextFilters
    release_lookup = "pk"
    paginate_by = 40
    paginator_class = Pages
    table_classname = "listing hub-cards"
    columns = [
        PartColumn("choice", label="", width="5%"),
        TitleColumn(
            "title",
            label=gettext_lazy("Article"),
            url_name="hub_page_distribution",
            id_accessor="page_id",
        ),
        Column("office_name", label=gettext_lazy("Office"), width="22%"),
        PartColumn("signed", label=zoned_label(gettext_lazy("Signed ({zone})")), width="15%"),
        PartColumn("places", label=gettext_lazy("Where it is"), width="14%"),
    ]

    def get_base_queryset(self) -> QuerySet[Release]:
        return newest().order_by("-signed_at", "-pk")

    def get_table(self, object_list):
        """Count in one query where each text of the page of results is wanted."""
        wanted = DeliveryItem.objects.filter(release__in=object_list, wanted=True, desired=Desired.LIVE)
        counts: dict = {}
        for release_id in wanted.values_list("release_id", flat=True):
            counts[release_id] = counts.get(release_id, 0) + 1
        for release in object_list:
            release.places = counts.get(release.pk, 0)
        return super().get_table(object_list)
