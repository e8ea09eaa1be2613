"""Who may send where, and who sees what.

A right comes from a membership only: being a superuser gives none here. On an account may send: a duty editor
of the account's office or of an office above it, and a liaison officer of exactly that office. Administrators
and auditors of the office or of one above it see deliveries without sending.
"""

from django.db.models import Q, QuerySet

from cms.models import Membership, Office, Role
from publishers.models import Account, Delivery

DOWNWARDS = (Role.DUTY_EDITOR,)
OWN_OFFICE = (Role.LIAISON,)
SEEING_DOWNWARDS = (*DOWNWARDS, Role.ADMINISTRATOR, Role.AUDITOR)


def may_send(user, account: Account) -> bool:
    """Return whether the person may create and change deliveries on the account. One query."""
    return _has_role(user, account, DOWNWARDS, OWN_OFFICE)


def may_manage(user, account: Account) -> bool:
    """Return whether the person may check, pause and resume the account: an administrator's right."""
    return _has_role(user, account, (Role.ADMINISTRATOR,), ())


def sendable_accounts(user) -> QuerySet[Account]:
    """Return the accounts that the person may send to."""
    return Account.objects.filter(_offices(user, DOWNWARDS, OWN_OFFICE, "office__"))


def visible_deliveries(user) -> QuerySet[Delivery]:
    """Return the deliveries that the person may see, with their accounts."""
    seen = _offices(user, SEEING_DOWNWARDS, OWN_OFFICE, "account__office__")
    return Delivery.objects.filter(seen).select_related("account__office")


def _has_role(user, account: Account, downwards: tuple, own: tuple) -> bool:
    if not user.is_active:
        return False
    path, steplen = account.office.path, Office.steplen
    above = [path[:end] for end in range(steplen, len(path) + 1, steplen)]
    right = Q(role__in=downwards, office__path__in=above) | Q(role__in=own, office__path=path)
    return Membership.objects.filter(right, user_id=user.pk).exists()


def _offices(user, downwards: tuple, own: tuple, prefix: str) -> Q:
    """Return the condition that an office (reached by ``prefix``) is one where the person has a role."""
    condition = Q(pk__in=[])
    if user.is_active:
        held = Membership.objects.filter(user_id=user.pk, role__in=(*downwards, *own))
        for role, path in held.values_list("role", "office__path"):
            lookup = "path__startswith" if role in downwards else "path"
            condition |= Q(**{prefix + lookup: path})
    return condition
