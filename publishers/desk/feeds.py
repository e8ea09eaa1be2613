"""The feed of an account on the account's screen: its address, who may read it, when it was read."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from cms.refusals import Refused
from publishers import feeds
from publishers.interface import FEED
from publishers.models import Account, Feed
from publishers.people import permissions


class AllowForm(forms.Form):
    allowed = forms.CharField(
        label=gettext_lazy("Networks that may read it"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "One address or network a line, such as 203.0.113.0/24 or 2001:db8::/32. Empty: whoever knows "
            "the address of the feed."
        ),
    )


def panel(account: Account, *, manages: bool) -> dict:
    """Return what the account's screen shows of its feed; nothing for an account that never had one.

    Its address is a secret, which only who manages the account sees.
    """
    if account.transport != FEED and not Feed.objects.filter(account=account).exists():
        return {}
    row = feeds.of(account.pk)
    addresses = {"RSS 2.0": feeds.RSS, "JSON Feed 1.1": feeds.JSON} if manages else {}
    return {
        "account": account,
        "feed": row,
        "manages": manages,
        "addresses": [(name, form, feeds.address_of(account, form)) for name, form in addresses.items()],
        "form": AllowForm(initial={"allowed": row.allowed}),
    }


@require_POST
def rotate_feed(request, pk: int) -> HttpResponse:
    """Give the feed another address."""
    account = get_object_or_404(permissions.visible_accounts(request.user), pk=pk)
    feeds.rotate(account, by=request.user)
    messages.success(request, _("The feed has a new address. Tell it to the partner: the old one is dead."))
    return redirect("hub_account", account.pk)


@require_POST
def allow_feed(request, pk: int) -> HttpResponse:
    """Change who may read the feed."""
    account = get_object_or_404(permissions.visible_accounts(request.user), pk=pk)
    form = AllowForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused(_("The list of networks is too long."))
        feeds.allow(account, form.cleaned_data["allowed"], by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Saved."))
    return redirect("hub_account", account.pk)
