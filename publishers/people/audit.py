"""What people did to deliveries and accounts, in Wagtail's own log; its entries are named here."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry, log

from publishers.interface import Json
from publishers.models import Account, Delivery, MainSwitch
from publishers.people.permissions import Actor, Hub, name_of

ACTIONS = {
    "hub.delivery.create": (_("Distribute"), _("Distributed")),
    "hub.delivery.reschedule": (_("Reschedule a delivery"), _("Delivery rescheduled")),
    "hub.delivery.recompose": (_("Compose an edition anew"), _("Edition composed anew")),
    "hub.delivery.retry": (_("Retry a delivery"), _("Delivery tried again")),
    "hub.delivery.cancel": (_("Cancel a delivery"), _("Delivery cancelled")),
    "hub.delivery.withdraw": (_("Withdraw everywhere"), _("Withdrawal begun")),
    "hub.delivery.correct": (_("Correct everywhere"), _("Correction begun")),
    "hub.delivery.carry": (_("Carry the newer text"), _("Carries the newer text, which was signed off")),
    "hub.delivery.fall_back": (_("Go on by hand"), _("Goes on by hand: its way does not take it")),
    "hub.delivery.take_over": (_("Publish by hand instead"), _("Is published by hand instead")),
    "hub.delivery.record": (_("Record an address"), _("Address recorded")),
    "hub.delivery.notify": (_("Send to followers"), _("Is sent to followers")),
    "hub.delivery.notify_not": (_("Do not send to followers"), _("Is not sent to followers")),
    "hub.delivery.gone": (_("Confirm that it is down"), _("Confirmed to be down")),
    "hub.delivery.altered": (_("Find an article changed"), _("Found other than it should be")),
    "hub.delivery.accept": (_("Accept what is there"), _("Accepted as it is there")),
    "hub.delivery.figures": (_("Enter figures"), _("Figures entered")),
    "hub.account.figures": (_("Import figures"), _("Figures imported")),
    "hub.account.add": (_("Add an account"), _("Account added")),
    "hub.account.change": (_("Change an account"), _("Account changed")),
    "hub.account.credentials": (_("Replace an account's credentials"), _("Credentials replaced")),
    "hub.account.connect": (_("Connect an account"), _("Account connected")),
    "hub.account.disconnect": (_("Disconnect an account"), _("Account disconnected")),
    "hub.account.feed_rotate": (_("Replace a feed's address"), _("The feed has a new address")),
    "hub.account.feed_allow": (_("Choose who may read a feed"), _("Who may read the feed is changed")),
    "hub.account.pause": (_("Pause an account"), _("Account paused")),
    "hub.account.resume": (_("Resume an account"), _("Account resumed")),
    "hub.switch.pause": (_("Pause everything"), _("Everything paused")),
    "hub.switch.resume": (_("Resume everything"), _("Everything resumed")),
    "hub.switch.restore": (_("Restore from a backup"), _("Restored from a backup")),
}


@hooks.register("register_log_actions")
def register(actions: LogActionRegistry) -> None:
    for action, (label, message) in ACTIONS.items():
        actions.register_action(action, label, message)


def record(action: str, of: Delivery | Account | MainSwitch, by: Actor | Hub, **data: Json) -> None:
    """Log that ``by`` did ``action`` (without "hub.") to ``of``; inside the caller's transaction.

    ``data`` is shown to nobody by itself; it holds no secret.
    """
    log(
        of,
        f"hub.{action}",
        user=by if by.pk else None,
        title=str(of),
        data={"by": name_of(by), **data},
    )
