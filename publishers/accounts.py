"""Accounts: adding, renewing credentials, and asking the platform what they may do."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cms.models import Office
from publishers import pausing, registry
from publishers.credentials import seal, unseal
from publishers.engine import tokens, verdicts
from publishers.engine.sessions import EngineAccount
from publishers.interface import CredentialsInvalid, PublisherError
from publishers.models import Account
from publishers.refused import Refused


def add(
    *, office: Office, platform: str, name: str, credentials: Mapping[str, str], base_url: str = ""
) -> Account:
    """Make an account. Raises Refused for an unknown platform, wrong credentials, or a name that is taken."""
    _check_names(platform, credentials)
    if Account.objects.filter(platform=platform, name=name).exists():
        raise Refused(_("There is an account {name} on this platform already.").format(name=name))
    return Account.objects.create(
        office=office, platform=platform, name=name, base_url=base_url, credentials=seal(credentials)
    )


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
def renew_credentials(account: Account, credentials: Mapping[str, str]) -> None:
    """Replace the credentials that are named, and forget the token that the old ones gave. Raises Refused."""
    merged = dict(unseal(account.credentials)) | dict(credentials)
    _check_names(account.platform, merged)
    account.credentials = seal(merged)
    account.save(update_fields=["credentials"])
    tokens.drop(account)


def check(account: Account) -> Account:
    """Ask the platform what the account may do and keep the answer; a refusal becomes its ``problem``."""
    session, problem = EngineAccount(account), ""
    with session.http:
        try:
            capabilities = registry.get(account.platform).check(session)
            Account.objects.filter(pk=account.pk).update(capabilities=sorted(capabilities))
        except CredentialsInvalid:
            problem = verdicts.credentials_refused(account)
            pausing.stop_for_credentials(account, problem)
        except PublisherError as error:
            evidence = session.evidence(error)
            problem = _("{account} could not be checked: {message}").format(
                account=account, message=evidence["message"]
            )
    Account.objects.filter(pk=account.pk).update(checked_at=timezone.now(), problem=problem[:500])
    account.refresh_from_db()
    return account


def _check_names(platform: str, credentials: Mapping[str, str]) -> None:
    """Refuse a credential that the platform does not declare, and the lack of one that it requires."""
    slugs = sorted(publisher.platform.slug for publisher in registry.all_publishers())
    if platform not in slugs:
        raise Refused(
            _("There is no platform {platform}; there are: {known}.").format(
                platform=platform, known=", ".join(slugs)
            )
        )
    fields = registry.get(platform).platform.credentials
    unknown = credentials.keys() - {field.name for field in fields}
    if unknown:
        raise Refused(
            _("{platform} has no credential {name}.").format(platform=platform, name=sorted(unknown)[0])
        )
    missing = [field.name for field in fields if field.required and not credentials.get(field.name)]
    if missing:
        raise Refused(_("The credential {name} is missing.").format(name=missing[0]))
