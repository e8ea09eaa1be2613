"""Who manages offices and users: an administrator in her office and those below it, a superuser everywhere.

Managing gives no right to review or to distribute; whoever needs one is given a role, and that is logged.
"""

from collections.abc import Sequence

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from cms.models import Anybody, Membership, Office, Role

# Every path begins with it.
EVERYWHERE = ("",)


def reach(user: Anybody) -> Sequence[str]:
    """Return the paths below which the person manages offices; none for who has left. At most one query."""
    if not user.is_active:
        return ()
    if user.is_superuser:
        return EVERYWHERE
    held = Membership.objects.filter(user_id=user.pk, role=Role.ADMINISTRATOR)
    return tuple(held.values_list("office__path", flat=True))


def managed_offices(paths: Sequence[str]) -> QuerySet[Office]:
    """Return the offices that somebody with this ``reach`` manages, in the order of the tree."""
    return Office.objects.filter(_below(paths, "path")).order_by("path")


def managed_memberships(paths: Sequence[str]) -> QuerySet[Membership]:
    return Membership.objects.filter(_below(paths, "office__path"))


def managed_users(paths: Sequence[str]) -> QuerySet[AbstractUser]:
    """Return whose accounts somebody with this ``reach`` may change: users with roles in these offices only.

    A superuser's account is a superuser's to change. Somebody without any role belongs to the whole network.
    """
    users = get_user_model().objects.all()
    if paths == EVERYWHERE:
        return users
    roles = Membership.objects.filter(user=OuterRef("pk"))
    users = users.filter(~Exists(roles.exclude(_below(paths, "office__path"))), is_superuser=False)
    return users if _whole_network(paths) else users.filter(Exists(roles))


def eligible_users(paths: Sequence[str]) -> QuerySet[AbstractUser]:
    """Return to whom somebody with this ``reach`` may give a role.

    Not to users whom she does not manage and who have no role yet: their account would become hers to change.
    """
    if not paths:
        return get_user_model().objects.none()
    users = get_user_model().objects.filter(is_active=True)
    if _whole_network(paths):
        return users
    return users.filter(Exists(Membership.objects.filter(user=OuterRef("pk"))))


def may_manage(user: Anybody, office: Office) -> bool:
    return office.path.startswith(tuple(reach(user)))


def require_managing(user: Anybody, office: Office) -> None:
    """Raise PermissionDenied, with a sentence, unless the person manages the office."""
    if not may_manage(user, office):
        raise PermissionDenied(_("You may not manage {office}.").format(office=office.name))


def administrators() -> QuerySet[AbstractUser]:
    """Return everybody who manages any office."""
    held = Membership.objects.filter(user=OuterRef("pk"), role=Role.ADMINISTRATOR)
    return get_user_model().objects.filter(Q(is_superuser=True) | Exists(held), is_active=True)


def _below(paths: Sequence[str], field: str) -> Q:
    condition = Q(pk__in=[])
    for path in paths:
        condition |= Q(**{f"{field}__startswith": path})
    return condition


def _whole_network(paths: Sequence[str]) -> bool:
    return any(len(path) <= Office.steplen for path in paths)
