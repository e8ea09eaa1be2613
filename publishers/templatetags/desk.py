"""How the desk shows phases, platforms and times: the same everywhere."""

import datetime as dt

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from publishers import registry
from publishers.accounts import consents
from publishers.accounts.capabilities import words_for
from publishers.desk import words
from publishers.desk.attention import names_in
from publishers.desk.switch import banner
from publishers.desk.words import step_name, zone_name
from publishers.engine import circuit_breaker
from publishers.models import (
    Account,
    Delivery,
    DeliveryItem,
    Desired,
    MetricSample,
    Phase,
    Seen,
    Sighting,
)
from publishers.statistics import manual_entry

register = template.Library()
register.filter("has_failed", circuit_breaker.must_be_probed)

#: A delivery that is later than this is late; below, it is on its way.
NOTICEABLE = dt.timedelta(minutes=1)
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


@register.inclusion_tag("publishers/desk/switch_banner.html", takes_context=True)
def main_switch(context) -> dict:
    """Say on every screen that everything is paused, while it is."""
    return banner(context["request"])


@register.inclusion_tag("publishers/desk/account.html")
def account(row: Account) -> dict:
    """Show the platform's small mark and name, and the account's name."""
    publisher = registry.find(row.platform)
    if publisher is None:
        return {"colour": "currentColor", "platform": row.platform, "name": row.name}
    return {"colour": publisher.platform.colour, "platform": publisher.platform.name, "name": row.name}


@register.filter
def zoned(moment: dt.datetime | None) -> str:
    """Return the moment in the reader's zone, with the zone's name; empty for None."""
    if moment is None:
        return ""
    shown = date_format(timezone.localtime(moment), "DATETIME_FORMAT")
    return _("{time} ({zone})").format(time=shown, zone=zone_name())


@register.inclusion_tag("publishers/desk/sighting.html")
def sighting(row: Sighting, short: bool = False) -> dict:
    """Show what was seen, when and by whom; green where it is as it should be. ``short`` is for lists."""
    expected = Seen.GONE if row.item.desired == Desired.GONE else Seen.LIVE
    if row.found == Seen.UNCLEAR:
        icon, tone = "help", "soft"
    else:
        icon, tone = ("circle-check", "leaf") if row.found == expected else ("warning", "amber")
    return {"seen": row, "short": short, "icon_name": icon, "tone": tone}


@register.inclusion_tag("publishers/desk/withdrawal_progress.html")
def withdrawal_progress(deliveries: list[Delivery]) -> dict:
    """Show in how many places an article is down, and in how many that was verified."""
    places = [delivery for delivery in deliveries if any(map(_goes, delivery.items.all()))]
    gone = [delivery for delivery in places if delivery.is_gone]
    verified = [delivery for delivery in gone if all(map(_is_seen_gone, delivery.items.all()))]
    waiting = sum(delivery.phase == Phase.ATTENTION for delivery in places)
    return {"places": len(places), "gone": len(gone), "verified": len(verified), "waiting": waiting}


def _goes(item: DeliveryItem) -> bool:
    return item.desired == Desired.GONE


def _is_seen_gone(item: DeliveryItem) -> bool:
    return item.last_sighting is not None and item.last_sighting.found == Seen.GONE


@register.inclusion_tag("publishers/desk/delivery_sightings.html")
def sightings(delivery: Delivery) -> dict:
    """List everything that was seen of the delivery, the newest first."""
    rows = [seen for item in delivery.items.all() for seen in item.sightings.all()]
    newest_first = sorted(rows, key=lambda seen: (seen.at, seen.pk), reverse=True)
    return {"delivery": delivery, "sightings": newest_first}


@register.filter
def lateness(delivery: Delivery) -> str:
    """Return how late a delivery is that should have been sent; empty while it is not."""
    late = timezone.now() - delivery.due_at
    if delivery.settled_at or delivery.phase == Phase.CANCELLED or late < NOTICEABLE:
        return ""
    return _("{span} late").format(span=timesince(delivery.due_at, depth=2))


@register.filter
def is_overdue(delivery: Delivery) -> bool:
    """Whether a person should have done by now what the delivery waits for."""
    return delivery.deadline_at is not None and delivery.deadline_at <= timezone.now()


register.filter("titles", words.titles)


register.filter("step", step_name)
register.filter("names", names_in)


register.inclusion_tag("publishers/desk/platform.html", name="platform")(account)
register.filter("capability", words_for)


@register.filter
def missing_plugin(row: Account) -> str:
    """Return why the account has no plugin that works, and what to do; empty: it has one."""
    return registry.why_missing(row.platform)


register.filter("needs_consent", consents.may_be_needed)
register.filter("consent_warning", consents.warning)


@register.filter
def figure_name(name: str) -> str:
    """Return what a figure is called."""
    return str(manual_entry.NAMES.get(name, name))


@register.filter
def figure_source(sample: MetricSample) -> str:
    """Return where a figure comes from: who entered or imported it, or the platform itself."""
    said = {
        manual_entry.ENTERED: _("entered by {name}"),
        manual_entry.IMPORTED: _("imported by {name}"),
    }.get(sample.source, _("the platform"))
    return said.format(name=sample.by_name)
