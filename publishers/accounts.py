"""Accounts: adding, changing, pausing, and asking the platform what they may do. Administrators' services."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from cms.models import Office
from publishers import history, pausing, registry
from publishers.credentials import seal, unseal
from publishers.engine import tokens, verdicts
from publishers.engine.probing import probe
from publishers.engine.sessions import EngineAccount
from publishers.interface import API, CredentialField, CredentialsInvalid, Platform, PublisherError
from publishers.models import Account, Transport
from publishers.refused import Refused
from publishers.rights import name_of, require_managing


@transaction.atomic
def add(
    *,
    office: Office,
    platform: str,
    name: str,
    credentials: Mapping[str, str],
    base_url: str = "",
    transport: str | None = None,
    contract: str = "",
    by,
) -> Account:
    """Make an account whose articles travel over ``transport``; None: the platform's usual way.

    Raises PermissionDenied; Refused for wrong credentials, a way that is not open, or a name that is taken.
    """
    require_managing(by, office)
    transport = transport or _platform(platform).transports[0]
    _check_way(platform, transport, contract)
    _check_names(platform, transport, credentials)
    _check_free(platform, name)
    account = Account.objects.create(
        office=office,
        platform=platform,
        name=name,
        base_url=base_url,
        transport=transport,
        contract=contract,
        credentials=seal(credentials),
    )
    history.record("account.add", account, by)
    return account


@transaction.atomic
def change(account: Account, *, name: str, base_url: str, by) -> None:
    """Give the account another name or address. Raises PermissionDenied, Refused."""
    require_managing(by, account.office)
    _check_free(account.platform, name, besides=account)
    account.name, account.base_url = name, base_url
    account.save(update_fields=["name", "base_url"])
    history.record("account.change", account, by)


def find(handle: str) -> Account:
    """Return the account with this number, name, or ``platform:name``. Raises Refused."""
    accounts = Account.objects.select_related("office")
    platform, colon, name = handle.partition(":")
    found = list(accounts.filter(platform=platform, name=name) if colon else accounts.filter(name=handle))
    if not found and handle.isdecimal():
        found = list(accounts.filter(pk=int(handle)))
    if not found:
        raise Refused(_("There is no account {handle}.").format(handle=handle))
    if len(found) > 1:
        raise Refused(_("Several accounts are called {handle}; say platform:name.").format(handle=handle))
    return found[0]


@transaction.atomic
def renew_credentials(account: Account, credentials: Mapping[str, str], *, by) -> None:
    """Replace the credentials that are named, and forget the token that the old ones gave.

    Does nothing when they are what is stored. Raises PermissionDenied, Refused.
    """
    require_managing(by, account.office)
    stored = dict(unseal(account.credentials))
    merged = stored | dict(credentials)
    if merged == stored:
        return
    _check_names(account.platform, account.transport, merged)
    account.credentials = seal(merged)
    account.save(update_fields=["credentials"])
    tokens.drop(account)
    history.record("account.credentials", account, by, names=sorted(credentials))


@transaction.atomic
def pause(account: Account, *, reason: str, by) -> None:
    """Stop everything on the account until it is resumed. Raises PermissionDenied."""
    require_managing(by, account.office)
    reason = reason or _("{account} is paused.").format(account=account)
    pausing.pause(account, by_name=name_of(by), reason=reason)
    history.record("account.pause", account, by, reason=reason)


@transaction.atomic
def resume(account: Account, *, by) -> None:
    """Let the account's deliveries go on. Raises PermissionDenied."""
    require_managing(by, account.office)
    pausing.resume(account)
    history.record("account.resume", account, by)


def check(account: Account, *, by) -> Account:
    """Ask the platform what the account may do and keep the answer; a refusal becomes its ``problem``.

    Raises PermissionDenied.
    """
    require_managing(by, account.office)
    session = EngineAccount(account)
    with session.http:
        try:
            probe(session)
        except CredentialsInvalid as error:
            pausing.stop_for_credentials(account, verdicts.credentials_refused(account, error))
        except PublisherError as error:
            evidence = session.evidence(error)
            problem = _("{account} could not be checked: {message}").format(
                account=account, message=evidence["message"]
            )
            Account.objects.filter(pk=account.pk).update(problem=problem[:500])
    account.refresh_from_db()
    return account


def _check_free(platform: str, name: str, besides: Account | None = None) -> None:
    taken = Account.objects.filter(platform=platform, name=name)
    if (taken.exclude(pk=besides.pk) if besides else taken).exists():
        raise Refused(_("There is an account {name} on this platform already.").format(name=name))


def _platform(slug: str) -> Platform:
    try:
        return registry.get(slug).platform
    except KeyError:
        known = "、".join(sorted(publisher.platform.slug for publisher in registry.all_publishers()))
        raise Refused(
            _("There is no platform {platform}; there are: {known}.").format(platform=slug, known=known)
        ) from None


def _check_way(slug: str, transport: str, contract: str) -> None:
    """Refuse a transport that the platform does not have, or not without a paper."""
    platform = _platform(slug)
    if transport not in platform.transports:
        known = "、".join(str(Transport(each).label) for each in platform.transports)
        raise Refused(
            _("Articles do not travel to {platform} in this way; choose one of: {known}.").format(
                platform=platform.name, known=known
            )
        )
    if transport == API and platform.contract and not contract.strip():
        raise Refused(
            _("The interface of {platform} needs a contract: {contract}").format(
                platform=platform.name, contract=platform.contract
            )
        )


def _check_names(platform: str, transport: str, credentials: Mapping[str, str]) -> None:
    """Refuse a credential that no way to the platform has, and the lack of one that this way requires.

    Those of the other ways stay, for what was sent over them.
    """
    ways = {way: registry.get(platform, way).platform.credentials for way in _platform(platform).transports}
    unknown = credentials.keys() - {field.name for fields in ways.values() for field in fields}
    if unknown:
        raise Refused(
            _("{platform} has no credential {name}.").format(platform=platform, name=sorted(unknown)[0])
        )
    missing = [field.name for field in ways[transport] if field.required and not credentials.get(field.name)]
    if missing:
        raise Refused(_("The credential {name} is missing.").format(name=missing[0]))
    _check_choices([field for fields in ways.values() for field in fields if field.choices], credentials)


def _check_choices(fields: Sequence[CredentialField], credentials: Mapping[str, str]) -> None:
    for field in fields:
        known = [value for value, _label in field.choices]
        if credentials.get(field.name, "") not in ("", *known):
            raise Refused(
                _("The credential {name} must be one of: {known}.").format(
                    name=field.name, known="、".join(known)
                )
            )
