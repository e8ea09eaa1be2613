"""What administrators did to offices and roles, in Wagtail's own log; its entries are named here."""

from django.contrib.auth.models import AbstractUser
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry, LogFormatter, log
from wagtail.models import BaseLogEntry

from cms.models import Office, role_label


def record(action: str, of: Model, by: AbstractUser | None, **data: str | int | None) -> None:
    """Log that ``by`` did ``action`` (without "hub.") to ``of``; inside the caller's transaction."""
    log(of, f"hub.{action}", user=by, title=str(of), data=data)


@hooks.register("register_log_actions")
def register(actions: LogActionRegistry) -> None:
    actions.register_action("hub.office.open", gettext_lazy("Open an office"), gettext_lazy("Office opened"))
    actions.register_action("hub.office.name")(Renamed)
    actions.register_action("hub.office.kind")(KindChanged)
    actions.register_action("hub.office.stage_count")(StagesChanged)
    actions.register_action("hub.office.close")(OfficeClosed)
    actions.register_action("hub.role.give")(RoleGiven)
    actions.register_action("hub.role.take")(RoleTaken)
    actions.register_action(
        "hub.user.password", gettext_lazy("Set a user's password"), gettext_lazy("Password set")
    )


class Renamed(LogFormatter):
    label = gettext_lazy("Rename an office")

    def format_message(self, log_entry: BaseLogEntry) -> str:
        return _("Renamed from “{old}” to “{new}”").format(**log_entry.data)


class KindChanged(LogFormatter):
    label = gettext_lazy("Change an office's kind")

    def format_message(self, log_entry: BaseLogEntry) -> str:
        old, new = (Office.Kind(log_entry.data[key]).label for key in ("old", "new"))
        return _("Kind changed from {old} to {new}").format(old=old, new=new)


class StagesChanged(LogFormatter):
    label = gettext_lazy("Change an office's stages of review")

    def format_message(self, log_entry: BaseLogEntry) -> str:
        return _("Stages of review changed from {old} to {new}").format(**log_entry.data)


class OfficeClosed(LogFormatter):
    label = gettext_lazy("Delete an office")

    def format_message(self, log_entry: BaseLogEntry) -> str:
        return _("Office “{office}” ({code}) deleted").format(**log_entry.data)


class RoleGiven(LogFormatter):
    label = gettext_lazy("Give a role")

    def format_message(self, log_entry: BaseLogEntry) -> str:
        return _("The role {role} was given to {name}").format(
            name=log_entry.data["name"], role=role_label(log_entry.data["role"], log_entry.data["stage"])
        )


class RoleTaken(LogFormatter):
    label = gettext_lazy("Take a role away")

    def format_message(self, log_entry: BaseLogEntry) -> str:
        return _("The role {role} was taken from {name}").format(
            name=log_entry.data["name"], role=role_label(log_entry.data["role"], log_entry.data["stage"])
        )
