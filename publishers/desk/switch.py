"""The main switch on the desk: who paused everything, since when and why; pausing it, and resuming."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models.functions import Now
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.ui.components import Component
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.log_actions import registry as logs

from cms.refusals import Refused
from publishers.desk.access import ForRoles, roles_of
from publishers.desk.forms import PauseForm
from publishers.engine import switching
from publishers.models import Delivery, Phase
from publishers.people import permissions

ENTRIES = 10


class PauseAllForm(PauseForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].error_messages["required"] = _("Say why everything is paused.")


class ResumeAllForm(forms.Form):
    late = forms.ChoiceField(
        label=gettext_lazy("What should have begun meanwhile"),
        choices=[
            (switching.SEND, gettext_lazy("Send it now, late")),
            (switching.ASK, gettext_lazy("Ask a person about each")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what happens to what is late.")},
    )


class SwitchView(ForRoles, WagtailAdminTemplateMixin, TemplateView):
    roles = permissions.SEEING
    template_name = "publishers/desk/switch.html"
    page_title = gettext_lazy("Main switch")
    header_icon = "lock"
    form = None

    @cached_property
    def switch(self):
        return switching.state()

    def get_breadcrumbs_items(self):
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs):
        paused = self.switch.paused_at is not None
        return super().get_context_data(
            switch=self.switch,
            may_switch=switching.may_switch(self.person),
            form=self.form or (ResumeAllForm() if paused else PauseAllForm()),
            overdue=Delivery.objects.filter(phase=Phase.SCHEDULED, next_at__lte=Now()).count()
            if paused
            else 0,
            history=logs.get_logs_for_instance(self.switch).select_related("user")[:ENTRIES],
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        if not switching.may_switch(request.user):
            raise PermissionDenied
        resumes = request.POST.get("action") == "resume"
        self.form = (ResumeAllForm if resumes else PauseAllForm)(request.POST)
        if not self.form.is_valid():
            return self.get(request, *args, **kwargs)
        try:
            messages.success(request, (self._resume if resumes else self._pause)(self.form.cleaned_data))
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect(request.path)

    def _pause(self, given) -> str:
        switching.pause_all(given["reason"], by=self.person)
        return _("Everything is paused.")

    def _resume(self, given) -> str:
        switching.resume_all(given["late"], by=self.person)
        return _("Sending goes on.")


class SwitchPanel(Component):
    """The banner on the desk's first page."""

    name = "main_switch"
    template_name = "publishers/desk/switch_banner.html"
    order = 0

    def __init__(self, request):
        self.request = request

    def get_context_data(self, parent_context):
        return banner(self.request)


def banner(request) -> dict:
    """Return what the banner shows, to people who see deliveries."""
    sees = roles_of(request).intersection(permissions.SEEING)
    return {"switch": switching.state() if sees else None}
