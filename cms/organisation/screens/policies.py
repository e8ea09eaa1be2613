"""Who may do what on Wagtail's screens, answered from memberships (``cms.organisation.permissions``)."""

from collections.abc import Collection, Sequence

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.db.models import Model, QuerySet
from wagtail.permission_policies import BasePermissionPolicy

from cms.models import Anybody, Membership, Office
from cms.organisation import permissions


class AdministratorsPolicy(BasePermissionPolicy):
    """What is managed below the offices that somebody administers; ``actions`` are all that there are."""

    # On the request's user: asked once for each request, however many menu items and rows ask.
    permission_cache_name = "_reach"
    actions: frozenset[str]

    def managed(self, paths: Sequence[str]) -> QuerySet[Model]:
        raise NotImplementedError

    def get_all_permissions_for_user(self, user: Anybody) -> Sequence[str]:
        return permissions.reach(user)

    def allowed(self, user: Anybody) -> frozenset[str]:
        """Return the actions that the person may do on what she manages."""
        return self.actions

    def user_has_permission(self, user: Anybody, action: str) -> bool:
        return action in self.allowed(user) and bool(self.get_cached_permissions_for_user(user))

    def user_has_permission_for_instance(self, user: Anybody, action: str, instance: Model) -> bool:
        return self.instances_user_has_permission_for(user, action).filter(pk=instance.pk).exists()

    def instances_user_has_any_permission_for(
        self, user: Anybody, actions: Collection[str]
    ) -> QuerySet[Model]:
        if not self.allowed(user).intersection(actions):
            return self.model._default_manager.none()
        return self.managed(self.get_cached_permissions_for_user(user))

    def users_with_any_permission(self, actions: Collection[str]) -> QuerySet[AbstractUser]:
        return permissions.administrators()


class OfficePolicy(AdministratorsPolicy):
    actions = frozenset({"add", "change", "delete"})

    def managed(self, paths: Sequence[str]) -> QuerySet[Office]:
        return permissions.managed_offices(paths)


class MembershipPolicy(AdministratorsPolicy):
    actions = frozenset({"add", "delete"})

    def managed(self, paths: Sequence[str]) -> QuerySet[Membership]:
        return permissions.managed_memberships(paths)


class UserPolicy(AdministratorsPolicy):
    """Administrators make and change users; only a superuser deletes one, whose name stands in approvals."""

    actions = frozenset({"add", "change", "delete"})

    def allowed(self, user: Anybody) -> frozenset[str]:
        return self.actions if user.is_superuser else self.actions - {"delete"}

    def managed(self, paths: Sequence[str]) -> QuerySet[AbstractUser]:
        return permissions.managed_users(paths)


office_policy = OfficePolicy(Office)
membership_policy = MembershipPolicy(Membership)
user_policy = UserPolicy(get_user_model())
