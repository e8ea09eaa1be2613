"""What platforms tell the hub: received at an address of the account's own, kept, answered, then acted upon.

What can be asked is asked at once, and no event replaces the answer: one that is lost, late, told twice or
out of order changes nothing but the time. A partner's signed word counts where nothing can be asked.
"""

import datetime as dt
import hashlib
import hmac
import json
import logging
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

from django.conf import settings
from django.db import IntegrityError, InterfaceError, InternalError, OperationalError, transaction
from django.db.models import Model, Q, QuerySet
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from cms.refusals import Refused
from publishers import registry
from publishers.accounts.credentials import decrypt, readable
from publishers.accounts.sessions import EngineAccount
from publishers.asking import ask
from publishers.interface import API, Event, Incoming, Json, NotGenuine, Publisher, Received, storable
from publishers.models import Account, Attempt, Callback, Cause, Delivery, DeliveryItem, Nonce, Phase, clock
from publishers.models.addresses import callback_url
from publishers.models.leases import in_no_hand
from publishers.transports import results

Row = TypeVar("Row", bound=Model)
log = logging.getLogger(__name__)
SALT = "publishers.callbacks"
BATCH = 200
#: A message is believed for five minutes before and after its time; its nonce is remembered for longer.
NONCE_KEPT = dt.timedelta(minutes=15)
#: A platform may tell of a call before the hub has written down the call's answer; later it will not.
OUTRUN = dt.timedelta(minutes=1)
#: In what is kept: what was told before of the same moment, so many at most, by which a repetition is known.
BEFORE, REMEMBERED = "before", 50


def key_of(account: Account) -> str:
    """Return the unguessable part of the account's callback address: it names the account and proves it."""
    return f"{account.pk}-{salted_hmac(SALT, str(account.pk), algorithm='sha256').hexdigest()}"


def address_of(account: Account) -> str:
    """Return where the account's platform sends what it has to tell; empty when it tells nothing."""
    if account.transport != API and _has_secret(account):
        return callback_url(account.pk)
    if not _tells(account):
        return ""
    return settings.PUBLIC_URL + reverse("publishers:callback", args=[key_of(account)])


def account_of(key: str) -> Account | None:
    number, _dash, _proof = key.partition("-")
    account = Account.objects.filter(pk=int(number)).first() if number.isdecimal() else None
    if account is None or not hmac.compare_digest(key_of(account).encode(), key.encode()):
        return None
    return account if _tells(account) else None


def _tells(account: Account) -> bool:
    publisher = registry.find(account.platform, account.transport)
    return publisher is not None and publisher.platform.can_receive


def _has_secret(account: Account) -> bool:
    credentials = readable(account.credentials)
    return any(credentials.get(name) for name in results.SECRETS)


def receive(account: Account, incoming: Incoming) -> str:
    """Keep what the platform tells, each thing once, and return the answer.

    Raises NotGenuine, Malformed; Refused while the hub cannot read it: it may be told again later.
    """
    with _noting(account):
        session = EngineAccount(account)
        with session.http:
            publisher = registry.get(account.platform, account.transport)
            received = ask(publisher, Publisher.receive, session, incoming)
    return _keep(account, received)


def receive_signed(number: int, platform: str, incoming: Incoming) -> str:
    """Do the same for what the account's partner signed, on whatever way articles go there now.

    ``platform`` empty: any. Raises NotGenuine, Malformed, Refused.
    """
    accounts = Account.objects.filter(pk=number)
    account = accounts.filter(platform=platform).first() if platform else accounts.first()
    if account is None:
        raise NotGenuine("There is no such account.", code="signature")
    with _noting(account):
        credentials = decrypt(account.credentials)
    return _keep(account, results.read_result(credentials, incoming))


@contextmanager
def _noting(account: Account) -> Iterator[None]:
    """Note as the account's problem, which administrators see, why nothing that comes in can be read."""
    try:
        yield
    except Refused as refusal:
        log.error("What is told of account %s cannot be read: %s", account.pk, refusal)
        known = Account.objects.filter(pk=account.pk).exclude(problem=refusal.sentence[:500])
        known.update(problem=refusal.sentence[:500])
        raise


def _keep(account: Account, received: Received) -> str:
    with transaction.atomic():
        if received.once:
            _use(account, received.once)
        for event in received.events:
            _store(account, event)
    return received.answer


def _use(account: Account, once: str) -> None:
    """Note that a mark has come. Raises NotGenuine when it came before."""
    mark = Nonce(account=account, nonce=once, ends_at=clock.from_now(NONCE_KEPT))
    try:
        with transaction.atomic():
            mark.save(force_insert=True)
    except IntegrityError:
        raise NotGenuine("The message has come before.", code="nonce") from None


def _store(account: Account, event: Event) -> None:
    """Keep the event, unless what is kept under its key happened later, or in the same moment and counts."""
    # PostgreSQL reads no offset of sixteen hours and more.
    happened_at = event.happened and event.happened.astimezone(dt.UTC)
    said = storable({"about": dict(event.about), "facts": dict(event.facts), "changed": bool(event.changed)})
    if event.underway:
        said["underway"] = True
    told = {"event": said, "received_at": clock.now(account), "happened_at": happened_at}
    key = {"account": account, "key": storable(event.key)[:200]}
    Callback.objects.bulk_create([Callback(**key, **told)], ignore_conflicts=True)
    if happened_at is None:
        return
    kept, anew = Callback.objects.filter(**key), {"handled_at": None, "problem": ""}
    if kept.filter(happened_at__lt=happened_at).update(**told, **anew):
        return
    for row in kept.select_for_update(no_key=True).filter(happened_at=happened_at):
        if (later := _later(row.event, said)) is not None:
            Callback.objects.filter(pk=row.pk).update(**told | {"event": later}, **anew)


