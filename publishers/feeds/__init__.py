"""Full-content feeds that partners read: docs/platforms/partner-feed-contract.md, part A.

Each account has one, at an address that only its partner is told. What stands in it, the engine writes
(``publishers.feeds.feeding``); here are its address and who may read it.
"""

import hashlib
import secrets
from typing import TypedDict

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cms.refusals import Refused
from publishers.accounts.credentials import decrypt_text, encrypt_text
from publishers.http import networks
from publishers.models import Account, Feed
from publishers.people import audit
from publishers.people.permissions import Actor, require_managing

RSS, JSON = "xml", "json"
KEY_BYTES = 32


class _Key(TypedDict):
    key: bytes  # encrypted
    key_sha256: str


def of(account_id: int) -> Feed:
    """Return the account's feed, an empty one with a new address when it has none."""
    feed = Feed.objects.filter(account=account_id).first()
    if feed is None:
        row = Feed(account_id=account_id, changed_at=timezone.now(), **_new_key())
        # Two may do this at once; the unique account leaves one row.
        Feed.objects.bulk_create([row], ignore_conflicts=True)
        feed = Feed.objects.get(account=account_id)
    return feed


def address_of(account: Account, form: str = RSS) -> str:
    """Return where the partner reads the account's feed: a secret. ``form`` is "xml" or "json"."""
    key = decrypt_text(of(account.pk).key)
    return settings.PUBLIC_URL + reverse("publishers:feed", args=[account.pk, key, form])


@transaction.atomic
def rotate(account: Account, *, by: Actor) -> None:
    """Give the feed a new address; the old one is unknown from now on. Raises PermissionDenied."""
    require_managing(by, account.office)
    Feed.objects.filter(pk=of(account.pk).pk).update(**_new_key())
    audit.record("account.feed_rotate", account, by)


@transaction.atomic
def allow(account: Account, allowed: str, *, by: Actor) -> None:
    """Let only these networks read the feed, one a line (192.0.2.0/24, 2001:db8::1); empty: all.

    Raises PermissionDenied; Refused for a line that is no network.
    """
    require_managing(by, account.office)
    try:
        found = networks.parse(allowed)
    except networks.NotANetwork as error:
        raise Refused(_("“{line}” is no address and no network.").format(line=error)) from None
    Feed.objects.filter(pk=of(account.pk).pk).update(allowed="\n".join(map(str, found)))
    audit.record("account.feed_allow", account, by, allowed=[str(each) for each in found])


def digest(key: str) -> str:
    """Return what is kept in the clear of a feed's key, to compare with."""
    return hashlib.sha256(key.encode()).hexdigest()


def _new_key() -> _Key:
    key = secrets.token_urlsafe(KEY_BYTES)
    return {"key": encrypt_text(key), "key_sha256": digest(key)}
