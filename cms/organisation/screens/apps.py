"""Wagtail's users with our screens and rights; stands in INSTALLED_APPS in the place of ``wagtail.users``."""

from wagtail.users.apps import WagtailUsersAppConfig


class UsersConfig(WagtailUsersAppConfig):
    user_viewset = "cms.organisation.screens.users.UserViewSet"

    def ready(self) -> None:
        super().ready()
        from wagtail.permissions import register_permission_policy

        from cms.organisation.screens import policies

        for policy in (policies.office_policy, policies.membership_policy, policies.user_policy):
            register_permission_policy(policy.model, policy)
