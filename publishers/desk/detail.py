"""One delivery: what it is, every call that was made for it, and what can be done with it."""

from django.contrib import messages
from django.db.models import Sum
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.log_actions import registry as logs

from publishers import distribution, reports, rights, withdrawing
from publishers.desk.access import ForRoles
from publishers.desk.forms import MoveForm
from publishers.desk.words import titles
from publishers.models import Cause, Delivery, Desired, Phase, SourceVisits
from publishers.refused import Refused


def offered(delivery: Delivery) -> set[str]:
    """Return what may be tried with the delivery as it stands; the services decide when it is done."""
    waits = delivery.phase in Delivery.OPEN and delivery.cause != Cause.NONE
    if delivery.cause == Cause.WITHDRAWN:
        return {"cancel"}
    if delivery.cause == Cause.ALTERED:
        is_going = any(item.desired == Desired.GONE for item in delivery.items.all())
        return {"retry", "gone"} if is_going else {"retry"}
    actions = set()
    if delivery.phase == Phase.ATTENTION or waits:
        actions.add("retry")
    if any(item.desired == Desired.GONE for item in delivery.items.all()):
        return actions | {"gone"} if delivery.phase == Phase.ATTENTION else actions
    if delivery.phase == Phase.SCHEDULED:
        actions.add("reschedule")
    if delivery.phase in (Phase.SCHEDULED, Phase.SENDING, Phase.ATTENTION, Phase.PAUSED):
        actions.add("cancel")
    return actions


class DeliveryView(ForRoles, WagtailAdminTemplateMixin, TemplateView):
    roles = rights.SEEING
    template_name = "publishers/desk/delivery.html"
    header_icon = "upload"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.form: MoveForm | None = None

    def dispatch(self, request, *args, **kwargs):
        self.delivery = get_object_or_404(
            reports.complete(rights.visible_deliveries(request.user)), pk=kwargs["pk"]
        )
        return super().dispatch(request, *args, **kwargs)

    def get_page_title(self):
        return titles(self.delivery)

    def get_breadcrumbs_items(self):
        board = {"url": reverse("hub_deliveries"), "label": _("Deliveries")}
        return [*self.breadcrumbs_items, board, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs):
        may_send = rights.may_send(self.request.user, self.delivery.account)
        return super().get_context_data(
            delivery=self.delivery,
            attempts=self.delivery.attempts.select_related("item", "delivery__account"),
            visits=self._visits(),
            history=logs.get_logs_for_instance(self.delivery).select_related("user")[:50],
            may_send=may_send,
            offered=offered(self.delivery) if may_send else set(),
            form=self.form or MoveForm(initial={"at": self.delivery.due_at}),
            **kwargs,
        )

    def _visits(self) -> int:
        """Return how many readers followed the link to the original."""
        visits = SourceVisits.objects.filter(link__item__delivery=self.delivery)
        return visits.aggregate(count=Sum("count"))["count"] or 0

    def post(self, request, *args, **kwargs):
        act = {
            "retry": self._retry,
            "cancel": self._cancel,
            "reschedule": self._move,
            "gone": self._gone,
        }.get(request.POST.get("action", ""))
        try:
            done = act and act()
        except Refused as refusal:
            messages.error(request, str(refusal))
            done = ""
        if done is None:
            return self.get(request, *args, **kwargs)
        if done:
            messages.success(request, done)
        return redirect(request.path)

    def _retry(self) -> str:
        distribution.retry(self.delivery, by=self.request.user)
        return _("The hub goes on with it now.")

    def _cancel(self) -> str:
        distribution.cancel(self.delivery, by=self.request.user)
        return _("The delivery is cancelled.")

    def _gone(self) -> str:
        withdrawing.confirm_gone(self.delivery, by=self.request.user)
        return _("Noted under your name: it is down.")

    def _move(self) -> str | None:
        self.form = MoveForm(self.request.POST)
        if not self.form.is_valid():
            return None
        distribution.reschedule(self.delivery, self.form.cleaned_data["at"], by=self.request.user)
        return _("The delivery has its new time.")
