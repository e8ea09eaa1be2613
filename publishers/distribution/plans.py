"""Plans become deliveries when the text is signed off, inside the sign-off's transaction."""

import logging

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from cms.models import Release
from cms.refusals import Refused
from publishers.distribution.distributing import distribute
from publishers.models import DeliveryItem, Plan

log = logging.getLogger(__name__)


def carry_out(release: Release, **kwargs: object) -> None:
    """Make the deliveries that were planned for the page.

    A plan that cannot be carried out stays, with the reason; it does not undo the sign-off.
    """
    plans = Plan.objects.filter(page_id=release.page_id).order_by("account_id")
    for planned in plans.select_related("account__office"):
        planned.problem = _carry_out(planned, release)
        if planned.problem:
            log.warning("Plan %s was not carried out: %s", planned.pk, planned.problem)
            planned.save(update_fields=["problem"])
        else:
            planned.delete()


def _carry_out(planned: Plan, release: Release) -> str:
    """Return why not, or an empty text. The planner's right is that of today."""
    planner = get_user_model().objects.filter(pk=planned.created_by_id).first()
    try:
        if planner is None:
            raise PermissionDenied
        if DeliveryItem.objects.filter(account=planned.account, release=release, wanted=True).exists():
            return ""  # a delivery that had not begun carries it now
        with transaction.atomic():
            distribute([release], [planned.account], at=planned.at, by=planner)
    except PermissionDenied:
        return _("{name} may no longer distribute to {account}.").format(
            name=planned.created_by_name, account=planned.account
        )
    except Refused as refusal:
        return str(refusal)
    return ""
