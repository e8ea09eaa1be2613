"""Who may send where, and who sees what.

A right comes from a membership only: being a superuser gives none here. On an account may send: a duty editor
of the account's office or of an office above it, and a liaison officer of exactly that office. Administrators
and auditors of the office or of one above it see deliveries without sending.
"""

from collections.abc import Collection

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from cms.models import Membership, Office, Role, paths_down_to
from publishers.models import Account, Delivery

DOWNWARDS = (Role.DUTY_EDITOR,)
OWN_OFFICE = (Role.LIAISON,)
SENDING = (*DOWNWARDS, *OWN_OFFICE)
MANAGING = (Role.ADMINISTRATOR,)
SEEING_DOWNWARDS = (*DOWNWARDS, *MANAGING, Role.AUDITOR)
SEEING = (*SEEING_DOWNWARDS, *OWN_OFFICE)


class Operator:
    """Whoever has the hub's command line: may do everything, and is named so in the log."""

    pk = None

    def get_username(self) -> str:
        return "command line"

    get_full_name = get_username


class Hub:
    """The hub itself, where it writes down what it did of its own accord; it has no right anywhere."""

    pk = None

    def get_username(self) -> str:
        return _("the hub")

    get_full_name = get_username


OPERATOR, HUB = Operator(), Hub()

#: Who asks for something to be done: a person, or whoever has the command line.
Actor = AbstractUser | Operator


def roles(user: AbstractUser) -> frozenset[str]:
    """Return the roles that the person has in any office; none for who has left. One query."""
    if not user.is_active:
        return frozenset()
    return frozenset(Membership.objects.filter(user_id=user.pk).values_list("role", flat=True))


def may_send(user: Actor, account: Account) -> bool:
    """Return whether the person may create and change deliveries on the account. One query."""
    return isinstance(user, Operator) or _has_role(user, account.office, DOWNWARDS, OWN_OFFICE)


def may_manage(user: Actor, office: Office) -> bool:
    """Return whether the person may add, check, pause and change the office's accounts: an administrator."""
    return isinstance(user, Operator) or _has_role(user, office, MANAGING, ())


def require_sending(user: Actor, account: Account) -> None:
    """Raise PermissionDenied, with a sentence, unless the person may send to the account."""
    if not may_send(user, account):
        raise PermissionDenied(_("You may not distribute to {account}.").format(account=account))


def require_managing(user: Actor, office: Office) -> None:
    """Raise PermissionDenied, with a sentence, unless the person manages the office's accounts."""
    if not may_manage(user, office):
        raise PermissionDenied(_("You may not manage accounts of {office}.").format(office=office))


def name_of(user: Actor | Hub) -> str:
    """Return how the person is named where her deed is written down."""
    return user.get_full_name() or user.get_username()


def sendable_accounts(user: AbstractUser) -> QuerySet[Account]:
    """Return the accounts that the person may send to."""
    return Account.objects.filter(_offices(user, DOWNWARDS, OWN_OFFICE, "office__"))


def managed_offices(user: AbstractUser) -> QuerySet[Office]:
    """Return the offices whose accounts the person manages, in the order of the tree."""
    return Office.objects.filter(_offices(user, MANAGING, (), "")).order_by("path")


def visible_accounts(user: AbstractUser) -> QuerySet[Account]:
    """Return the accounts whose deliveries the person may see, with their offices."""
    seen = _offices(user, SEEING_DOWNWARDS, OWN_OFFICE, "office__")
    return Account.objects.filter(seen).select_related("office")


def visible_deliveries(user: AbstractUser) -> QuerySet[Delivery]:
    """Return the deliveries that the person may see, with their accounts."""
    seen = _offices(user, SEEING_DOWNWARDS, OWN_OFFICE, "account__office__")
    return Delivery.objects.filter(seen).select_related("account__office")


def _has_role(user: AbstractUser, office: Office, downwards: Collection[str], own: Collection[str]) -> bool:
    if not user.is_active:
        return False
    above = paths_down_to(office.path, Office.steplen)
    right = Q(role__in=downwards, office__path__in=above) | Q(role__in=own, office__path=office.path)
    return Membership.objects.filter(right, user_id=user.pk).exists()


def _offices(user: AbstractUser, downwards: Collection[str], own: Collection[str], prefix: str) -> Q:
    """Return the condition that an office (reached by ``prefix``) is one where the person has a role."""
    condition = Q(pk__in=[])
    if user.is_active:
        held = Membership.objects.filter(user_id=user.pk, role__in=(*downwards, *own))
        for role, path in held.values_list("role", "office__path"):
            lookup = "path__startswith" if role in downwards else "path"
            condition |= Q(**{prefix + lookup: path})
    return condition
