"""How the desk shows phases, platforms and times: the same everywhere."""

import datetime as dt

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from publishers import registry
from publishers.capabilities import words_for
from publishers.desk import words
from publishers.desk.words import step_name, zone_name
from publishers.models import Account, Attempt, Delivery, Desired, Phase

register = template.Library()

#: phase: (icon, tone); tones are classes of desk.css.
SIGNS = {
    Phase.SCHEDULED: ("calendar-alt", "soft"),
    Phase.SENDING: ("upload", "sea"),
    Phase.CONFIRMING: ("time", "sea"),
    Phase.SETTLED: ("circle-check", "leaf"),
    Phase.ATTENTION: ("warning", "amber"),
    Phase.PAUSED: ("lock", "amber"),
    Phase.CANCELLED: ("cross", "soft"),
}


@register.inclusion_tag("publishers/desk/phase.html")
def phase(delivery: Delivery) -> dict:
    """Show the delivery's phase as a word, a shape and a colour."""
    icon, tone = SIGNS[Phase(delivery.phase)]
    word = Desired.GONE.label if delivery.is_gone else delivery.get_phase_display()
    return {"icon_name": icon, "tone": tone, "word": word}


@register.inclusion_tag("publishers/desk/account.html")
def account(row: Account) -> dict:
    """Show the platform's small mark and name, and the account's name."""
    try:
        platform = registry.get(row.platform).platform
    except KeyError:
        return {"colour": "currentColor", "platform": row.platform, "name": row.name}
    return {"colour": platform.colour, "platform": platform.name, "name": row.name}


@register.filter
def zoned(moment: dt.datetime | None) -> str:
    """Return the moment in the reader's zone, with the zone's name; empty for None."""
    if moment is None:
        return ""
    shown = date_format(timezone.localtime(moment), "DATETIME_FORMAT")
    return _("{time} ({zone})").format(time=shown, zone=zone_name())


register.filter("titles", words.titles)


@register.filter
def step(attempt: Attempt) -> str:
    """Return what the attempt is called on the desk."""
    return step_name(attempt)


@register.inclusion_tag("publishers/desk/platform.html")
def platform(row: Account) -> dict:
    """Show the platform's small mark and name."""
    return account(row)


@register.filter
def capability(name: str) -> str:
    """Return what the account may do, in the reader's words."""
    return words_for(name)
