"""What a person's consent on a platform gave an account, kept encrypted."""

from publishers.credentials import seal_text, unseal_text
from publishers.interface import Grant
from publishers.models import Account, Consent


def grant_of(account: Account) -> Grant | None:
    """Return the account's grant, None when nobody connected it. One query. Raises Unreadable."""
    kept = Consent.objects.filter(account=account).first()
    if kept is None:
        return None
    refresh_token = unseal_text(kept.refresh_token) if kept.refresh_token else ""
    return Grant(kept.subject, refresh_token, kept.expires_at, kept.scope)


def keep(account: Account, grant: Grant) -> None:
    """Store a renewed grant in the place of the earlier one."""
    Consent.objects.filter(account=account).update(
        subject=grant.subject,
        refresh_token=seal_text(grant.refresh_token) if grant.refresh_token else b"",
        scope=grant.scope,
        expires_at=grant.expires_at,
    )
