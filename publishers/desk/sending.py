"""Choosing accounts and a time for what was signed off."""

import datetime as dt
import uuid

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import FormView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from cms.models import Release
from cms.refusals import Refused
from publishers import distribution
from publishers.desk.access import ForRoles
from publishers.desk.forms import SendForm
from publishers.desk.texts import newest
from publishers.models import DeliveryItem
from publishers.people import permissions
from publishers.people.refusals import Alike, PerhapsThere

MOST = 8  # of texts that are chosen together


class SendView(ForRoles, WagtailAdminTemplateMixin, FormView):
    """The texts stand in the address (``?release=…&release=…``), in the order in which they go out."""

    roles = permissions.SENDING
    form_class = SendForm
    template_name = "publishers/desk/send.html"
    page_title = gettext_lazy("Distribute")
    header_icon = "upload"
    doubt: Refused | None = None

    def dispatch(self, request, *args, **kwargs):
        if request.method == "GET" and not request.GET.getlist("release"):
            messages.warning(request, _("Choose at least one text first."))
            return redirect("hub_texts")
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self):
        texts = {"url": reverse("hub_texts"), "label": _("Signed texts")}
        return [*self.breadcrumbs_items, texts, {"url": "", "label": self.get_page_title()}]

    @cached_property
    def releases(self) -> list[Release]:
        """Return the chosen texts in order. Raises Http404 when one is unknown or not the page's newest."""
        try:
            chosen = [uuid.UUID(text) for text in self.request.GET.getlist("release")[:MOST]]
        except ValueError:
            raise Http404 from None
        found = {release.pk: release for release in newest().filter(pk__in=chosen).defer(None)}
        if not chosen or len(found) != len(set(chosen)):
            raise Http404
        return [found[pk] for pk in dict.fromkeys(chosen)]

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "accounts": permissions.sendable_accounts(self.person)}

    def get_context_data(self, **kwargs):
        wanted = DeliveryItem.objects.filter(release__in=self.releases, wanted=True)
        return super().get_context_data(
            releases=self.releases,
            taken=set(wanted.values_list("account_id", flat=True)),
            embargo=self._embargo(),
            perhaps_there=isinstance(self.doubt, PerhapsThere),
            like=self.doubt if isinstance(self.doubt, Alike) else None,
            given={name for name in ("again", "alike") if self.request.POST.get(name)},
            **kwargs,
        )

    def _embargo(self) -> dt.datetime | None:
        """Return when readers may see all of the texts, while that lies ahead."""
        public_from = max(release.public_from for release in self.releases)
        return public_from if public_from > timezone.now() else None

    def form_valid(self, form):
        chosen = form.cleaned_data
        try:
            made = distribution.distribute(
                self.releases,
                list(chosen["accounts"]),
                at=chosen["at"],
                urgent=chosen["urgent"],
                again=chosen["again"],
                alike=chosen["alike"],
                by=self.person,
            )
        except Refused as refusal:
            self.doubt = refusal
            form.add_error("accounts", str(refusal))
            return self.form_invalid(form)
        sentence = ngettext(
            "{count} delivery is on its way.", "{count} deliveries are on their way.", len(made)
        )
        messages.success(self.request, sentence.format(count=len(made)))
        return redirect("hub_deliveries")
