"""The accounts: what each may do, whether it stops, and its credentials (which are never shown)."""

from collections.abc import Mapping

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models.functions import Now
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import FormView, TemplateView
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic import BaseListingView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import HeaderButton

from cms.refusals import Refused
from publishers import accounts, callbacks, registry
from publishers.accounts.credentials import readable
from publishers.desk.access import ForRoles, roles_of
from publishers.desk.account_form import AccountForm, credential_fields, initial_of
from publishers.desk.board import PartColumn
from publishers.desk.forms import PauseForm
from publishers.desk.limits import usage
from publishers.interface import Platform
from publishers.models import Account, Delivery, Transport
from publishers.people import permissions


def _platform(slug: str) -> Platform:
    publisher = registry.find(slug)
    if publisher is None:
        raise Http404
    return publisher.platform


class AccountsView(ForRoles, BaseListingView):
    roles = permissions.SEEING
    model = Account
    page_title = gettext_lazy("Accounts")
    header_icon = "key"
    template_name = "publishers/desk/accounts.html"
    results_template_name = "publishers/desk/accounts_results.html"
    index_url_name = "hub_accounts"
    paginate_by = 60
    table_classname = "listing hub-cards"
    columns = [
        TitleColumn("name", label=gettext_lazy("Account"), url_name="hub_account"),
        PartColumn("platform", label=gettext_lazy("Platform"), width="14%"),
        Column("office", label=gettext_lazy("Office"), width="20%"),
        PartColumn("state", label=gettext_lazy("State"), width="27%"),
        PartColumn("quota", label=gettext_lazy("Narrowest quota"), width="20%"),
    ]

    def get_base_queryset(self):
        rows = permissions.visible_accounts(self.person).order_by("office__path", "platform", "name")
        return rows.select_related("consent").prefetch_related("quota_uses")

    def get_context_data(self, *args, **kwargs):
        return super().get_context_data(*args, broken_plugins=registry.broken(), **kwargs)

    def get_table(self, object_list):
        for account in object_list:
            account.narrowest = next(iter(usage(account, account.quota_uses.all())), None)
        return super().get_table(object_list)

    def get_header_buttons(self):
        if not roles_of(self.request).intersection(permissions.MANAGING):
            return []
        add = HeaderButton(label=_("Add an account"), url=reverse("hub_account_platforms"), icon_name="plus")
        return [add]


class PlatformsView(ForRoles, WagtailAdminTemplateMixin, TemplateView):
    """Asks on which platform an account is to be added."""

    roles = permissions.MANAGING
    template_name = "publishers/desk/account_platforms.html"
    page_title = gettext_lazy("Add an account")
    header_icon = "key"

    def get_breadcrumbs_items(self):
        listed = {"url": reverse("hub_accounts"), "label": _("Accounts")}
        return [*self.breadcrumbs_items, listed, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs):
        platforms = [_listed(publisher.platform) for publisher in registry.all_publishers()]
        return super().get_context_data(platforms=platforms, **kwargs)


def _listed(platform: Platform) -> dict[str, str]:
    transports = "、".join(str(Transport(each).label) for each in platform.transports)
    return {"slug": platform.slug, "name": platform.name, "colour": platform.colour, "transports": transports}


class AccountAddView(ForRoles, WagtailAdminTemplateMixin, FormView):
    roles = permissions.MANAGING
    form_class = AccountForm
    template_name = "publishers/desk/account_form.html"
    header_icon = "key"

    @cached_property
    def platform(self) -> Platform:
        return _platform(self.kwargs["platform"])

    def get_page_title(self):
        return _("Add an account on {platform}").format(platform=self.platform.name)

    def get_breadcrumbs_items(self):
        listed = {"url": reverse("hub_accounts"), "label": _("Accounts")}
        return [*self.breadcrumbs_items, listed, {"url": "", "label": self.get_page_title()}]

    def get_form_kwargs(self):
        offices = permissions.managed_offices(self.person)
        return {**super().get_form_kwargs(), "platform": self.platform, "offices": offices}

    def form_valid(self, form):
        try:
            account = accounts.add(
                office=form.cleaned_data["office"],
                platform=self.platform.slug,
                credentials=form.credentials,
                **form.settings,
                by=self.person,
            )
        except Refused as refusal:
            form.add_error("name", str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("The account is added. Check it now, to see what it may do."))
        return redirect("hub_account", account.pk)


