"""Telling people by mail what waits for them: once for each event, in its transaction, never in its way.

A delivery that needs a person: the duty editors of the account's office, or of the nearest one above that has
any, and whoever sent it; of what is late, the liaison officers of the office as well. An account that stops
because of its credentials: its administrators, once, however many deliveries wait for it. A mail server that
is away or hangs keeps nothing waiting (``cms.mailing``).
"""

import logging
import uuid
from collections.abc import Collection
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cms import mailing
from cms.models import Membership, Office, Role, paths_down_to
from publishers.models import Account, Delivery, Phase

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

log = logging.getLogger(__name__)


def tell_of_attention(delivery_id: uuid.UUID) -> None:
    """Tell who has to see to the delivery; called where it begins to need a person."""
    mailing.with_the_act(lambda: _tell_of(delivery_id, "attention", _("Needs a person: {title}")))


def tell_of_lateness(delivery_id: uuid.UUID) -> None:
    """Remind those who may do it of what a person has not done in time."""
    mailing.with_the_act(lambda: _tell_of(delivery_id, "late", _("Late: {title}"), Role.LIAISON))


def tell_of_stop(account: Account) -> None:
    """Tell the account's administrators that its credentials are refused; called when it stops for that."""
    subject = _("The account stops: {title}")
    mailing.with_the_act(lambda: _tell_administrators(account.pk, "stopped", subject))


def tell_of_consent(account: Account, sentence: str) -> None:
    """Tell the account's administrators that its consent ends; called once for each end."""
    subject = _("The consent ends: {title}")
    mailing.with_the_act(lambda: _tell_administrators(account.pk, "consent", subject, sentence=sentence))


def _tell_of(delivery_id: uuid.UUID, template: str, subject: "StrPromise", *also: str) -> None:
    """``also`` are roles of exactly the account's office that are told, too."""
    rows = Delivery.objects.select_related("account__office").prefetch_related("items__release")
    delivery = rows.get(pk=delivery_id)
    if delivery.phase != Phase.ATTENTION:
        return
    title = "、".join(item.release.title for item in delivery.items.all())
    office = delivery.account.office
    here = Membership.objects.filter(role__in=also, office=office).values_list("user", flat=True)
    people = _nearest(office, Role.DUTY_EDITOR) | {delivery.created_by_id, *here}
    link = reverse("hub_delivery", args=[delivery.pk])
    context = {"delivery": delivery, "title": title, "link": settings.PUBLIC_URL + link}
    _send(people, template, subject, context)


def _tell_administrators(account_id: int, template: str, subject: "StrPromise", **more: str) -> None:
    account = Account.objects.select_related("office").get(pk=account_id)
    people = _nearest(account.office, Role.ADMINISTRATOR)
    link = settings.PUBLIC_URL + reverse("hub_account", args=[account.pk])
    _send(people, template, subject, {"account": account, "title": account.name, "link": link, **more})


def _nearest(office: Office, role: str) -> set[int | None]:
    """Return the people with the role in the office, or in the nearest one above that has any."""
    above = paths_down_to(office.path, Office.steplen)
    held = Membership.objects.filter(role=role, office__path__in=above, user__is_active=True)
    people = list(held.values_list("office__path", "user"))
    nearest = max((path for path, _pk in people), key=len, default="")
    return {user for path, user in people if path == nearest}


def _send(
    people: Collection[int | None], template: str, subject: "StrPromise", context: dict[str, object]
) -> None:
    users = get_user_model().objects.filter(pk__in={pk for pk in people if pk is not None})
    if sent := mailing.send(users, f"publishers/mail/{template}.txt", subject, context):
        log.info("Mail %s to %d people: %s", template, sent, context["link"])
