"""Accounts: adding, changing, pausing, and asking the platform what they may do. Administrators' services."""

import copy
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from cms.models import Office
from cms.refusals import Refused, check_fields
from publishers import registry
from publishers.accounts import pausing, tokens, transport_change
from publishers.accounts.credentials import encrypt, readable
from publishers.accounts.probing import probe
from publishers.accounts.sessions import EngineAccount
from publishers.asking import PluginFails, ask
from publishers.http import outbound
from publishers.interface import API, CredentialField, CredentialsInvalid, Platform, Publisher, PublisherError
from publishers.models import Account, Transport
from publishers.people import audit
from publishers.people.permissions import Actor, name_of, require_managing

#: So many digits has a number that the database may give.
LONGEST_NUMBER = 18
#: What can be changed of an account, beside its credentials and its pause.
CHANGEABLE = ("name", "base_url", "transport", "contract", "falls_back", "theme")


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
    falls_back: bool = False,
    theme: str = "",
    by: Actor,
) -> Account:
    """Make an account whose articles travel over ``transport``; None: the platform's usual one.

    Raises PermissionDenied; Refused for wrong credentials, a transport that is not open, or a name that is
    taken.
    """
    require_managing(by, office)
    account = Account(
        office=office,
        platform=platform,
        name=name,
        base_url=base_url,
        transport=transport or _platform(platform).transports[0],
        contract=contract,
        falls_back=falls_back,
        theme=theme,
        credentials=encrypt(credentials),
    )
    _check(account)
    _check_address(base_url)
    _check_names(platform, account.transport, credentials)
    account.save()
    audit.record("account.add", account, by)
    return account


@transaction.atomic
def change(
    account: Account, *, credentials: Mapping[str, str] | None = None, by: Actor, **changes: str | bool
) -> int:
    """Change what is given of CHANGEABLE and of the credentials; return how many deliveries move.

    When ``transport`` changes, what has not begun travels as the account now does; what has begun ends over
    the one over which it began, and what the account may do is asked anew. Raises PermissionDenied, Refused.
    """
    require_managing(by, account.office)
    before, wanted = account.transport, copy.copy(account)
    for name, value in changes.items():
        if name not in CHANGEABLE:
            raise TypeError(name)
        setattr(wanted, name, value)
    _check(wanted)
    if "base_url" in changes:
        _check_address(wanted.base_url)
    is_moved, told_anew = wanted.transport != before, []
    if is_moved:
        stored = dict(readable(account.credentials))
        _check_names(account.platform, wanted.transport, stored | dict(credentials or {}))
        wanted.checked_at, wanted.capabilities, wanted.problem = None, [], ""
        told_anew = ["checked_at", "capabilities", "problem"]
    # Only what is meant: a check may have written the rest meanwhile.
    wanted.save(update_fields=[*changes, *told_anew])
    account.refresh_from_db()
    audit.record("account.change", account, by, transport=account.transport)
    if credentials:
        renew_credentials(account, credentials, by=by)
    return _change_way(account, before) if is_moved else 0


def _change_way(account: Account, before: str) -> int:
    tokens.drop(account)
    moved = transport_change.move(account, before)
    if account.is_stopped:
        pausing.resume(account)  # the credentials that were refused were the other transport's
    return moved


def find(handle: str) -> Account:
    """Return the account with this number, name, or ``platform:name``. Raises Refused."""
    accounts = Account.objects.select_related("office")
    platform, colon, name = handle.partition(":")
    found = list(accounts.filter(platform=platform, name=name) if colon else accounts.filter(name=handle))
    if not found and handle.isdecimal() and len(handle) <= LONGEST_NUMBER:
        found = list(accounts.filter(pk=int(handle)))
    if not found:
        raise Refused(_("There is no account {handle}.").format(handle=handle))
    if len(found) > 1:
        raise Refused(_("Several accounts are called {handle}; say platform:name.").format(handle=handle))
    return found[0]


@transaction.atomic
def renew_credentials(account: Account, credentials: Mapping[str, str], *, by: Actor) -> None:
    """Replace the credentials that are named, and forget the token that the old ones gave.

    Does nothing when they are what is stored. Raises PermissionDenied, Refused.
    """
    require_managing(by, account.office)
    stored = dict(readable(account.credentials))
    merged = stored | dict(credentials)
    if merged == stored:
        return
    _check_names(account.platform, account.transport, merged)
    account.credentials = encrypt(merged)
    account.save(update_fields=["credentials"])
    tokens.drop(account)
    audit.record("account.credentials", account, by, names=sorted(credentials))


