"""A person's answer to what was seen of a delivery afterwards."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cms.refusals import Refused
from publishers.people import permissions
from publishers.verification import sightings


@require_POST
def accept_sightings(request, pk) -> HttpResponse:
    """Let what was found stand, under the person's name."""
    delivery = get_object_or_404(permissions.visible_deliveries(request.user), pk=pk)
    try:
        sightings.accept(delivery, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Noted under your name: it stays as it is."))
    return redirect("hub_delivery", delivery.pk)
