"""Connecting an account by OAuth, and disconnecting it: to the platform's page of consent and back."""

from django.contrib import messages
from django.contrib.auth.models import AbstractUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_POST

from cms.refusals import Refused
from publishers import accounts
from publishers.accounts import connecting
from publishers.desk.access import person_of
from publishers.models import Account
from publishers.people import permissions

#: Where the session keeps what ``connecting.begin`` gave. A later beginning replaces an earlier one.
KEPT = "hub_connecting"


@require_POST
def connect(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead the administrator to the platform's page of consent."""
    account = _account(request, pk)
    try:
        url, request.session[KEPT] = connecting.begin(account, by=person_of(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("hub_account", pk)
    return redirect(url)


@require_GET
@never_cache
@sensitive_variables("state", "code", "kept")
def connected(request: HttpRequest) -> HttpResponse:
    """Take her back from there. Nothing is shown here: the address holds the code and must not stay."""
    user = request.user
    if not isinstance(user, AbstractUser) or not permissions.roles(user).intersection(permissions.MANAGING):
        return redirect("wagtailadmin_home")
    state, code = request.GET.get("state", ""), request.GET.get("code", "")
    kept = request.session.pop(KEPT, None)
    # Now, and not with the answer: the same address may be called twice at once.
    request.session.save()
    try:
        account, begun = connecting.returned(kept, state=state, by=user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("hub_accounts")
    try:
        connecting.finish(account, begun, code=code, denied=request.GET.get("error", ""), by=user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        _tell(request, accounts.check(account, by=user))
    return redirect("hub_account", account.pk)


@require_POST
def disconnect(request: HttpRequest, pk: int) -> HttpResponse:
    account = _account(request, pk)
    connecting.disconnect(account, by=person_of(request))
    messages.success(request, _("The account is disconnected and stops. Its deliveries wait."))
    return redirect("hub_account", pk)


def _account(request: HttpRequest, pk: int) -> Account:
    account = get_object_or_404(permissions.visible_accounts(person_of(request)), pk=pk)
    permissions.require_managing(person_of(request), account.office)
    return account


def _tell(request: HttpRequest, account: Account) -> None:
    if account.problem:
        messages.error(request, account.problem)
    elif account.is_paused:
        messages.success(request, _("The account is connected. Resume it, so that its deliveries go on."))
    else:
        messages.success(request, _("The account is connected."))
