"""Connecting an account by OAuth: a person goes to the platform, consents there, and comes back with a code.

What the hub must know when she comes back stays in her session (``Begun``): it is used once, by her, for
that account, soon. RFC 6749, section 4.1 with the state of 10.12; RFC 7636 where the platform knows it.
"""

import datetime as dt
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from oauthlib.oauth2 import WebApplicationClient

from cms.refusals import Refused
from publishers import registry
from publishers.accounts import consents, pausing, tokens
from publishers.accounts.sessions import EngineAccount
from publishers.asking import ask
from publishers.http import outbound
from publishers.interface import CredentialsInvalid, Grant, Json, Publisher, PublisherError, Retry
from publishers.models import Account, Consent
from publishers.people import audit
from publishers.people.permissions import Actor, name_of, require_managing

#: How long a person may take on the platform's page.
PATIENCE = dt.timedelta(minutes=15)
VERIFIER_CHARS = 64
#: RFC 6749, section 4.1.2.1: what the platform answers when she does not agree.
DENIED = "access_denied"


@dataclass(frozen=True)
class Begun:
    """What is kept in the session of who began; JSON."""

    account: int
    person: int
    state: str
    verifier: str
    until: float


def begin(account: Account, *, by: AbstractUser) -> tuple[str, dict[str, Json]]:
    """Return (where the person consents, what her session keeps until she comes back).

    Raises PermissionDenied; Refused when the account is not one that is connected, or lacks what it needs.
    """
    require_managing(by, account.office)
    publisher = _publisher_of(account)
    client = WebApplicationClient("")
    verifier = client.create_code_verifier(VERIFIER_CHARS)
    until = timezone.now() + PATIENCE
    begun = Begun(account.pk, by.pk, secrets.token_urlsafe(32), verifier, until.timestamp())
    challenge = client.create_code_challenge(verifier, "S256")
    session = EngineAccount(account)
    try:
        url = ask(publisher, Publisher.authorize_url, session, redirect_url(), begun.state, challenge)
    except PublisherError as error:
        raise Refused(_said(session, error)) from None
    return url, asdict(begun)


@sensitive_variables("state", "kept")
def returned(kept: Mapping[str, Json] | None, *, state: str, by: AbstractUser) -> tuple[Account, Begun]:
    """Return the account that a person comes back for. Raises Refused when it is not who began, or too late.

    The caller has taken ``kept`` out of the session: it counts once.
    """
    begun = Begun(**kept) if kept else None
    if begun is None or not hmac.compare_digest(begun.state.encode(), state.encode()):
        raise Refused(_("This consent does not belong to a connection that you began here: begin again."))
    if begun.person != by.pk:
        raise Refused(_("Somebody else began this connection: begin again yourself."))
    account = Account.objects.select_related("office").filter(pk=begun.account).first()
    if account is None:
        raise Refused(_("The account is no longer there."))
    if timezone.now().timestamp() > begun.until:
        raise Refused(_("Connecting {account} took too long: begin again.").format(account=account))
    return account, begun


@sensitive_variables("code", "begun", "grant")
def finish(account: Account, begun: Begun, *, code: str, denied: str = "", by: AbstractUser) -> None:
    """Exchange the platform's code and store the consent and its tokens, encrypted.

    ``denied`` is the platform's ``error``. Raises PermissionDenied; Refused with a sentence for everything
    else that goes wrong.
    """
    require_managing(by, account.office)
    publisher = _publisher_of(account)
    if denied == DENIED:
        raise Refused(_("{account} is not connected: the consent was denied.").format(account=account))
    if denied or not code:
        raise Refused(_("{account} is not connected: the platform gave no code.").format(account=account))
    session = EngineAccount(account)
    with session.http:
        try:
            grant = ask(publisher, Publisher.connected, session, code, redirect_url(), begun.verifier)
        except PublisherError as error:
            raise Refused(_said(session, error, code)) from None
    _store(account, grant, by)


@transaction.atomic
def disconnect(account: Account, *, by: Actor) -> None:
    """Forget the consent and the token, and stop the account. Raises PermissionDenied.

    What the person allowed stays allowed on the platform until she takes it back there.
    """
    require_managing(by, account.office)
    Consent.objects.filter(account=account).delete()
    tokens.drop(account)
    pausing.pause(
        account, by_name=name_of(by), reason=_("{account} was disconnected.").format(account=account)
    )
    audit.record("account.disconnect", account, by)


def redirect_url() -> str:
    """Return where platforms send people back to; it is registered with each platform's application."""
    return settings.PUBLIC_URL + reverse("hub_connected")


def _publisher_of(account: Account) -> Publisher:
    if not consents.needed(account):
        raise Refused(_("{account} is not one that a person connects.").format(account=account))
    if account.base_url and not outbound.is_address(account.base_url):
        raise Refused(outbound.mistyped())
    return registry.get(account.platform, account.transport)


@transaction.atomic
def _store(account: Account, grant: Grant, by: AbstractUser) -> None:
    """Keep the grant, unless it speaks for another account of the platform than it should."""
    _check_subject(account, grant)
    consents.replace(account, grant, by_name=name_of(by))
    if grant.access:
        tokens.put(account, *grant.access)
    else:
        tokens.drop(account)
    audit.record("account.connect", account, by)


def _check_subject(account: Account, grant: Grant) -> None:
    before = consents.of(account)
    if before is not None and before.subject != grant.subject:
        raise Refused(
            _(
                "The consent is of another account on the platform than before; disconnect {account} first "
                "if that is meant."
            ).format(account=account)
        )
    others = Consent.objects.filter(account__platform=account.platform, subject=grant.subject)
    if others.exclude(account=account).exists():
        raise Refused(_("This account of the platform is connected to the hub already."))


def _said(session: EngineAccount, error: PublisherError, code: str = "") -> str:
    """Return why it failed as a sentence without a secret."""
    if isinstance(error, Retry):
        return _("The platform of {account} cannot be reached; try again later.").format(account=session.name)
    message = session.evidence(error, code)["message"]
    if isinstance(error, CredentialsInvalid):
        sentence = _("{account} is not connected, the platform does not accept it: {message}")
    else:
        sentence = _("{account} could not be connected: {message}")
    return sentence.format(account=session.name, message=message)
