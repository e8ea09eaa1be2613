"""A person confirms that a delivery is sent to the account's followers; she reads first what that means."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from cms.refusals import Refused
from publishers.desk.access import ForRoles
from publishers.desk.words import titles
from publishers.distribution import broadcasts
from publishers.exports import reports
from publishers.people import permissions


class NotifyView(ForRoles, WagtailAdminTemplateMixin, TemplateView):
    roles = permissions.SENDING
    template_name = "publishers/desk/notify.html"
    page_title = gettext_lazy("Send to followers")
    header_icon = "upload"

    def dispatch(self, request, *args, **kwargs):
        mine = reports.complete(permissions.visible_deliveries(request.user))
        self.delivery = get_object_or_404(mine, pk=kwargs["pk"])
        if not permissions.may_send(request.user, self.delivery.account):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self):
        board = {"url": reverse("hub_deliveries"), "label": _("Deliveries")}
        one = {"url": self._back(), "label": titles(self.delivery)}
        return [*self.breadcrumbs_items, board, one, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            delivery=self.delivery,
            notifying=broadcasts.offered_by(self.delivery.account),
            open=broadcasts.may_be_decided(self.delivery),
            back=self._back(),
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        notifies = request.POST.get("notifies") == "yes"
        try:
            broadcasts.decide(self.delivery, notifies, by=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            sentences = {
                True: _("Noted under your name: it goes to the followers."),
                False: _("Noted under your name: it is published without telling the followers."),
            }
            messages.success(request, sentences[notifies])
        return redirect(self._back())

    def _back(self) -> str:
        return reverse("hub_delivery", args=[self.delivery.pk])
