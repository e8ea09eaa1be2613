"""What a person did in a platform's console, recorded under her name as if the platform had confirmed it."""

from urllib.parse import SplitResult, urldefrag, urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from cms.refusals import Refused
from publishers import registry
from publishers.engine import falling_back, replacing, switching
from publishers.engine.wake import wake_neighbours_on_commit
from publishers.feeds import feeding
from publishers.http import outbound
from publishers.models import (
    Account,
    Cause,
    Delivery,
    DeliveryItem,
    Desired,
    Phase,
    Seen,
    Sighting,
    Transport,
    clock,
)
from publishers.people import audit
from publishers.people.permissions import Actor, name_of, require_sending

URL_CHARS = DeliveryItem._meta.get_field("url").max_length or 0


def awaits_address(item: DeliveryItem) -> bool:
    """Return whether the item's address is what a person may tell, where its delivery may be told one."""
    is_over = item.delivery.phase == Phase.CANCELLED
    return item.desired == Desired.LIVE and item.observed_generation is None and (item.wanted or is_over)


def may_be_told(delivery: Delivery) -> bool:
    """Return whether a person may tell an address: wherever she may have published it by hand.

    She is asked; or it waits, for whatever reason; or it was given up halfway. What is being confirmed over
    another way than a feed is the platform's to confirm while the hub can ask it, and what a worker has in
    hand is no person's.
    """
    match delivery.phase:
        case Phase.ATTENTION | Phase.PAUSED:
            return True
        case Phase.CONFIRMING:
            return delivery.transport == Transport.FEED or (_is_free(delivery) and _is_held(delivery))
        case Phase.SCHEDULED | Phase.SENDING:
            return _is_free(delivery) and (delivery.cause != Cause.NONE or _is_held(delivery))
        case Phase.CANCELLED:
            return falling_back.perhaps_there(delivery)
    return False


def _is_free(delivery: Delivery) -> bool:
    return delivery.lease_until is None or delivery.lease_until <= clock.now(delivery)


def _is_held(delivery: Delivery) -> bool:
    """Return whether the hub asks nobody about it now: its plugin is away, or everything is paused."""
    is_away = registry.find(delivery.account.platform, delivery.transport) is None
    return is_away or switching.state().paused_at is not None


@transaction.atomic
def record_address(delivery: Delivery, item: DeliveryItem, url: str, *, by: Actor) -> None:
    """Take a person's word that ``item``'s text is live at ``url``; the last item settles the delivery.

    A correction may stay at the earlier text's address. Raises PermissionDenied; Refused with what is wrong.
    """
    account = delivery.account
    require_sending(by, account)
    row = _waiting(delivery, item)
    url = _checked(url.strip(), row, account)
    old = row.replaces
    kept = dict(old.remote) if old is not None and old.url == url else {}
    row.url, row.remote = url, feeding.identifiers(row) or kept
    row.observed_generation = delivery.generation
    row.wanted = True
    try:
        with transaction.atomic():
            row.save(update_fields=["url", "remote", "observed_generation", "wanted"])
    except IntegrityError:  # what was given up was distributed anew
        raise Refused(_("The article is on {account} by another delivery.").format(account=account)) from None
    replacing.end_replaced([row])
    Sighting.objects.create(item=row, at=Now(), found=Seen.LIVE, url=url, by_name=name_of(by))
    # Read anew: what the caller has of the items may be from before.
    if not any(awaits_address(other) for other in DeliveryItem.objects.filter(delivery=delivery)):
        settle(delivery)
    audit.record("delivery.record", delivery, by, account=account.pk, position=row.position, url=url)
    wake_neighbours_on_commit([row.pk])
    delivery.refresh_from_db()


def _waiting(delivery: Delivery, item: DeliveryItem) -> DeliveryItem:
    """Return the item as it is now, its delivery locked. Raises Refused unless its address is asked for."""
    locked = Delivery.objects.select_for_update(no_key=True).filter(pk=delivery.pk)
    now = locked.only("account", "phase", "transport", "cause", "lease_until").get()
    row = delivery.items.select_related("replaces", "release").get(pk=item.pk)
    if not may_be_told(now) or not awaits_address(row):
        raise Refused(_("This delivery does not wait for an address."))
    if row.release_id != item.release_id:
        raise Refused(_("A newer text has been signed off meanwhile: look at it first."))
    return row


def settle(delivery: Delivery) -> None:
    """Note that a person has done what was to be done; inside the caller's transaction, the row locked."""
    Delivery.objects.filter(pk=delivery.pk).update(
        phase=Phase.SETTLED,
        cause=Cause.NONE,
        reason="",
        next_at=None,
        lease_until=None,
        deadline_at=None,
        settled_at=Now(),
        look_at=Now(),
        fence=F("fence") + 1,
    )


def _checked(url: str, row: DeliveryItem, account: Account) -> str:
    """Return the address as it is stored. Raises Refused."""
    if not url and row.replaces is not None and not row.replaces.url:
        return ""  # the platform never told the earlier text's address
    url = urldefrag(url).url
    _require_address(url, account)
    used = DeliveryItem.objects.filter(url=url).exclude(account=account, release__page_id=row.release.page_id)
    for other in used.select_related("release")[:1]:
        raise Refused(_("This is the address of “{title}”.").format(title=other.release.title))
    return url


def _require_address(url: str, account: Account) -> None:
    hosts = article_hosts(account)
    parts = _parts(url)
    own = urlsplit(account.base_url if outbound.is_address(account.base_url) else "")
    # The sandbox, and whoever runs a platform's stand-in, shows its articles without a certificate.
    is_own = bool(own.hostname) and (parts.scheme, parts.netloc) == (own.scheme, own.netloc)
    if not is_own and (
        parts.scheme != "https" or parts.username or not _is_public_name(parts.hostname or "")
    ):
        raise Refused(_("Give the article's public address; it begins with https://."))
    if hosts and parts.hostname not in hosts:
        raise Refused(
            _("Articles of {account} are at {hosts}; this address is elsewhere.").format(
                account=account, hosts="、".join(hosts)
            )
        )


def _is_public_name(host: str) -> bool:
    """Return whether readers can ask for pages of ``host``: no machine's own name, no private address."""
    try:
        return outbound.is_public(host)
    except ValueError:  # a name
        return "." in host


def _parts(url: str) -> SplitResult:
    try:
        if len(url) > URL_CHARS:
            raise ValidationError("long")
        URLValidator(schemes=["https", "http"])(url)
    except ValidationError:
        raise Refused(_("Give the article's public address; it begins with https://.")) from None
    return urlsplit(url)


def article_hosts(account: Account) -> tuple[str, ...]:
    """Return the hosts at which the account's articles are; none when the platform does not say."""
    publisher = registry.find(account.platform)
    if publisher is None:
        return ()
    if account.base_url and account.base_url.rstrip("/") != publisher.platform.base_url.rstrip("/"):
        return (outbound.host_of(account.base_url),)
    return publisher.platform.article_hosts
