"""What a person's consent on a platform gave an account, kept encrypted, and when it ends."""

import datetime as dt
from typing import NotRequired, TypedDict

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from publishers import registry
from publishers.accounts.credentials import decrypt_text, encrypt_text, readable
from publishers.asking import PluginFails, ask
from publishers.interface import Grant, Publisher, Retry
from publishers.models import Account, Consent
from publishers.notifications import mail

#: A consent that ends within this time is told of: somebody must connect the account again.
SOON = dt.timedelta(days=7)


class _Fields(TypedDict):
    subject: str
    refresh_token: bytes
    scope: str
    expires_at: dt.datetime | None
    warned_at: NotRequired[dt.datetime | None]


def of(account: Account) -> Consent | None:
    """Return the account's consent, None when nobody connected it. One query."""
    return Consent.objects.filter(account=account).first()


def grant_of(kept: Consent) -> Grant:
    """Return what the consent gave. Raises Unreadable."""
    refresh_token = decrypt_text(kept.refresh_token) if kept.refresh_token else ""
    return Grant(kept.subject, refresh_token, kept.expires_at, kept.scope)


def keep(kept: Consent, grant: Grant) -> None:
    """Store a renewed grant in the place of the earlier one.

    Raises Retry when the consent is no more: a new one's grant must not be overwritten by an old one's.
    """
    fields = _fields(grant)
    if grant.expires_at != kept.expires_at:
        fields["warned_at"] = None
    if not Consent.objects.filter(pk=kept.pk).update(**fields):
        raise Retry("The account was connected anew or disconnected meanwhile.")


def replace(account: Account, grant: Grant, *, by_name: str) -> None:
    """Store a new consent in the place of an earlier one; inside the caller's transaction."""
    Consent.objects.filter(account=account).delete()
    Consent.objects.create(account=account, given_by=by_name, **_fields(grant))


def _fields(grant: Grant) -> _Fields:
    return {
        "subject": grant.subject,
        "refresh_token": encrypt_text(grant.refresh_token) if grant.refresh_token else b"",
        "scope": grant.scope,
        "expires_at": grant.expires_at,
    }


def needed(account: Account) -> bool:
    """Return whether a person has to connect the account before the hub can speak for it. No query.

    Raises PluginFails.
    """
    publisher = registry.find(account.platform, account.transport)
    if publisher is None:
        return False
    if not publisher.platform.can_connect:
        return False
    return ask(publisher, Publisher.needs_consent, readable(account.credentials))


def may_be_needed(account: Account) -> bool:
    """Return what ``needed`` does, and True where the plugin cannot say it: ``warning`` tells so."""
    try:
        return needed(account)
    except PluginFails:
        return True


def warn() -> int:
    """Tell administrators of each consent that ends SOON, once for each end; return of how many."""
    told = 0
    ending = Consent.objects.filter(warned_at=None, expires_at__lte=timezone.now() + SOON)
    for kept in ending.select_related("account__office"):
        sentence = _of_end(kept.account, kept) if may_be_needed(kept.account) else ""
        mine = Consent.objects.filter(pk=kept.pk, warned_at=None)
        with transaction.atomic():
            if sentence and mine.update(warned_at=timezone.now()):
                mail.tell_of_consent(kept.account, sentence)
                told += 1
    return told


def warning(account: Account) -> str:
    """Return what has to be done about the account's consent, as a sentence; empty: nothing.

    No query where the account was selected with its consent.
    """
    try:
        if not needed(account):
            return ""
    except PluginFails as failure:
        return failure.sentence
    kept = getattr(account, "consent", None)
    if kept is None:
        return _("{account} is not connected yet: connect it on its page.").format(account=account)
    return _of_end(account, kept)


def _of_end(account: Account, kept: Consent) -> str:
    """Return what has to be done since the consent ends SOON, or ended; empty: nothing."""
    if kept.expires_at is None or kept.expires_at > timezone.now() + SOON:
        return ""
    when = date_format(timezone.localtime(kept.expires_at), "DATETIME_FORMAT")
    if kept.expires_at <= timezone.now():
        return _("The consent for {account} ended at {time}: connect it again.").format(
            account=account, time=when
        )
    return _("The consent for {account} ends at {time}: connect it again before then.").format(
        account=account, time=when
    )