@transaction.atomic
def pause(account: Account, *, reason: str, by: Actor) -> None:
    """Stop everything on the account until it is resumed. Raises PermissionDenied, Refused."""
    require_managing(by, account.office)
    reason = reason or _("{account} is paused.").format(account=account)
    wanted = copy.copy(account)
    wanted.paused_reason = reason
    check_fields(wanted, "paused_reason")
    pausing.pause(account, by_name=name_of(by), reason=reason)
    audit.record("account.pause", account, by, reason=reason)


@transaction.atomic
def resume(account: Account, *, by: Actor) -> None:
    """Let the account's deliveries go on. Raises PermissionDenied."""
    require_managing(by, account.office)
    pausing.resume(account)
    audit.record("account.resume", account, by)


def check(account: Account, *, by: Actor) -> Account:
    """Ask the platform what the account may do and keep the answer; a refusal becomes its ``problem``.

    Raises PermissionDenied.
    """
    require_managing(by, account.office)
    session, publisher = EngineAccount(account), registry.get(account.platform, account.transport)
    with session.http:
        try:
            probe(session)
            wrong = ask(publisher, Publisher.wrong_credentials, session.credentials)
            _note(account, next(iter(wrong.values()), ""))
        except CredentialsInvalid as error:
            pausing.stop_for_credentials(account, pausing.credentials_refused(account, error))
        except PublisherError as error:
            _note(account, _unchecked(account, session.evidence(error)["message"]))
        except PluginFails as failure:
            _note(account, _unchecked(account, failure.sentence))
    account.refresh_from_db()
    return account


def _note(account: Account, problem: str) -> None:
    Account.objects.filter(pk=account.pk).update(problem=problem[:500])


def _unchecked(account: Account, message: str) -> str:
    return _("{account} could not be checked: {message}").format(account=account, message=message)


def _check(account: Account) -> None:
    """Refuse an account that cannot be as it is."""
    platform = _platform(account.platform)
    check_fields(account, "name", "contract")
    _check_way(account.platform, account.transport, account.contract)
    _check_free(account.platform, account.name, besides=account)
    if account.falls_back and Transport.MANUAL not in platform.transports:
        raise Refused(_("Nothing is published by hand on {platform}.").format(platform=platform.name))
    if account.theme and account.theme not in platform.themes:
        known = "、".join(platform.themes) or _("none")
        raise Refused(
            _("{platform} has no theme {name}; there are: {known}.").format(
                platform=platform.name, name=account.theme, known=known
            )
        )


def _check_address(base_url: str) -> None:
    longest = Account._meta.get_field("base_url").max_length
    assert longest is not None  # a URLField's
    if base_url and (len(base_url) > longest or not outbound.is_address(base_url)):
        raise Refused(outbound.mistyped())


def _check_free(platform: str, name: str, besides: Account) -> None:
    if Account.objects.filter(platform=platform, name=name).exclude(pk=besides.pk).exists():
        raise Refused(_("There is an account {name} on this platform already.").format(name=name))


def _platform(slug: str) -> Platform:
    if publisher := registry.find(slug):
        return publisher.platform
    known = "、".join(sorted(publisher.platform.slug for publisher in registry.all_publishers()))
    raise Refused(
        _("There is no platform {platform}; there are: {known}.").format(platform=slug, known=known)
    )


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
    """Refuse a credential that no transport to the platform has, and the lack of one that this one requires.

    Those of the other transports stay, for what was sent over them.
    """
    known = _platform(platform).transports
    asked = {each: registry.get(platform, each).platform.credentials for each in known}
    unknown = credentials.keys() - {field.name for fields in asked.values() for field in fields}
    if unknown:
        raise Refused(
            _("{platform} has no credential {name}.").format(platform=platform, name=sorted(unknown)[0])
        )
    missing = [field.name for field in asked[transport] if field.required and not credentials.get(field.name)]
    if missing:
        raise Refused(_("The credential {name} is missing.").format(name=missing[0]))
    _check_choices([field for fields in asked.values() for field in fields if field.choices], credentials)
    if wrong := ask(registry.get(platform, transport), Publisher.wrong_credentials, credentials):
        raise Refused(next(iter(wrong.values())))


def _check_choices(fields: Sequence[CredentialField], credentials: Mapping[str, str]) -> None:
    for field in fields:
        known = [value for value, _label in field.choices]
        if credentials.get(field.name, "") not in ("", *known):
            raise Refused(
                _("The credential {name} must be one of: {known}.").format(
                    name=field.name, known="、".join(known)
                )
            )