class AccountView(ForRoles, WagtailAdminTemplateMixin, FormView):
    """Shows an account; for its administrators, also what can be changed."""

    roles = permissions.SEEING
    form_class = AccountForm
    template_name = "publishers/desk/account_detail.html"
    header_icon = "key"

    def dispatch(self, request, *args, **kwargs):
        self.account = get_object_or_404(permissions.visible_accounts(request.user), pk=kwargs["pk"])
        self.manages = permissions.may_manage(request.user, self.account.office)
        self.pause_form = PauseForm()
        return super().dispatch(request, *args, **kwargs)

    def get_page_title(self):
        return self.account.name

    def get_breadcrumbs_items(self):
        listed = {"url": reverse("hub_accounts"), "label": _("Accounts")}
        return [*self.breadcrumbs_items, listed, {"url": "", "label": self.get_page_title()}]

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), **self._known}

    @cached_property
    def platform(self) -> Platform:
        """Raises NotInstalled, whose sentence the page then shows in place of what can be changed."""
        return registry.get(self.account.platform).platform

    @cached_property
    def _stored(self) -> Mapping[str, str]:
        return readable(bytes(self.account.credentials))

    @property
    def _known(self) -> dict:
        return {"platform": self.platform, "stored": self._stored}

    def get_initial(self):
        fields = credential_fields(self.platform)
        names = [field.name for field in fields if not field.secret and field.name in self._stored]
        return initial_of(self.account, {name: self._stored[name] for name in names})

    def get_context_data(self, **kwargs):
        publisher = registry.find(self.account.platform)
        if publisher is None:
            kwargs |= {"form": None, "missing": registry.why_missing(self.account.platform)}
        return super().get_context_data(
            account=self.account,
            manages=self.manages,
            pause_form=self.pause_form,
            callback_address=callbacks.address_of(self.account),
            usage=usage(self.account, self.account.quota_uses.all()),
            concurrency=publisher.platform.concurrency if publisher else 1,
            in_hand=Delivery.objects.filter(account=self.account, lease_until__gt=Now()).count(),
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        if not self.manages:
            raise PermissionDenied
        act = {"check": self._check, "pause": self._pause, "resume": self._resume}.get(
            request.POST.get("action", ""), super().post
        )
        return act(request)

    def _check(self, request):
        account = accounts.check(self.account, by=request.user)
        if account.problem:
            messages.error(request, account.problem)
        else:
            messages.success(request, _("The platform answers."))
        return redirect(request.path)

    def _pause(self, request):
        self.pause_form = PauseForm(request.POST)
        if not self.pause_form.is_valid():
            # The other form is shown as it was, without complaints about what was not sent.
            if registry.find(self.account.platform) is None:
                return self.render_to_response(self.get_context_data())
            unbound = AccountForm(**self._known, initial=self.get_initial())
            return self.render_to_response(self.get_context_data(form=unbound))
        accounts.pause(self.account, reason=self.pause_form.cleaned_data["reason"], by=request.user)
        messages.success(request, _("The account stops. Its deliveries wait."))
        return redirect(request.path)

    def _resume(self, request):
        accounts.resume(self.account, by=request.user)
        messages.success(request, _("The account goes on. What is due goes out now."))
        return redirect(request.path)

    def form_valid(self, form):
        before = self.account.transport
        try:
            moved = accounts.change(
                self.account, credentials=form.credentials, **form.settings, by=self.person
            )
        except Refused as refusal:
            form.add_error("name", str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, _("Saved."))
        if self.account.transport != before:
            messages.info(self.request, _moved(moved))
        return redirect(self.request.path)


def _moved(count: int) -> str:
    sentence = ngettext(
        "{count} delivery that has not begun travels the new way; what has begun ends on its own.",
        "{count} deliveries that have not begun travel the new way; what has begun ends on its own.",
        count,
    )
    return sentence.format(count=count)
