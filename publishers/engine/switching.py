"""The main switch: stopping all sending on all hosts at once, and letting it go on.

What is to be taken down is taken down all the same: a withdrawal never waits for the switch.
"""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from cms.models import Membership, Office, Role
from cms.refusals import Refused
from publishers.models import Cause, Delivery, Desired, MainSwitch, Phase
from publishers.people import audit
from publishers.people.permissions import Actor, Operator, name_of

ROLES = (Role.ADMINISTRATOR, Role.DUTY_EDITOR)
#: What becomes of deliveries whose time passes while the hub is paused.
SEND, ASK = "send", "ask"


def state() -> MainSwitch:
    """Return the switch as it is now; not saved when nobody ever used it."""
    return MainSwitch.objects.filter(pk=1).first() or MainSwitch(pk=1)


def may_switch(user: Actor) -> bool:
    """Return whether the person may pause the whole hub: who has a duty in the network's first office."""
    if isinstance(user, Operator):
        return True
    top = Membership.objects.filter(user_id=user.pk, role__in=ROLES, office__in=Office.get_root_nodes())
    return user.is_active and top.exists()


@transaction.atomic
def pause_all(reason: str, *, by: Actor) -> None:
    """Stop all sending; what a worker has in hand stops before its next call.

    Raises PermissionDenied; Refused without a reason, or when the hub is paused already.
    """
    _require(by)
    if not reason.strip():
        raise Refused(_("Say why everything is paused."))
    switch = _locked()
    if switch.paused_at is not None:
        raise Refused(_("Everything is paused already, by {name}.").format(name=switch.paused_by))
    switch.paused_by, switch.paused_reason = name_of(by), reason.strip()[:500]
    _save(switch, paused_at=Now())
    audit.record("switch.pause", switch, by, reason=switch.paused_reason)


@transaction.atomic
def resume_all(late: str, *, by: Actor) -> None:
    """Let sending go on. What should have begun meanwhile goes out late (SEND), or waits for a person (ASK).

    What had begun before the pause goes on in either case. Raises PermissionDenied; Refused when the hub is
    not paused; ValueError for another rule.
    """
    _require(by)
    if late not in (SEND, ASK):
        raise ValueError(late)
    switch = _locked()
    if switch.paused_at is None:
        raise Refused(_("Nothing is paused."))
    if late == ASK:
        _ask_about_the_late()
    switch.paused_by = switch.paused_reason = ""
    _save(switch, paused_at=None)
    audit.record("switch.resume", switch, by, late=late)


def open_for(delivery: str = "pk") -> Q:
    """Return the condition under which the switch lets a delivery, whose id is ``delivery``, be worked on."""
    paused = MainSwitch.objects.filter(paused_at__isnull=False)
    return ~Exists(paused) | Delivery.going(delivery)


def _ask_about_the_late() -> None:
    late = Delivery.objects.filter(phase=Phase.SCHEDULED, next_at__lte=Now())
    late.exclude(items__desired=Desired.GONE).update(
        phase=Phase.ATTENTION,
        cause=Cause.LATE,
        reason=_("Its time passed while everything was paused: send it now, or cancel it."),
        next_at=None,
    )


def _require(by: Actor) -> None:
    if not may_switch(by):
        raise PermissionDenied(_("Only the first office's duty editors and administrators pause everything."))


def _locked() -> MainSwitch:
    MainSwitch.objects.bulk_create([MainSwitch(pk=1)], ignore_conflicts=True)
    return MainSwitch.objects.select_for_update().get(pk=1)


def _save(switch: MainSwitch, paused_at: Now | None) -> None:
    switch.paused_at = paused_at
    switch.save()
    switch.refresh_from_db()
