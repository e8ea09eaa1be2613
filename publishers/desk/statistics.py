"""Figures at the desk: of every article, where each comes from; entered by hand or imported from a table."""

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin.ui.tables import TitleColumn
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import HeaderButton

from cms.refusals import Refused
from publishers.desk import finding
from publishers.desk.access import ForRoles
from publishers.desk.board import PartColumn
from publishers.desk.paging import Pages
from publishers.desk.statistics_forms import EnterForm, MeaningForm, UploadForm
from publishers.exports import reports
from publishers.models import DeliveryItem, MetricSample
from publishers.people import permissions
from publishers.statistics import manual_entry, spreadsheet

#: Where the session keeps a table between its upload and its import; a later one replaces it.
KEPT = "hub_figures"
#: Rows of a preview, and samples of one article, that are shown.
SHOWN_ROWS, SHOWN_SAMPLES = 50, 200


def _items(user) -> QuerySet[DeliveryItem]:
    """Return the articles that went live where the person may see it."""
    large = ("payload", *(f"release__{name}" for name in reports.LARGE))
    live = DeliveryItem.objects.exclude(Q(url="") & Q(observed_generation=None))
    # By their accounts' numbers: so PostgreSQL knows how many there are, and reads on by the index.
    accounts = list(permissions.visible_accounts(user).values_list("pk", flat=True))
    seen = live.filter(account__in=accounts)
    return seen.select_related("release", "account__office", "delivery").defer(*large)


def _in_order(sample: MetricSample) -> tuple:
    """Return where a figure stands among those of one day: reads first, others' names last."""
    names = list(manual_entry.NAMES)
    place = names.index(sample.name) if sample.name in names else len(names)
    return place, sample.name, sample.source


class FiguresView(ForRoles, finding.ByTitle):
    roles = permissions.SEEING
    model = DeliveryItem
    page_title = gettext_lazy("Figures")
    header_icon = "table"
    template_name = "publishers/desk/listing.html"
    results_template_name = "publishers/desk/figures_results.html"
    index_url_name = "hub_figures"
    index_results_url_name = "hub_figures_results"
    paginate_by = 40
    paginator_class = Pages
    table_classname = "listing hub-cards"
    columns = [
        TitleColumn(
            "title",
            label=gettext_lazy("Article"),
            accessor=lambda item: item.release.title,
            url_name="hub_item_figures",
        ),
        PartColumn("account", label=gettext_lazy("Account"), width="22%"),
        PartColumn("figures", label=gettext_lazy("Newest figures"), width="45%"),
    ]

    def get_base_queryset(self):
        return _items(self.person).order_by("-pk")

    def get_table(self, object_list):
        """Add to each article its newest figures, in one query for the page that is shown."""
        later = MetricSample.objects.filter(
            item=OuterRef("item"), name=OuterRef("name"), day__gt=OuterRef("day")
        )
        samples = MetricSample.objects.filter(~Exists(later), item__in=[item.pk for item in object_list])
        of_item: dict[int, list[MetricSample]] = {}
        for sample in sorted(samples, key=_in_order):
            of_item.setdefault(sample.item_id, []).append(sample)
        for item in object_list:
            item.newest_figures = of_item.get(item.pk, ())
        return super().get_table(object_list)

    def get_header_buttons(self):
        if not self.sends:
            return []
        address = reverse("hub_figures_import")
        return [HeaderButton(label=_("Import figures"), url=address, icon_name="upload")]


class _FiguresForm(ForRoles, WagtailAdminTemplateMixin, FormView):
    header_icon = "table"

    def get_breadcrumbs_items(self):
        listed = {"url": reverse("hub_figures"), "label": _("Figures")}
        return [*self.breadcrumbs_items, listed, {"url": "", "label": self.get_page_title()}]


