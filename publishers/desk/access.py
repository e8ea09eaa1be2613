"""Who may open the desk's screens; each screen then shows only what is the person's."""

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.views import View

from publishers.people import permissions


def roles_of(request) -> frozenset[str]:
    """Return the roles that the person has anywhere, asked once for each request."""
    if not hasattr(request, "hub_roles"):
        request.hub_roles = permissions.roles(request.user)
    return request.hub_roles


def person_of(request: HttpRequest) -> AbstractUser:
    """Return who asks. Raises PermissionDenied for somebody who has not signed in."""
    if not isinstance(request.user, AbstractUser):
        raise PermissionDenied
    return request.user


class SignedIn(View):
    """Before another view at the desk, where Wagtail lets nobody in who has not signed in."""

    @property
    def person(self) -> AbstractUser:
        return person_of(self.request)


class ForRoles(SignedIn):
    """Before another view: only people with one of ``roles`` get in."""

    roles: tuple[str, ...] = ()

    def dispatch(self, request, *args, **kwargs):
        if not roles_of(request).intersection(self.roles):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def sends(self) -> bool:
        """Whether the person may send to any account."""
        return bool(roles_of(self.request).intersection(permissions.SENDING))
