"""What people did to deliveries, in Wagtail's own log. The names of the entries are registered here."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import log

from publishers.models import Delivery

ACTIONS = {
    "hub.delivery.create": (_("Distribute"), _("Distributed")),
    "hub.delivery.reschedule": (_("Reschedule a delivery"), _("Delivery rescheduled")),
    "hub.delivery.retry": (_("Retry a delivery"), _("Delivery tried again")),
    "hub.delivery.cancel": (_("Cancel a delivery"), _("Delivery cancelled")),
}


@hooks.register("register_log_actions")
def register(actions) -> None:
    for action, (label, message) in ACTIONS.items():
        actions.register_action(action, label, message)


def record(action: str, delivery: Delivery, by) -> None:
    """Log that ``by`` (a user, or None for the operator) did ``action``; inside the caller's transaction."""
    log(
        delivery,
        f"hub.delivery.{action}",
        user=by,
        title=str(delivery),
        data={"account": delivery.account_id},
    )