class ItemFiguresView(_FiguresForm):
    """The figures of one article on one account; who sends there enters more."""

    roles = permissions.SEEING
    form_class = EnterForm
    template_name = "publishers/desk/item_figures.html"

    @cached_property
    def item(self) -> DeliveryItem:
        return get_object_or_404(_items(self.person), pk=self.kwargs["pk"])

    def get_page_title(self):
        return self.item.release.title

    def get_context_data(self, **kwargs):
        newest = self.item.metrics.order_by("-day", "name", "source")[:SHOWN_SAMPLES]
        samples = sorted(newest, key=lambda sample: (-sample.day.toordinal(), _in_order(sample)))
        may_enter = permissions.may_send(self.person, self.item.account)
        return super().get_context_data(item=self.item, samples=samples, may_enter=may_enter, **kwargs)

    def post(self, request, *args, **kwargs):
        permissions.require_sending(request.user, self.item.account)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form):
        try:
            manual_entry.enter(self.item, form.cleaned_data["day"], form.values, by=self.person)
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("The figures are kept, under your name."))
        return redirect("hub_item_figures", self.item.pk)


class ImportView(_FiguresForm):
    """Take a file; what its columns mean is asked next."""

    roles = permissions.SENDING
    form_class = UploadForm
    page_title = gettext_lazy("Import figures")
    template_name = "publishers/desk/figures_import.html"

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "accounts": permissions.sendable_accounts(self.person)}

    def form_valid(self, form):
        file = form.cleaned_data["file"]
        try:
            table = spreadsheet.read_table(file.read())
        except Refused as refusal:
            form.add_error("file", str(refusal))
            return self.form_invalid(form)
        rows = [list(row) for row in (table.header, *table.rows)]
        self.request.session[KEPT] = {
            "account": form.cleaned_data["account"].pk, "file": file.name[:200], "rows": rows,
        }  # fmt: skip
        return redirect("hub_figures_check")


class CheckView(_FiguresForm):
    """Show what the table would give, as its columns are understood; import it when the person agrees."""

    roles = permissions.SENDING
    form_class = MeaningForm
    page_title = gettext_lazy("What the columns mean")
    template_name = "publishers/desk/figures_check.html"

    def dispatch(self, request, *args, **kwargs):
        self.kept = request.session.get(KEPT)
        if self.kept is None and self.sends:
            return redirect("hub_figures_import")
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def account(self):
        return get_object_or_404(permissions.sendable_accounts(self.person), pk=self.kept["account"])

    @cached_property
    def table(self) -> spreadsheet.Table:
        header, *rows = map(tuple, self.kept["rows"])
        return spreadsheet.Table(header, tuple(rows))

    @cached_property
    def guessed(self) -> list[str]:
        return manual_entry.guess(self.table.header)

    def get_form_kwargs(self):
        given = {"header": self.table.header, "guessed": self.guessed}
        return {**super().get_form_kwargs(), **given}

    def get_context_data(self, **kwargs):
        context = super().get_context_data(account=self.account, file=self.kept["file"], **kwargs)
        form = context["form"]
        if not form.is_bound:
            meanings, day = self.guessed, form.initial["day"]
        elif form.is_valid():
            meanings, day = form.meanings, form.cleaned_data["day"]
        else:
            return context
        try:
            lines = manual_entry.understand(self.account, self.table, meanings, day)
        except Refused as refusal:
            return {**context, "problem": str(refusal)}
        good = [line for line in lines if not line.problem]
        bad = [line for line in lines if line.problem]
        return {
            **context,
            "good": good[:SHOWN_ROWS], "good_count": len(good),
            "bad": bad[:SHOWN_ROWS], "bad_count": len(bad),
        }  # fmt: skip

    def form_valid(self, form):
        if self.request.POST.get("action") != "import":
            return self.render_to_response(self.get_context_data(form=form))
        try:
            lines = manual_entry.understand(self.account, self.table, form.meanings, form.cleaned_data["day"])
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        count = manual_entry.take(self.account, lines, filename=self.kept["file"], by=self.person)
        del self.request.session[KEPT]
        messages.success(self.request, _("Figures of {count} rows are kept.").format(count=count))
        return redirect("hub_figures")
