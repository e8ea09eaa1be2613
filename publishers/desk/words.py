"""Words that the desk's screens share."""

from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext as _

from publishers import registry
from publishers.models import Attempt, Delivery


def zone_name() -> str:
    """Return the reader's time zone by name: 北京时间 in the hub's own."""
    name = timezone.get_current_timezone_name()
    return _("Beijing time") if name in ("Asia/Shanghai", "CST") else name


def zoned_label(text) -> str:
    """Return ``text`` with the reader's zone in place of {zone}, whenever it is shown."""
    return lazy(lambda: str(text).format(zone=zone_name()), str)()


def titles(delivery: Delivery) -> str:
    """Return the titles of the delivery's articles in their order."""
    return "、".join(item.release.title for item in delivery.items.all())


def step_name(attempt: Attempt) -> str:
    """Return what the platform's plugin calls the step; its plain name when it says nothing."""
    publisher = registry.find(attempt.delivery.account.platform, attempt.delivery.transport)
    steps = publisher.platform.steps if publisher else {}
    return str(steps.get(attempt.name, attempt.name))
