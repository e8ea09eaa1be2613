"""One delivery: what it is, every call that was made for it, and what can be done with it."""

from django.contrib import messages
from django.db.models import Sum
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.log_actions import registry as logs

from cms.refusals import Refused
from publishers import distribution
from publishers.desk.access import ForRoles
from publishers.desk.attention import GONE, RECORD, last_word, left_there, offered
from publishers.desk.forms import AddressForm, MoveForm
from publishers.desk.manual import console_of, task_of
from publishers.desk.words import titles
from publishers.distribution import broadcasts, editions, withdrawing
from publishers.exports import reports
from publishers.feeds import feeding
from publishers.manual import by_hand, taking_over
from publishers.models import Cause, DeliveryItem, Desired, Phase, SourceVisits
from publishers.people import permissions


class DeliveryView(ForRoles, WagtailAdminTemplateMixin, TemplateView):
    roles = permissions.SEEING
    template_name = "publishers/desk/delivery.html"
    header_icon = "upload"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.form: MoveForm | None = None
        self.address_form: AddressForm | None = None

    def dispatch(self, request, *args, **kwargs):
        self.delivery = get_object_or_404(
            reports.complete(permissions.visible_deliveries(request.user)), pk=kwargs["pk"]
        )
        return super().dispatch(request, *args, **kwargs)

    def get_page_title(self):
        return titles(self.delivery)

    def get_breadcrumbs_items(self):
        board = {"url": reverse("hub_deliveries"), "label": _("Deliveries")}
        return [*self.breadcrumbs_items, board, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs):
        may_send = permissions.may_send(self.person, self.delivery.account)
        attempts = list(self.delivery.attempts.select_related("item", "delivery__account"))
        deeds = offered(self.delivery) if may_send else ()
        asked = RECORD in deeds and self.delivery.phase == Phase.ATTENTION
        return super().get_context_data(
            delivery=self.delivery,
            attempts=attempts,
            last_word=last_word(attempts),
            visits=self._visits(),
            history=logs.get_logs_for_instance(self.delivery).select_related("user")[:50],
            may_send=may_send,
            may_recompose=may_send and editions.may_be_recomposed(self.delivery),
            may_notify=may_send and broadcasts.may_be_decided(self.delivery),
            offered=deeds,
            task=task_of(self.delivery) if asked else None,
            console=console_of(self.delivery.account)
            if {RECORD, GONE} & set(deeds) or self._is_unclear
            else "",
            left=left_there(attempts) if self._is_unclear else [],
            perhaps_there=any(attempt.is_of_effect for attempt in attempts),
            in_feed=bool(feeding.offered([item.pk for item in self.delivery.items.all()])),
            corrects=any(item.replaces_id for item in self.delivery.items.all()),
            address_forms=self._address_forms() if may_send else [],
            form=self.form or MoveForm(initial={"at": self.delivery.due_at}),
            **kwargs,
        )

    @property
    def _is_unclear(self) -> bool:
        """Whether something may be on the platform that is not known as live: a draft, a submission."""
        unclear = self.delivery.phase == Phase.CANCELLED or self.delivery.cause == Cause.UNKNOWN
        items = self.delivery.items.all()
        going = self.delivery.phase != Phase.SETTLED and any(item.desired == Desired.GONE for item in items)
        return (unclear or going) and not any(item.observed_generation for item in items)

    def _address_forms(self) -> list[AddressForm]:
        """Return a form for each item whose address a person may tell; the one that was sent as it was."""
        hosts = by_hand.article_hosts(self.delivery.account)
        sent = self.address_form
        return [
            sent if sent and sent.row == item else AddressForm(row=item, hosts=hosts)
            for item in self.delivery.items.all()
            if by_hand.awaits_address(item)
        ]

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
            "take_over": self._take_over,
            "record": self._record,
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
        distribution.retry(self.delivery, by=self.person)
        return _("The hub goes on with it now.")

    def _cancel(self) -> str:
        distribution.cancel(self.delivery, by=self.person)
        return _("The delivery is cancelled.")

    def _take_over(self) -> str:
        taking_over.take_over(self.delivery, looked="looked" in self.request.POST, by=self.person)
        return _("It goes on by hand: what you need stands here in a moment.")

    def _gone(self) -> str:
        withdrawing.confirm_gone(self.delivery, by=self.person)
        return _("Noted under your name: it is down.")

    def _record(self) -> str | None:
        row = self._named_item()
        hosts = by_hand.article_hosts(self.delivery.account)
        self.address_form = form = AddressForm(self.request.POST, row=row, hosts=hosts)
        if not form.is_valid():
            return None
        seen = DeliveryItem(pk=row.pk, release_id=form.cleaned_data["release"])
        try:
            by_hand.record_address(self.delivery, seen, form.cleaned_data["url"], by=self.person)
        except Refused as refusal:
            form.add_error("url", str(refusal))
            return None
        return _("Noted under your name: it is live there.")

    def _named_item(self) -> DeliveryItem:
        """Return the item that the form is for. Raises Http404 when it is none of this delivery."""
        named = self.request.POST.get("item")
        found = [item for item in self.delivery.items.all() if str(item.pk) == named]
        if not found:
            raise Http404
        return found[0]

    def _move(self) -> str | None:
        self.form = MoveForm(self.request.POST)
        if not self.form.is_valid():
            return None
        distribution.reschedule(self.delivery, self.form.cleaned_data["at"], by=self.person)
        return _("The delivery has its new time.")