def _later(kept: Json, said: Json) -> Json | None:
    """Return what is kept instead of ``kept`` when ``said`` comes of the same moment; None: nothing.

    A partner may know seconds only, so what is received later counts. Not when it was told before, which is
    a repetition, nor when it is a step on the way to what is kept.
    """
    before = {name: value for name, value in kept.items() if name != BEFORE}
    told = [*kept.get(BEFORE, ()), _digest(before)]
    if _digest(said) in told or (said.get("underway") and not kept.get("underway")):
        return None
    return {**said, BEFORE: told[-REMEMBERED:]}


def _digest(said: Json) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]


def handle_open() -> list[uuid.UUID]:
    """Act upon what was received and waits, oldest first; return the deliveries that it means.

    What one of them says never holds up the others, nor does one that cannot be read: its problem is noted.
    """
    Nonce.objects.filter(ends_at__lt=Now()).delete()
    waiting = (
        Callback.objects.filter(handled_at=None).order_by("received_at").values_list("pk", "received_at")
    )
    return [delivery_id for each in list(waiting[:BATCH]) for delivery_id in _handled(*each)]


def _handled(pk: int, received_at: dt.datetime) -> list[uuid.UUID]:
    try:
        callback = Callback.objects.select_related("account").filter(pk=pk, received_at=received_at).first()
        return handle(callback) if callback is not None else []
    except (OperationalError, InterfaceError, InternalError):
        raise  # the database's own: it is handled later
    except Exception:
        log.exception("Callback %s cannot be handled.", pk)
        _end(pk, received_at, _("An error in the hub or a plugin; an administrator finds it in the log."))
        return []


def handle(callback: Callback) -> list[uuid.UUID]:
    """Let the deliveries that are meant be asked about now; doing it twice does no harm.

    While one of them is in a worker's hand it stays open: who lets it go sets when it is asked about next.
    """
    about = callback.event["about"]
    with transaction.atomic():
        meant = _meant(callback.account, about) if about else []
        if about and _is_in_hand(callback, meant):
            return []
        _hasten(Delivery.objects.filter(pk__in=meant), callback.event["changed"])
        problem = "" if meant else _("No delivery is known by this: {about}.").format(about=about)
        _end(callback.pk, callback.received_at, problem)
    level = logging.INFO if problem else logging.DEBUG
    log.log(level, "Callback %s of account %s is handled. %s", callback.key, callback.account_id, problem)
    return meant


def _is_in_hand(callback: Callback, meant: Sequence[uuid.UUID]) -> bool:
    """Return whether a worker holds what is meant; where nothing is known yet, what may be meant."""
    held = Delivery.objects.filter(account=callback.account, lease_until__gt=Now())
    if meant:
        return held.filter(pk__in=meant).exists()
    is_new = Callback.objects.filter(pk=callback.pk, received_at__gt=clock.from_now(-OUTRUN))
    return is_new.exists() and held.exists()


def _end(pk: int, received_at: dt.datetime, problem: str) -> None:
    # What has come meanwhile in its place is another thing to act upon.
    same = Callback.objects.filter(pk=pk, received_at=received_at)
    same.update(handled_at=Now(), problem=problem[:500])


def _meant(account: Account, about: Mapping[str, Json]) -> list[uuid.UUID]:
    """Return the account's deliveries with these identifiers: in a step's result, or with what is live."""
    steps = _having(Attempt.objects.filter(delivery__account=account), "result", about)
    items = _having(DeliveryItem.objects.filter(account=account), "remote", about)
    return list({row.delivery_id for rows in (steps, items) for row in rows.only("delivery")})


def _having(rows: QuerySet[Row], field: str, about: Mapping[str, Json]) -> QuerySet[Row]:
    """Return the rows whose ``field`` has these identifiers; a name is a key of it, never a lookup."""
    odd = [name for name in about if not name.isidentifier()]
    if odd:
        raise ValueError(f"No identifier has such a name: {odd}")
    names = {f"identifier_{number}": name for number, name in enumerate(about)}
    keys = {alias: KeyTransform(name, field) for alias, name in names.items()}
    return rows.alias(**keys).filter(**{alias: about[name] for alias, name in names.items()})


def _hasten(meant: QuerySet[Delivery], changed: bool) -> None:
    begun = meant.filter(in_no_hand(), next_at__isnull=False).exclude(phase=Phase.SCHEDULED)
    begun.update(next_at=Now())
    # The looks were used up, or it was refused; now the platform says that it has decided, or otherwise.
    decided = Q(cause=Cause.UNCONFIRMED) if changed else Q(cause__in=(Cause.UNCONFIRMED, Cause.REJECTED))
    asked = meant.filter(decided, phase=Phase.ATTENTION)
    asked.filter(Delivery.going()).update(next_at=Now())
    asked.filter(~Delivery.going()).update(phase=Phase.CONFIRMING, cause=Cause.NONE, reason="", next_at=Now())
    # Whatever is said of what was taken down, or is to be, may be that it is there, or that it is not.
    looked_at = meant.filter(phase__in=(Phase.SETTLED, Phase.ATTENTION))
    (looked_at if changed else looked_at.filter(Delivery.going())).update(look_at=Now())
