"""One article's signatures and places: who signed what, where each Release is, where the next one will go."""

import dataclasses
import datetime as dt
import json
import tempfile

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.models import Page

from cms import releases
from cms.articles import Article
from cms.media import blobs
from cms.models import Membership, Office, Release, Stage
from cms.refusals import Refused
from cms.releases import withdrawals
from publishers import distribution
from publishers.desk.access import SignedIn, roles_of
from publishers.desk.forms import CorrectForm, PlanForm, WithdrawForm
from publishers.distribution import correcting
from publishers.exports import proof, reports
from publishers.models import Delivery, DeliveryItem, Phase, Plan
from publishers.people import permissions


@dataclasses.dataclass(frozen=True)
class Signed:
    """A Release as the screen shows it; ``genuine`` says that it is what the hub signed."""

    release: Release
    genuine: bool
    approvals: list[dict]
    deliveries: list[Delivery]


def may_look(request, page: Page) -> bool:
    """Whether the person works for the page's office or one above it, or may send texts of the network."""
    if roles_of(request).intersection(permissions.SENDING):
        return True
    try:
        chain = Office.of_page(page).chain()
    except Office.DoesNotExist:
        return False
    return Membership.objects.filter(user=request.user, office__in=chain).exists()


class PageDistributionView(SignedIn, WagtailAdminTemplateMixin, FormView):
    form_class = PlanForm
    template_name = "publishers/desk/page.html"
    page_title = gettext_lazy("Sign-off and distribution")
    header_icon = "upload"

    def dispatch(self, request, *args, **kwargs):
        page = get_object_or_404(Page, pk=kwargs["page_id"]).specific
        if not isinstance(page, Article) or not may_look(request, page):
            raise PermissionDenied
        self.page = page
        self.withdraw_form: WithdrawForm | None = None
        self.sends = bool(roles_of(request).intersection(permissions.SENDING))
        return super().dispatch(request, *args, **kwargs)

    def get_page_subtitle(self):
        return self.page.get_admin_display_title()

    def get_breadcrumbs_items(self):
        editor = {
            "url": reverse("wagtailadmin_pages:edit", args=[self.page.pk]),
            "label": self.page.get_admin_display_title(),
        }
        return [*self.breadcrumbs_items, editor, {"url": "", "label": self.get_page_title()}]

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "accounts": permissions.sendable_accounts(self.person)}

    def get_context_data(self, **kwargs):
        signed = self._signed()
        plans = list(Plan.objects.filter(page_id=self.page.pk).select_related("account__office"))
        return super().get_context_data(
            page=self.page,
            signed=signed,
            deliveries=[delivery for each in signed for delivery in each.deliveries],
            plans=plans,
            taken={plan.account_id for plan in plans},
            sends=self.sends,
            seen=set(permissions.visible_accounts(self.person).values_list("pk", flat=True)),
            own=set(permissions.sendable_accounts(self.person).values_list("pk", flat=True)),
            withdrawal=withdrawals.of_release(signed[0].release) if signed else None,
            correct_form=self._correct_form(signed),
            corrections=_corrections(signed),
            withdraws=withdrawals.may_withdraw(self.person, self.page),
            withdraw_form=self.withdraw_form or WithdrawForm(),
            awaits=not signed or self.page.latest_revision_id != signed[0].release.revision_id,
            **kwargs,
        )

    def _correct_form(self, signed: list[Signed], data=None) -> CorrectForm | None:
        """Return what is asked of a person who may correct; None when there is nothing for her to correct."""
        if not signed or not signed[0].genuine or withdrawals.of_release(signed[0].release):
            return None
        places = [
            place
            for place in correcting.places(signed[0].release)
            if correcting.may_correct(self.person, self.page, place.account)
        ]
        return CorrectForm(data, places=places) if places else None

    def _signed(self) -> list[Signed]:
        items = reports.complete(Delivery.objects.order_by("due_at"))
        found = Release.objects.filter(page_id=self.page.pk).order_by("-number")
        rows = found.prefetch_related(
            Prefetch(
                "delivery_items",
                DeliveryItem.objects.defer("payload").prefetch_related(Prefetch("delivery", items)),
            )
        )
        return [
            Signed(
                release=release,
                genuine=releases.genuine(release),
                approvals=[_approval(stated) for stated in json.loads(bytes(release.approvals))],
                deliveries=[item.delivery for item in release.delivery_items.all()],
            )
            for release in rows
        ]

    def form_valid(self, form):
        chosen = form.cleaned_data
        for account in chosen["accounts"]:
            distribution.plan(self.page, account, at=chosen["at"], by=self.person)
        messages.success(self.request, _("Planned. It goes out after the last review."))
        return redirect(self.request.path)

    def post(self, request, *args, **kwargs):
        if request.POST.get("action") == "withdraw":
            return self._withdraw(request)
        if request.POST.get("action") == "correct":
            return self._correct(request)
        if not self.sends:
            raise PermissionDenied
        if "unplan" in request.POST:
            planned = get_object_or_404(Plan, pk=request.POST["unplan"], page_id=self.page.pk)
            distribution.unplan(planned, by=request.user)
            messages.success(request, _("The plan is taken back."))
            return redirect(request.path)
        return super().post(request, *args, **kwargs)

    def _correct(self, request):
        signed = self._signed()
        form = self._correct_form(signed, request.POST)
        if form is None:
            raise PermissionDenied
        try:
            if not form.is_valid():
                raise Refused(_("Choose a manner for each account."))
            correcting.correct(signed[0].release, form.manners, by=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The correction is on its way; below you see where it has arrived."))
        return redirect(request.path)

    def _withdraw(self, request):
        self.withdraw_form = WithdrawForm(request.POST)
        if not self.withdraw_form.is_valid():
            unbound = PlanForm(accounts=permissions.sendable_accounts(request.user))
            return self.render_to_response(self.get_context_data(form=unbound))
        withdrawals.withdraw(self.page, **self.withdraw_form.cleaned_data, by=request.user)
        messages.success(request, _("The article is withdrawn. Readers no longer see it here."))
        return redirect(request.path)


def download_proof(request, pk) -> HttpResponse | FileResponse:
    """Send the proof bundle of a Release to whoever may see its signatures."""
    release = get_object_or_404(Release, pk=pk)
    page = get_object_or_404(Page, pk=release.page_id)
    if not may_look(request, page):
        raise PermissionDenied
    file = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
    try:
        proof.write(release, file)
    except (releases.Forged, blobs.Damaged):
        messages.error(request, _("What is stored is not what was signed: there is nothing to prove."))
        return redirect("hub_page_distribution", release.page_id)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"proof-{release.sha256[:12]}.zip")


def _corrections(signed: list[Signed]) -> dict | None:
    """Return in how many of its places the newest text has replaced the earlier one; None without any."""
    if not signed:
        return None
    phases = [
        delivery.phase
        for delivery in signed[0].deliveries
        if delivery.phase != Phase.CANCELLED and any(item.replaces_id for item in delivery.items.all())
    ]
    done, waiting = phases.count(Phase.SETTLED), phases.count(Phase.ATTENTION)
    return {"places": len(phases), "done": done, "waiting": waiting} if phases else None


def _approval(stated: dict) -> dict:
    return {
        "stage": Stage(stated["stage"]).label,
        "name": stated["name"],
        "office": stated["office_name"] if stated["stand_in"] else "",
        "at": dt.datetime.fromisoformat(stated["at"]),
    }
